#include "indexd/gram.h"

#include <stdint.h>

#include "indexd/intern.h"
#include "indexd/radix.h"
#include "lib/utf8.h"
#include "tap.h"

/* What runs are made with: grams, the sort, and words known by number. */

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 32) * below >> 32);
}

static void *
room_for(size_t count, size_t size)
{
	void *room = calloc(count + 1, size);

	if (!room)
		abort();
	return room;
}

#define WORD_MAX 300
#define WORDS_EACH 3

struct word {
	char bytes[WORD_MAX];
	size_t len;
};

/* Numbers, each with some words. */
struct sample {
	uint64_t seed;
	uint32_t universe;
	struct word *words; /* WORDS_EACH a number; empty: none */
	struct grams grams;
	uint32_t *numbers; /* room for a list */
	bool *found; /* by number */
};

static void
make_word(struct word *w, uint64_t *seed)
{
	static const char letters[] = "aabbcz09\x80\xc3\xff";

	w->len = draw(seed, 40) ? draw(seed, 7) : draw(seed, WORD_MAX + 1);
	for (size_t i = 0; i < w->len; i++)
		w->bytes[i] = letters[draw(seed, sizeof letters - 1)];
}

static struct slice
word_at(const struct sample *s, uint32_t number, unsigned i)
{
	const struct word *w = &s->words[number * WORDS_EACH + i];

	return slice_of(w->bytes, w->len);
}

static void
sample_make(struct sample *s, uint32_t universe)
{
	size_t words = (size_t)universe * WORDS_EACH, count = 0;
	uint64_t *pairs = room_for(2 * words * WORD_MAX, sizeof *pairs);
	struct slice word;

	*s = (struct sample){.seed = universe, .universe = universe};
	s->words = room_for(words, sizeof *s->words);
	s->numbers = room_for(universe, sizeof *s->numbers);
	s->found = room_for(universe, sizeof *s->found);
	for (uint32_t n = 0; n < universe; n++)
		for (unsigned i = 0; i < WORDS_EACH; i++) {
			make_word(&s->words[n * WORDS_EACH + i], &s->seed);
			word = word_at(s, n, i);
			for (size_t k = 0; k < word.len; k++)
				pairs[count++] = gram_pair(gram_of(word, k), n);
		}
	if (grams_build(&s->grams, pairs, pairs + count, count, universe) < 0)
		abort();
	free(pairs);
}

static void
sample_free(struct sample *s)
{
	grams_free(&s->grams);
	free(s->words);
	free(s->numbers);
	free(s->found);
}

static bool
inside(struct slice word, struct slice part)
{
	return memmem(word.ptr, word.len, part.ptr, part.len) != NULL;
}

static bool (*const has_part[])(struct slice, struct slice) = {
    [GRAM_WHOLE] = slice_eq,
    [GRAM_PREFIX] = slice_starts,
    [GRAM_INSIDE] = inside,
};

static bool
is_wanted(const struct sample *s, uint32_t number, struct slice part,
    enum gram_part how)
{
	for (unsigned i = 0; i < WORDS_EACH; i++)
		if (has_part[how](word_at(s, number, i), part))
			return true;
	return false;
}

/* Which numbers the lists of a part hold; returns how many lists. */
static unsigned
look_up(struct sample *s, struct slice part, enum gram_part how)
{
	struct gram_lists lists = grams_find(&s->grams, part, how);
	struct posting list;
	unsigned count = 0;
	uint32_t n;

	memset(s->found, 0, s->universe * sizeof *s->found);
	for (; grams_next(&s->grams, &lists, &list); count++) {
		n = posting_copy(&list, s->universe, s->numbers, s->universe);
		for (uint32_t i = 0; i < n; i++)
			s->found[s->numbers[i]] = true;
	}
	return count;
}

/* What was asked, and what was wrong with the answers. */
struct verdict {
	unsigned asked;
	unsigned hits;
	unsigned lost;
	unsigned inexact; /* inside, and of three bytes or fewer */
	unsigned scattered; /* longer, and of several lists */
};

static void
judge(
    struct sample *s, struct verdict *v, struct slice part, enum gram_part how)
{
	bool exact = how == GRAM_INSIDE && part.len <= 3, wanted;
	unsigned lists = look_up(s, part, how);

	v->asked++;
	v->scattered += part.len > 2 && lists > 1;
	for (uint32_t n = 0; n < s->universe; n++) {
		wanted = is_wanted(s, n, part, how);
		v->hits += wanted;
		v->lost += wanted && !s->found[n];
		v->inexact += exact && !wanted && s->found[n];
	}
}

static struct slice
some_part(struct sample *s, struct word *room)
{
	struct slice part;

	if (draw(&s->seed, 4) == 0) {
		make_word(room, &s->seed);
		return slice_of(room->bytes, room->len);
	}
	part = word_at(
	    s, draw(&s->seed, s->universe), draw(&s->seed, WORDS_EACH));
	if (draw(&s->seed, 2))
		part = slice_skip(part, draw(&s->seed, 4));
	if (draw(&s->seed, 2) && part.len > 4)
		part.len = draw(&s->seed, 5);
	return part;
}

static void
test_parts(uint32_t universe, unsigned asked)
{
	struct sample s;
	struct verdict v = {0};
	struct word room;
	struct slice part;

	sample_make(&s, universe);
	while (v.asked < asked) {
		part = some_part(&s, &room);
		for (enum gram_part how = GRAM_WHOLE;
		     part.len > 0 && how <= GRAM_INSIDE; how++)
			judge(&s, &v, part, how);
	}
	tap_ok(v.lost == 0,
	    "%u parts find the words of %u numbers that have them, %u in all",
	    v.asked, universe, v.hits);
	tap_ok(v.inexact == 0,
	    "parts of up to three bytes inside words find nothing else");
	tap_ok(v.scattered == 0, "longer parts have one list at most");
	sample_free(&s);
}

/* The least of the lists of the grams around some bytes of a part. */
static uint32_t
least_list(struct sample *s, struct slice part, size_t from, size_t to)
{
	uint32_t least = UINT32_MAX, count;
	bool has;

	for (size_t i = from; i < to; i++) {
		count = 0;
		for (uint32_t n = 0; n < s->universe; n++) {
			has = false;
			for (unsigned w = 0; w < WORDS_EACH; w++)
				for (size_t k = 0; k < word_at(s, n, w).len;
				     k++)
					has |= gram_of(word_at(s, n, w), k) ==
					    gram_of(part, i);
			count += has;
		}
		least = count < least ? count : least;
	}
	return least;
}

static void
test_shortest(void)
{
	static const struct {
		size_t from; /* grams that tell, the last bytes' aside */
		size_t not_last;
	} bounds[] = {[GRAM_WHOLE] = {0, 0},
	    [GRAM_PREFIX] = {0, 1},
	    [GRAM_INSIDE] = {1, 1}};
	struct sample s;
	struct gram_lists lists;
	struct posting list;
	struct slice part;
	unsigned wrong = 0;
	uint32_t had;

	sample_make(&s, 60);
	for (uint32_t n = 0; n < s.universe; n++)
		for (enum gram_part how = GRAM_WHOLE; how <= GRAM_INSIDE;
		     how++) {
			part = word_at(&s, n, 0);
			if (part.len < 3 || part.len > 20)
				continue;
			lists = grams_find(&s.grams, part, how);
			had = grams_next(&s.grams, &lists, &list) ? list.count
								  : 0;
			wrong += had !=
			    least_list(&s, part, bounds[how].from,
				part.len - bounds[how].not_last);
		}
	tap_is_num(wrong, 0, "of the lists of a part, the shortest is taken");
	sample_free(&s);
}

/* Whether a word has all grams of a part that tell of its bytes inside. */
static bool
has_grams(struct slice part, const struct sample *s, uint32_t n)
{
	bool has;

	for (size_t i = 1; i + 1 < part.len; i++) {
		has = false;
		for (unsigned w = 0; w < WORDS_EACH; w++)
			for (size_t k = 0; k < word_at(s, n, w).len; k++)
				has |= gram_of(word_at(s, n, w), k) ==
				    gram_of(part, i);
		if (!has)
			return false;
	}
	return true;
}

/* Which must stay; what else stays was there before, in the same order. */
static bool
is_sifted(struct sample *s, struct slice part)
{
	uint32_t count = 0, left, at = 0;

	memset(s->found, 0, s->universe * sizeof *s->found);
	for (uint32_t n = 0; n < s->universe; n++)
		if (draw(&s->seed, 3) > 0) {
			s->numbers[count++] = n;
			s->found[n] = true;
		}
	left = grams_sift(&s->grams, part, s->numbers, count);
	for (uint32_t n = 0; n < s->universe; n++) {
		if (at < left && s->numbers[at] == n) {
			if (!s->found[n])
				return false;
			at++;
		} else if (s->found[n] && has_grams(part, s, n)) {
			return false;
		}
	}
	return at == left;
}

static void
test_sift(void)
{
	struct sample s;
	struct word room;
	struct slice part;
	unsigned wrong = 0;

	sample_make(&s, 200);
	for (unsigned i = 0; i < 2000; i++) {
		part = some_part(&s, &room);
		if (part.len >= 3)
			wrong += !is_sifted(&s, part);
	}
	tap_is_num(wrong, 0, "of any numbers, those that have all grams stay");
	sample_free(&s);
}

/* Parts of one and two bytes, whichever they are. */
static void
test_all_bytes(void)
{
	struct sample s;
	struct verdict v = {0};
	char bytes[2];

	sample_make(&s, 20);
	for (unsigned i = 0; i < 65536; i++) {
		bytes[0] = (char)(i >> 8);
		bytes[1] = (char)i;
		if (!utf8_is_word((unsigned char)bytes[0]) ||
		    !utf8_is_word((unsigned char)bytes[1]) ||
		    (i >> 8 != 0xff && i % 256 != 0xff && draw(&s.seed, 8) > 0))
			continue;
		for (enum gram_part how = GRAM_WHOLE; how <= GRAM_INSIDE; how++)
			judge(&s, &v, slice_of(bytes, 1 + i % 2), how);
	}
	tap_ok(v.lost == 0 && v.inexact == 0 && v.hits > 0,
	    "any one or two bytes of words may be looked for");
	sample_free(&s);
}

static void
test_no_grams(void)
{
	static const char *const parts[] = {
	    "a", "ab", "abc", "\xff", "\xff\xff", "abcdefgh"};
	uint64_t pairs[2];
	struct grams g;
	struct gram_lists lists;
	struct posting list;
	bool any = grams_build(&g, pairs, pairs + 1, 0, 1) < 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (enum gram_part how = GRAM_WHOLE; how <= GRAM_INSIDE;
		     how++) {
			lists = grams_find(&g, slice_str(parts[i]), how);
			any |= grams_next(&g, &lists, &list);
		}
	tap_ok(!any, "where there are no words, no part is found");
	grams_free(&g);
	grams_free(&g);
}

static void
test_pair_twice(void)
{
	uint32_t gram = gram_of(SLICE("a"), 0), numbers[4];
	uint64_t pairs[8] = {gram_pair(gram, 1), gram_pair(gram, 1),
	    gram_pair(gram, 1), gram_pair(gram, 3)};
	struct grams g;
	struct gram_lists lists;
	struct posting list = {.count = 0};

	grams_build(&g, pairs, pairs + 4, 4, 4);
	lists = grams_find(&g, SLICE("a"), GRAM_WHOLE);
	tap_ok(grams_next(&g, &lists, &list), "a word of one byte has a gram");
	tap_is_num(posting_copy(&list, 4, numbers, 4), 2,
	    "a pair that comes several times is one");
	tap_ok(numbers[0] == 1 && numbers[1] == 3, "numbers ascend");
	tap_ok(!grams_next(&g, &lists, &list), "after the last list is none");
	grams_free(&g);
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
	uint32_t wide = draw(seed, 2);
	bool same;

	spare = items + count;
	for (size_t i = 0; i < count; i++) {
		items[i] = (uint64_t)draw(seed, UINT32_MAX) << 32;
		items[i] = (items[i] | draw(seed, UINT32_MAX)) >>
		    (wide ? 0 : draw(seed, 64));
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
		which[i] = draw(&w->seed, below);
		if (i > 0 && draw(&w->seed, 8) == 0)
			which[i] = which[i - 1];
		word = spell(&spelt[i], which[i], draw(&w->seed, 256));
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
	test_parts(1, 300);
	test_parts(5, 300);
	test_parts(300, 3000);
	test_parts(3000, 600);
	test_shortest();
	test_sift();
	test_all_bytes();
	test_no_grams();
	test_pair_twice();
	test_sort();
	test_intern(INTERN_WORDS, 0);
	test_intern(INTERN_WORDS, INTERN_WORDS);
	test_intern(LONG_WORDS, 1);
	return tap_done();
}
