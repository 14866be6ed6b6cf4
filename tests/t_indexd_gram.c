#include "indexd/gram.h"

#include <stdint.h>

#include "dice.h"
#include "lib/utf8.h"
#include "tap.h"

/* Parts of words, looked for by their grams. */

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

	w->len = dice_draw(seed, 40) ? dice_draw(seed, 7)
				     : dice_draw(seed, WORD_MAX + 1);
	for (size_t i = 0; i < w->len; i++)
		w->bytes[i] = letters[dice_draw(seed, sizeof letters - 1)];
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

	if (dice_draw(&s->seed, 4) == 0) {
		make_word(room, &s->seed);
		return slice_of(room->bytes, room->len);
	}
	part = word_at(s, dice_draw(&s->seed, s->universe),
	    dice_draw(&s->seed, WORDS_EACH));
	if (dice_draw(&s->seed, 2))
		part = slice_skip(part, dice_draw(&s->seed, 4));
	if (dice_draw(&s->seed, 2) && part.len > 4)
		part.len = dice_draw(&s->seed, 5);
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
	uint32_t count = 0, left, at = 0, work;

	memset(s->found, 0, s->universe * sizeof *s->found);
	for (uint32_t n = 0; n < s->universe; n++)
		if (dice_draw(&s->seed, 3) > 0) {
			s->numbers[count++] = n;
			s->found[n] = true;
		}
	left = count;
	for (size_t i = 1; i + 1 < part.len; i++) {
		count = left;
		left = grams_sift(&s->grams, part, i, s->numbers, count, &work);
		if (left > count || (left > 0 && work < count + left))
			return false;
	}
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
		    (i >> 8 != 0xff && i % 256 != 0xff &&
			dice_draw(&s.seed, 8) > 0))
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
	return tap_done();
}
