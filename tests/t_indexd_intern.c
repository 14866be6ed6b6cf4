#include "indexd/intern.h"

#include <stdint.h>

#include "dice.h"
#include "indexd/radix.h"
#include "tap.h"

/* What readings are made with: words known by number, and the sort. */

static void *
room_for(size_t count, size_t size)
{
	void *room = calloc(count + 1, size);

	if (!room)
		abort();
	return room;
}

/* An item, by the bits that count, and by where it stood. */
struct item {
	uint64_t key;
	uint64_t item;
	size_t place;
};

static int
item_cmp(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static uint64_t
bits_between(uint64_t item, unsigned low, unsigned high)
{
	if (low == high)
		return 0;
	return item << (64 - high) >> (64 - high + low);
}

static bool
sorts(size_t count, unsigned low, unsigned high, uint64_t *seed)
{
	uint64_t *items = room_for(2 * count, sizeof *items), *spare, *got;
	struct item *want = room_for(count, sizeof *want);
	uint32_t wide = dice_draw(seed, 2);
	bool same;

	spare = items + count;
	for (size_t i = 0; i < count; i++) {
		items[i] = (uint64_t)dice_draw(seed, UINT32_MAX) << 32;
		items[i] = (items[i] | dice_draw(seed, UINT32_MAX)) >>
		    (wide ? 0 : dice_draw(seed, 64));
		want[i] = (struct item){
		    bits_between(items[i], low, high), items[i], i};
	}
	qsort(want, count, sizeof *want, item_cmp);
	got = radix_sort(items, spare, count, low, high);
	same = got == items || got == spare;
	for (size_t i = 0; i < count && same; i++)
		same = got[i] == want[i].item;
	free(items);
	free(want);
	return same;
}

static void
test_sort(void)
{
	static const size_t counts[] = {
	    0, 1, 2, 3, 100, 255, 256, 257, 16383, 16384, 16385, 40000};
	static const struct {
		unsigned low;
		unsigned high;
	} ranges[] = {{0, 64}, {20, 64}, {32, 56}, {0, 0}, {64, 64}, {5, 6},
	    {0, 1}, {63, 64}, {0, 8}, {0, 9}, {7, 20}, {0, 12}, {0, 13},
	    {3, 27}, {40, 64}, {1, 64}};
	uint64_t seed = 5;
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
			wrong += !sorts(
			    counts[i], ranges[k].low, ranges[k].high, &seed);
	tap_is_num(wrong, 0,
	    "items are sorted by any bits, equal ones as they "
	    "stood, be they few or many");
}

#define BATCH 64
#define INTERN_WORDS 60000u
#define LONG_WORDS 5000u
#define LONG_MAX 4096u

/* Word number n, always the same, with anything behind it. */
struct spelt {
	char bytes[LONG_MAX + INTERN_SLACK];
	size_t len;
};

static struct slice
spell(struct spelt *s, uint32_t n, uint32_t noise)
{
	char digits[16];
	size_t len = (size_t)snprintf(digits, sizeof digits, "%u", n);

	s->len = 0;
	switch (n % 5) {
	case 0: /* equal first eight bytes */
		memcpy(s->bytes, "eightequ", s->len = 8);
		break;
	case 1: /* equal up to the end */
		s->len = n / 5 % 300;
		memset(s->bytes, 'e', s->len);
		break;
	case 2: /* each begins others */
		s->len = n < LONG_MAX ? n : 100;
		memset(s->bytes, 0x80, s->len);
		len = n < LONG_MAX ? 0 : len;
		break;
	default:
		break;
	}
	memcpy(s->bytes + s->len, digits, len);
	s->len += len;
	memset(s->bytes + s->len, (int)noise, INTERN_SLACK);
	return slice_of(s->bytes, s->len);
}

/* Words, and the numbers that they got. */
struct words {
	struct intern intern;
	uint32_t *ids;
	uint32_t *spelt; /* by number: which word */
	uint32_t count;
	uint64_t seed;
	unsigned wrong;
};

static void
expect(struct words *w, uint32_t n, uint32_t id)
{
	if (w->ids[n] != INTERN_NONE) {
		w->wrong += id != w->ids[n];
		return;
	}
	w->wrong += id != w->count;
	w->wrong += w->intern.words[id].seen[0] != 0;
	w->wrong += w->intern.words[id].last != 0;
	w->intern.words[id].last = n + 1;
	w->spelt[w->count++] = n;
	w->ids[n] = id;
}

/* Words are looked up together, some of them the same. */
static void
look_up_batch(struct words *w, uint32_t below)
{
	static struct spelt spelt[BATCH];
	struct intern_look look[BATCH];
	uint32_t which[BATCH];
	struct slice word;

	for (unsigned i = 0; i < BATCH; i++) {
		which[i] = dice_draw(&w->seed, below);
		if (i > 0 && dice_draw(&w->seed, 8) == 0)
			which[i] = which[i - 1];
		word = spell(&spelt[i], which[i], dice_draw(&w->seed, 256));
		intern_look(&w->intern, word, &look[i]);
	}
	for (unsigned i = 0; i < BATCH; i++)
		intern_approach(&w->intern, &look[i]);
	for (unsigned i = 0; i < BATCH; i++)
		expect(w, which[i], intern_word(&w->intern, &look[i]));
}

static unsigned
count_changed(const struct words *w)
{
	static struct spelt spelt;
	unsigned changed = w->intern.count != w->count;

	for (uint32_t id = 0; id < w->count; id++) {
		changed += !slice_eq(intern_text(&w->intern, id),
		    spell(&spelt, w->spelt[id], 0));
		changed += w->intern.words[id].last != w->spelt[id] + 1;
	}
	return changed;
}

static void
test_intern(uint32_t below, uint32_t expected)
{
	static const struct hash_key key = {
	    {0x9e3779b97f4a7c15, 0xd1b54a32d192ed03}};
	struct words w = {.seed = below};

	w.ids = room_for(below, sizeof *w.ids);
	w.spelt = room_for(below, sizeof *w.spelt);
	memset(w.ids, 0xff, below * sizeof *w.ids);
	if (intern_init(&w.intern, &key, expected) < 0)
		abort();
	for (uint32_t i = 0; i < below / BATCH * 4; i++)
		look_up_batch(&w, below);
	tap_ok(w.wrong == 0 && w.count > below / 2,
	    "%u words keep their numbers where %u were expected", w.count,
	    expected);
	tap_is_num(count_changed(&w), 0,
	    "and their bytes, and what is said "
	    "of them");
	intern_free(&w.intern);
	free(w.ids);
	free(w.spelt);
}

int
main(void)
{
	test_sort();
	test_intern(INTERN_WORDS, 0);
	test_intern(INTERN_WORDS, INTERN_WORDS);
	test_intern(LONG_WORDS, 1);
	return tap_done();
}
