#include "indexd/slab.h"

#include <errno.h>
#include <stdint.h>

#include "dice.h"
#include "tap.h"

#define MOST 20000u

/* More than round numbers of pages and records explain. */
#define MEMORY_SLACK 65536

struct record {
	uint32_t key;
	uint32_t other;
	uint64_t check;
	uint32_t tail;
};

/* What the slab must hold: which record each key has, and the reverse. */
struct model {
	struct slab slab;
	uint32_t id[MOST];
	uint32_t key[2 * MOST];
	uint32_t keys[MOST]; /* those in use, then those that are not */
	uint32_t live;
	unsigned moves;
	unsigned wrong;
	uint64_t random;
};

static struct record *
at(const struct model *m, uint32_t id)
{
	return slab_at(&m->slab, id);
}

static uint64_t
check_of(uint32_t key)
{
	return key * 0x9e3779b97f4a7c15 + 1;
}

static void
model_init(struct model *m)
{
	*m = (struct model){.random = 0x2545f4914f6cdd1d};
	slab_init(&m->slab, sizeof(struct record));
	for (uint32_t i = 0; i < MOST; i++) {
		m->id[i] = SLAB_NONE;
		m->keys[i] = i;
	}
	for (uint32_t i = 0; i < 2 * MOST; i++)
		m->key[i] = SLAB_NONE;
}

static bool
holds(const struct model *m, uint32_t key)
{
	uint32_t id = m->id[key];
	const struct record *r;

	if (id >= m->slab.end)
		return false;
	r = at(m, id);
	return m->key[id] == key && r->key == key &&
	    r->check == check_of(key) && r->tail == ~key;
}

static void
add(struct model *m)
{
	uint32_t id = slab_new(&m->slab), key = m->keys[m->live];

	if (id >= 2 * MOST || m->key[id] != SLAB_NONE || at(m, id)->key != 0) {
		tap_ok(false, "a new record is one that was free");
		exit(tap_done());
	}
	*at(m, id) = (struct record){key, id, check_of(key), ~key};
	m->id[key] = id;
	m->key[id] = key;
	m->live++;
}

/* The key that stands at a place among those in use. */
static void
drop(struct model *m, uint32_t place)
{
	uint32_t key = m->keys[place];

	m->wrong += !holds(m, key);
	m->live--;
	m->keys[place] = m->keys[m->live];
	m->keys[m->live] = key;
	m->key[m->id[key]] = SLAB_NONE;
	slab_drop(&m->slab, m->id[key]);
	m->id[key] = SLAB_NONE;
}

static void
moved(void *context, uint32_t from, uint32_t to)
{
	struct model *m = context;
	uint32_t key = m->key[from];

	m->moves++;
	if (key == SLAB_NONE || m->key[to] != SLAB_NONE || to >= from) {
		m->wrong++;
		return;
	}
	m->key[from] = SLAB_NONE;
	m->key[to] = key;
	m->id[key] = to;
	m->wrong += !holds(m, key);
}

static unsigned
count_wrong(const struct model *m)
{
	unsigned wrong = m->wrong + (m->slab.live != m->live);

	for (uint32_t i = 0; i < m->live; i++)
		wrong += !holds(m, m->keys[i]);
	return wrong;
}

/* A step that comes no further than its budget lets it. */
static bool
step(struct model *m, unsigned budget)
{
	uint32_t end = m->slab.end;
	uint32_t low = m->slab.low == end ? 0 : m->slab.low;
	bool sparse = slab_sparse(&m->slab), more;

	m->moves = 0;
	more = slab_close_up(&m->slab, budget, moved, m);
	m->wrong += m->moves > budget || end - m->slab.end > budget;
	m->wrong += sparse && m->slab.low - low > budget;
	m->wrong += more != slab_sparse(&m->slab);
	m->wrong += !sparse && (more || m->moves > 0);
	return more;
}

/* How many steps until no more is to be done. */
static unsigned
finish(struct model *m, unsigned budget)
{
	unsigned steps = 1;

	while (steps < 4 * MOST && step(m, budget))
		steps++;
	return steps;
}

static void
fill(struct model *m)
{
	while (m->live < MOST)
		add(m);
}

/* All but one in so many, by the order in which they stand. */
static void
thin(struct model *m, uint32_t keep)
{
	for (uint32_t id = 0; id < m->slab.end; id++)
		if (id % keep && m->key[id] != SLAB_NONE) {
			uint32_t place = 0;

			while (m->keys[place] != m->key[id])
				place++;
			drop(m, place);
		}
}

static bool
is_small(const struct model *m)
{
	return m->slab.region.bytes <=
	    2 * m->live * sizeof(struct record) + MEMORY_SLACK;
}

static void
test_use(struct model *m)
{
	uint32_t id;

	model_init(m);
	tap_ok(!slab_sparse(&m->slab), "an empty slab has nothing to give");
	tap_ok(!step(m, 1), "and nothing to do");
	fill(m);
	tap_is_num(count_wrong(m), 0, "records stay while others come");
	tap_ok(!step(m, MOST), "a full slab has nothing to do");
	id = m->id[5];
	drop(m, 5);
	add(m);
	tap_is_num(m->key[id], 5, "a free record is used again");
	for (int i = 0; i < 255; i++)
		drop(m, 0);
	tap_ok(!slab_sparse(&m->slab), "a few holes are worth no move");
	tap_ok(!step(m, MOST) && m->moves == 0, "so none is made");
	while (m->live > MOST / 4 * 3)
		drop(m, 0);
	tap_ok(!slab_sparse(&m->slab), "nor are a third as many as records");
	while (m->live > MOST / 8 * 5)
		drop(m, 0);
	tap_ok(slab_sparse(&m->slab), "more than half as many are");
	slab_free(&m->slab);
}

static void
test_steps(struct model *m)
{
	size_t most;
	unsigned steps;

	model_init(m);
	fill(m);
	most = m->slab.region.bytes;
	thin(m, 4);
	tap_ok(slab_sparse(&m->slab), "many holes are worth some moves");
	tap_ok(step(m, 100), "one step does not do it all");
	tap_ok(m->moves > 0 && m->moves <= 100, "it moves what it may");
	tap_is_num(count_wrong(m), 0, "between steps all is there");
	steps = finish(m, 100);
	tap_ok(steps <= MOST / 100, "many steps do");
	tap_is_num(m->slab.end, MOST / 4, "no hole is left");
	tap_is_num(count_wrong(m), 0, "each move is told");
	tap_ok(m->slab.region.bytes < most / 3, "memory goes back");
	slab_free(&m->slab);
}

static void
test_all_gone(struct model *m)
{
	size_t most;

	model_init(m);
	fill(m);
	while (m->live > 0)
		drop(m, 0);
	most = m->slab.region.bytes;
	tap_ok(step(m, MOST / 2), "what held many goes by and by");
	tap_ok(m->slab.region.bytes < most * 2 / 3, "some of it at each step");
	tap_ok(!step(m, MOST / 2), "until it is gone");
	tap_is_num(m->moves, 0, "for which nothing moves");
	tap_is_num((long long)m->slab.region.bytes, 0, "all of it in the end");
	fill(m);
	tap_is_num(count_wrong(m), 0, "an emptied slab fills again");
	slab_free(&m->slab);
}

static void
test_between(struct model *m)
{
	uint32_t end, id;

	model_init(m);
	fill(m);
	thin(m, 4);
	step(m, 1000);
	id = m->id[m->keys[0]];
	drop(m, 0);
	add(m);
	tap_ok(m->key[id] != SLAB_NONE,
	    "a record dropped before the cursor is used again at once");
	drop(m, 1);
	end = m->slab.end;
	while (m->live < end / 2)
		add(m);
	tap_is_num(m->slab.end, end, "new records take holes not yet seen");
	tap_ok(slab_sparse(&m->slab), "what was begun is to be ended");
	finish(m, 1);
	tap_is_num(m->slab.end, m->live, "and is");
	tap_is_num(count_wrong(m), 0, "nothing is lost by all that");
	slab_free(&m->slab);
}

static void
test_no_steps(struct model *m)
{
	uint32_t end;

	model_init(m);
	fill(m);
	thin(m, 2);
	end = m->slab.end;
	step(m, 1);
	while (m->live < MOST)
		add(m);
	tap_ok(m->slab.end < end + end / 4,
	    "with no further step, new records find most holes");
	tap_ok(!slab_sparse(&m->slab), "and end what was begun");
	while (m->live > 0) {
		drop(m, m->live - 1);
		step(m, 0);
	}
	tap_ok(step(m, 0), "a step of no budget does not end it");
	tap_is_num(count_wrong(m), 0, "nor does it harm");
	slab_free(&m->slab);
}

static void
test_tail_gone(struct model *m)
{
	model_init(m);
	fill(m);
	thin(m, 2);
	step(m, MOST / 8);
	while (m->live > 1)
		drop(m, dice_draw(&m->random, m->live));
	finish(m, 7);
	tap_ok(m->slab.end <= 256, "what is dropped meanwhile goes as well");
	tap_ok(is_small(m), "with its memory");
	tap_is_num(count_wrong(m), 0, "the last one stays");
	slab_free(&m->slab);
}

/* How a mix grows or shrinks, and what it steps meanwhile. */
struct mix {
	const char *name;
	unsigned adds; /* of 100 changes */
	unsigned steps; /* per 1000 changes */
	unsigned budget;
	enum { ANY, NEWEST, OLDEST } drops;
	bool to_end; /* takes steps until none is left */
};

static void
change(struct model *m, const struct mix *mix)
{
	if (dice_draw(&m->random, 100) < mix->adds) {
		if (m->live < MOST)
			add(m);
	} else if (m->live > 0) {
		static const uint32_t shares[] = {
		    [ANY] = 1, [NEWEST] = 16, [OLDEST] = 16};
		uint32_t among = m->live / shares[mix->drops] + 1;
		uint32_t place = dice_draw(&m->random, among) % m->live;

		drop(m, mix->drops == NEWEST ? m->live - 1 - place : place);
	}
	if (dice_draw(&m->random, 1000) < mix->steps)
		step(m, dice_draw(&m->random, mix->budget + 1));
}

static void
test_mix(struct model *m, const struct mix *mix)
{
	unsigned wrong;

	for (unsigned i = 0; i < 60000; i++) {
		change(m, mix);
		if (i % 5000 == 0)
			m->wrong += count_wrong(m) > 0;
	}
	wrong = count_wrong(m);
	tap_ok(wrong == 0, "%s leave every record where it is said to be",
	    mix->name);
	if (!mix->to_end)
		return;
	finish(m, mix->budget + 1);
	tap_ok(is_small(m) && count_wrong(m) == 0, "then memory comes back");
}

static void
test_mixes(struct model *m)
{
	static const struct mix mixes[] = {
	    {"many new", 95, 10, 50, ANY, false},
	    {"as many new as old", 50, 100, 100, ANY, true},
	    {"more old than new", 30, 5, 20, ANY, true},
	    {"some new without steps", 80, 0, 0, ANY, false},
	    {"old ones with a few steps", 20, 1, 500, OLDEST, true},
	    {"many new with tiny steps", 90, 500, 1, ANY, false},
	    {"new ones gone first", 45, 20, 100, NEWEST, true},
	    {"old ones gone first", 45, 50, 100, OLDEST, false},
	    {"losses", 5, 30, 40, ANY, true},
	    {"many new after that", 99, 1000, 2, ANY, false},
	    {"losses with great steps", 10, 100, 30000, ANY, true},
	};

	model_init(m);
	for (unsigned round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++)
			test_mix(m, &mixes[i]);
	while (m->live > 0)
		drop(m, dice_draw(&m->random, m->live));
	finish(m, 100);
	tap_is_num(count_wrong(m), 0, "shrunk to nothing, nothing is wrong");
	tap_is_num((long long)m->slab.region.bytes, 0, "no memory is kept");
	slab_free(&m->slab);
}

static void
test_full(void)
{
	struct slab s;

	slab_init(&s, sizeof(struct record));
	s.low = s.end = s.live = SLAB_NONE;
	errno = 0;
	tap_ok(slab_new(&s) == SLAB_NONE && errno == ENOMEM,
	    "there are no more records than numbers");
}

int
main(void)
{
	struct model *m = malloc(sizeof *m);

	if (!m)
		return 1;
	test_use(m);
	test_steps(m);
	test_all_gone(m);
	test_between(m);
	test_no_steps(m);
	test_tail_gone(m);
	test_mixes(m);
	test_full();
	free(m);
	return tap_done();
}
