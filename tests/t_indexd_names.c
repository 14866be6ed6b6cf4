#include "indexd/names.h"

#include <errno.h>
#include <stdint.h>

#include "dice.h"
#include "tap.h"

/* Names in their segments. */

#define KEYS 6000u
#define SEGMENT_MAX 256u
#define SLOTS_SEEN 400u

static const struct hash_key hash_key = {{11, 13}};

struct path {
	char text[NAMES_PATH_MAX + 1];
};

/* Path number key, always the same, and seldom a long one. */
static struct slice
path_of(struct path *p, uint32_t key)
{
	int len = snprintf(
	    p->text, sizeof p->text, "dir %u/file %u.mp3", key % 10, key);
	size_t more = key % 50 == 0 ? key % NAMES_PATH_MAX : key % 40;

	if (key == 1)
		more = NAMES_PATH_MAX;
	if (more > NAMES_PATH_MAX - (size_t)len)
		more = NAMES_PATH_MAX - (size_t)len;
	memset(p->text + len, 'x', more);
	return slice_of(p->text, (size_t)len + more);
}

/* Some paths share their tags. */
static uint32_t
tag_of(uint32_t key)
{
	struct path p;

	return key % 8 == 0 ? 12345 : names_tag(&hash_key, path_of(&p, key));
}

/* Names, and what they should be. */
struct model {
	struct names names;
	uint32_t id[KEYS]; /* NAMES_NONE: not there */
	bool flag[KEYS];
	uint64_t given[SLOTS_SEEN][SEGMENT_MAX]; /* by the segment of serial */
	uint64_t generation;
	uint64_t last_serial;
	uint32_t live;
	unsigned wrong;
	unsigned reused;
	unsigned moved;
	unsigned removed;
	uint64_t seed;
};

static void
model_init(struct model *m)
{
	memset(m, 0, sizeof *m);
	names_init(&m->names, SEGMENT_MAX);
	memset(m->id, 0xff, sizeof m->id);
	m->seed = 77;
}

/* A number that is new: no name of this segment may have had it. */
static void
note_given(struct model *m, uint32_t id)
{
	const struct segment *s = names_segment(&m->names, id);
	uint32_t index = names_index(id);

	if (!s || s->slot >= SLOTS_SEEN || index >= SEGMENT_MAX) {
		m->wrong++;
		return;
	}
	m->reused += m->given[s->slot][index] == s->serial;
	m->given[s->slot][index] = s->serial;
	m->wrong += s->sealed || s != m->names.head;
	m->wrong += s->end > SEGMENT_MAX || index != s->end - 1;
	m->wrong += s->serial < m->last_serial;
	m->last_serial = s->serial;
}

static void
add(struct model *m, uint32_t key)
{
	struct path p;
	uint32_t id = names_add(&m->names, tag_of(key), path_of(&p, key));

	m->id[key] = id;
	m->live++;
	m->flag[key] = false;
	note_given(m, id);
	names_at(&m->names, id)->head = key;
	if (dice_draw(&m->seed, 3) > 0)
		return;
	names_at(&m->names, id)->place |= SEGMENT_FLAG;
	m->flag[key] = true;
}

static void
drop(struct model *m, uint32_t key)
{
	names_drop(&m->names, m->id[key]);
	m->id[key] = NAMES_NONE;
	m->live--;
}

static void
check_key(struct model *m, uint32_t key)
{
	struct path p;
	struct slice path = path_of(&p, key);
	uint32_t id = names_find(&m->names, tag_of(key), path);
	const struct name *name;

	if (id != m->id[key]) {
		m->wrong++;
		return;
	}
	if (id == NAMES_NONE)
		return;
	name = names_at(&m->names, id);
	m->wrong += name->head != key || name->tag != tag_of(key);
	m->wrong += !slice_eq(names_path(&m->names, id), path);
	m->wrong += !(name->place & SEGMENT_FLAG) != !m->flag[key];
}

/* Move a live name, which must be of a sealed segment, to the head. */
static void
move(struct model *m, struct segment *s, uint32_t index)
{
	uint32_t key = segment_at(s, index)->head;
	uint32_t id = names_move(&m->names, names_number(s, index));

	m->wrong += m->names.generation != ++m->generation;
	m->moved++;
	m->id[key] = id;
	note_given(m, id);
	check_key(m, key);
	m->wrong += segment_at(s, index)->head != SEGMENT_DEAD;
}

/* Empty a segment that is worth it, and take it away. */
static bool
tidy(struct model *m)
{
	struct segment *s = names_sparse(&m->names);

	m->wrong += m->names.generation != m->generation;
	if (!s)
		return false;
	m->wrong += !s->sealed || m->names.head == s;
	for (uint32_t i = 0; i < s->end; i++)
		if (segment_at(s, i)->head != SEGMENT_DEAD)
			move(m, s, i);
	m->wrong += s->live != 0;
	names_remove(&m->names, s);
	m->wrong += m->names.slots[s->slot] != NULL &&
	    m->names.slots[s->slot] == s;
	m->wrong += m->names.generation != ++m->generation;
	m->removed++;
	segment_free(s);
	return true;
}

/* What segments say of themselves adds up, and they come in order. */
static void
check_segments(struct model *m)
{
	const struct segment *s;
	uint64_t serial = 0;
	uint32_t live = 0, waiting = 0, count = 0, there = 0;

	for (s = names_next(&m->names, 0); s;
	     s = names_next(&m->names, serial)) {
		m->wrong += s->serial <= serial;
		serial = s->serial;
		live += s->live;
		waiting += s->end - segment_indexed(s);
		count++;
	}
	for (uint32_t i = 0; i < NAMES_SLOTS; i++)
		there += m->names.slots[i] != NULL;
	m->wrong += count != there || live != m->live;
	m->wrong += m->names.live != m->live || m->names.waiting != waiting;
}

static void
check_all(struct model *m)
{
	for (uint32_t key = 0; key < KEYS; key++)
		check_key(m, key);
	check_segments(m);
}

static void
change(struct model *m, unsigned adds, bool tidies)
{
	uint32_t key = dice_draw(&m->seed, KEYS);

	check_key(m, key);
	if (m->id[key] == NAMES_NONE) {
		if (dice_draw(&m->seed, 100) < adds)
			add(m, key);
	} else if (dice_draw(&m->seed, 100) >= adds) {
		drop(m, key);
	}
	if (tidies && dice_draw(&m->seed, 100) == 0)
		tidy(m);
}

static void
test_changes(struct model *m)
{
	static const struct {
		unsigned adds;
		bool tidies;
	} mixes[] = {{90, true}, {50, true}, {20, true}, {80, false},
	    {10, false}, {70, true}, {5, true}, {60, true}};

	model_init(m);
	for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++) {
		for (unsigned n = 0; n < 25000; n++)
			change(m, mixes[i].adds, mixes[i].tidies);
		check_all(m);
	}
	tap_is_num(m->wrong, 0,
	    "names are found, with all that is said of them, whatever comes "
	    "and goes");
	tap_is_num(
	    m->reused, 0, "no number comes twice while its segment is there");
	tap_ok(m->moved > 1000 && m->removed > 100,
	    "%u names have moved, and %u segments gone", m->moved, m->removed);
	tap_ok(names_bytes(&m->names) > 0, "they take memory");
}

static void
test_all_gone(struct model *m)
{
	for (uint32_t key = 0; key < KEYS; key++)
		if (m->id[key] != NAMES_NONE)
			drop(m, key);
	tap_is_num(m->names.live, 0, "all names may die");
	while (tidy(m))
		;
	check_all(m);
	tap_is_num(m->wrong, 0, "and all their segments go");
	tap_ok(m->names.slot_end == 0 && !m->names.head, "none is left");
	tap_is_num(m->names.waiting, 0, "and nothing waits");
	add(m, 1);
	check_all(m);
	tap_is_num(m->wrong, 0, "after that, names are taken again");
	names_free(&m->names);
	tap_ok(!names_next(&m->names, 0), "names that were freed are none");
}

/* A walk in the order of serials while segments come and go. */
static void
test_walk(struct model *m)
{
	uint64_t serial = 0, top = 0;
	unsigned seen = 0, disorder = 0;
	struct segment *s;

	model_init(m);
	for (uint32_t key = 0; key < 10 * SEGMENT_MAX; key++)
		add(m, key);
	while ((s = names_next(&m->names, serial))) {
		disorder += s->serial <= serial;
		serial = s->serial;
		top = m->names.serials > top ? m->names.serials : top;
		for (uint32_t i = 0; i < s->end && seen % 2 == 0; i++)
			if (segment_at(s, i)->head != SEGMENT_DEAD)
				drop(m, segment_at(s, i)->head);
		while (seen % 2 == 0 && tidy(m))
			;
		for (uint32_t key = 0; key < SEGMENT_MAX && seen < 12; key++)
			add(m, (10 + seen) * SEGMENT_MAX + key);
		seen++;
	}
	tap_is_num(disorder, 0, "a walk meets segments in order of serials");
	tap_ok(seen > 10 && serial == top, "those that come meanwhile too");
	check_all(m);
	tap_is_num(m->wrong, 0, "though others take the slots that are free");
	names_free(&m->names);
}

static void
test_seal(struct model *m)
{
	struct segment *s;

	model_init(m);
	add(m, 0);
	s = m->names.head;
	tap_ok(!names_sparse(&m->names) && !s->sealed,
	    "a segment whose names live is not sparse");
	drop(m, 0);
	tap_ok(names_sparse(&m->names) == s, "one whose names are dead is");
	tap_ok(s->sealed && !m->names.head, "and takes no more names");
	add(m, 1);
	tap_ok(m->names.head != s, "a new name goes to another");
	names_remove(&m->names, s);
	segment_free(s);
	tap_is_num(m->names.waiting, 1, "who has gone does not wait");
	add(m, 2);
	tap_ok(names_segment(&m->names, m->id[2]) ==
		names_segment(&m->names, m->id[1]),
	    "and those that come follow each other");
	names_free(&m->names);
}

/* Long texts that die are worth a move even if few. */
static void
test_dead_text(struct model *m)
{
	struct names *n = &m->names;
	struct path p;
	struct slice text;
	uint32_t id[40];

	model_init(m);
	memset(p.text, 'y', sizeof p.text);
	for (uint32_t i = 0; i < 40; i++) {
		memcpy(p.text, &i, sizeof i);
		text = slice_of(p.text, i < 20 ? NAMES_PATH_MAX : 100);
		id[i] = names_add(n, i, text);
		names_at(n, id[i])->head = i;
	}
	tap_ok(!names_sparse(n), "forty live names stay where they are");
	for (uint32_t i = 0; i < 20; i++)
		names_drop(n, id[i]);
	tap_ok(names_sparse(n) != NULL,
	    "when twenty long ones of them die, the others move");
	names_free(n);
}

/* There are no more segments than slots. */
static void
test_full(void)
{
	static struct names n;
	struct path p;
	uint64_t generation;
	uint32_t key = 0, id = 0;
	struct segment *s;

	names_init(&n, 1);
	for (; key < NAMES_SLOTS; key++) {
		id = names_add(&n, key, path_of(&p, key));
		if (id == NAMES_NONE)
			break;
		names_at(&n, id)->head = key;
	}
	tap_is_num(key, NAMES_SLOTS, "each slot takes a segment");
	errno = 0;
	tap_ok(names_add(&n, key, path_of(&p, key)) == NAMES_NONE &&
		errno == ENOMEM,
	    "past them, a name is refused");
	tap_ok(n.live == NAMES_SLOTS && n.waiting == NAMES_SLOTS,
	    "and leaves nothing behind");
	generation = n.generation;
	errno = 0;
	tap_ok(names_move(&n, id) == NAMES_NONE && errno == ENOMEM,
	    "nor has a name room to move");
	tap_ok(n.generation == generation &&
		names_find(&n, key - 1, path_of(&p, key - 1)) == id,
	    "it stays where it was");
	id = names_find(&n, 5, path_of(&p, 5));
	s = names_segment(&n, id);
	names_drop(&n, id);
	names_remove(&n, s);
	segment_free(s);
	id = names_add(&n, key, path_of(&p, key));
	tap_ok(id != NAMES_NONE, "a segment that went makes room for another");
	names_at(&n, id)->head = key;
	tap_ok(names_next(&n, n.serials - 1) == names_segment(&n, id),
	    "whose serial is the last, whatever its slot");
	names_free(&n);
}

int
main(void)
{
	struct model *m = malloc(sizeof *m);

	if (!m)
		return 1;
	test_changes(m);
	test_all_gone(m);
	test_walk(m);
	test_seal(m);
	test_dead_text(m);
	test_full();
	free(m);
	return tap_done();
}
