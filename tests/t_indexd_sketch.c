#include "indexd/sketch.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "indexd/reading.h"
#include "indexd/title.h"
#include "lib/utf8.h"
#include "tap.h"

/* Sketches of random names: what a name holds is never missed. */

#define NAMES_MOST 3000u
#define NAME_BYTES 200

static const struct hash_key key = {{20010911, 19690720}};

struct sample {
	uint64_t seed;
	struct draft draft;
	uint32_t *order;
	uint32_t *stems;
	struct sketch sketch;
	struct window window;
	char room[TITLE_ROOM];
};

static size_t
make_name(uint64_t *seed, char name[NAME_BYTES])
{
	static const char bytes[] =
	    "aaaeeeiinnrrssttlldcmpg0123456789ABC \xc3\xa9-_./";
	size_t len = 1 + dice_draw(seed, 60);

	for (size_t i = 0; i < len; i++)
		name[i] = bytes[dice_draw(seed, sizeof bytes - 1)];
	return len;
}

static void
make_sample(struct sample *s, uint32_t count)
{
	char name[NAME_BYTES];
	size_t len;

	for (uint32_t i = 0; i < count; i++) {
		len = make_name(&s->seed, name);
		if (draft_add(&s->draft, i, slice_of(name, len)) < 0)
			abort();
	}
	s->order = draft_order(&s->draft);
	s->stems = calloc(s->draft.count, sizeof *s->stems);
	if (!s->order || !s->stems ||
	    sketch_new(&s->sketch, &s->draft, s->order, &key, s->stems) < 0)
		abort();
}

static void
sample_free(struct sample *s)
{
	draft_free(&s->draft);
	sketch_free(&s->sketch);
	window_free(&s->window);
	free(s->order);
	free(s->stems);
}

static struct title
title_of(struct sample *s, uint32_t number)
{
	return title_read(draft_path(&s->draft, s->order[number]), s->room);
}

static bool
window_has(const struct window *w, uint32_t number)
{
	return window_next(w, number) == number && number < w->to;
}

/* What the names from from up to to may hold. */
static void
ask(struct sample *s, struct slice part, enum gram_part how,
    enum sketch_side side, uint32_t from, uint32_t to)
{
	if (window_open(&s->window, from, to) < 0)
		abort();
	sketch_mark(&s->sketch, part, how, side, &s->window);
}

/* Some part of a word, as it may be asked for. */
static struct slice
some_part(struct sample *s, struct slice word, enum gram_part how)
{
	size_t from = 0, len = word.len;

	if (how == GRAM_INSIDE)
		from = dice_draw(&s->seed, (uint32_t)len);
	if (how != GRAM_WHOLE)
		len = 1 + dice_draw(&s->seed, (uint32_t)(len - from));
	return slice_of(word.ptr + from, len);
}

/* Whether each word of a text is found in a window around the name. */
static bool
finds_words(
    struct sample *s, uint32_t number, struct slice text, enum sketch_side side)
{
	static const enum gram_part ways[] = {
	    GRAM_WHOLE, GRAM_PREFIX, GRAM_INSIDE};
	uint32_t from = dice_draw(&s->seed, number / 64 + 1) * 64, to;
	enum gram_part how;
	struct slice word;

	while (utf8_word(&text, &word)) {
		how = ways[dice_draw(&s->seed, 3)];
		to = number + 1 + dice_draw(&s->seed, s->draft.count - number);
		ask(s, some_part(s, word, how), how, side, from, to);
		if (!window_has(&s->window, number))
			return false;
	}
	return true;
}

static bool
finds_all(struct sample *s)
{
	struct title t;

	for (uint32_t number = 0; number < s->draft.count; number++) {
		t = title_of(s, number);
		if (!finds_words(s, number, t.base, SKETCH_BASE) ||
		    !finds_words(s, number,
			slice_of(t.text.ptr, t.text.len - t.base.len),
			SKETCH_DIRS))
			return false;
	}
	return true;
}

static bool
stems_are_hashed(struct sample *s)
{
	for (uint32_t number = 0; number < s->draft.count; number++)
		if (s->stems[number] !=
		    reading_hash(&key, title_of(s, number).stem))
			return false;
	return true;
}

/* Whatever a window's bounds are, it has what a whole one has within them. */
static bool
bounds_hold(struct sample *s, struct slice part)
{
	struct window whole = {0};
	uint32_t count = s->draft.count, from, to;
	bool same = true;

	ask(s, part, GRAM_INSIDE, SKETCH_BASE, 0, count);
	whole = s->window;
	s->window = (struct window){0};
	for (unsigned i = 0; i < 50; i++) {
		from = dice_draw(&s->seed, count / 64 + 1) * 64;
		if (from >= count)
			continue;
		to = from + dice_draw(&s->seed, count - from + 1);
		ask(s, part, GRAM_INSIDE, SKETCH_BASE, from, to);
		for (uint32_t n = from; n < to; n++)
			same &= window_has(&s->window, n) ==
			    window_has(&whole, n);
		same &= window_next(&s->window, to) == to;
	}
	window_free(&whole);
	return same;
}

static uint32_t
count_found(struct sample *s, struct slice part, enum gram_part how)
{
	ask(s, part, how, SKETCH_BASE, 0, s->draft.count);
	return window_count(&s->window);
}

/* What no name holds is found in few. */
static void
test_selective(void)
{
	struct sample s = {.seed = 7};
	uint32_t words = 0, letters = 0;
	char word[8];

	make_sample(&s, NAMES_MOST);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(word, sizeof word, "%c%c%c%c%c", "jkqvwxyz"[i % 8],
		    "jkqvwxyz"[i / 8 % 8], 'a' + (int)(i % 26),
		    "jkqvwxyz"[i / 3 % 8], "jkqvwxyz"[i / 5 % 8]);
		words += count_found(&s, slice_str(word), GRAM_INSIDE);
		word[2] = '\0';
		letters += count_found(&s, slice_str(word), GRAM_INSIDE);
	}
	tap_ok(words < NAMES_MOST * 200 / 100,
	    "a word that no name has is seen in less than a hundredth (%u)",
	    words);
	tap_ok(letters < NAMES_MOST * 200 / 5,
	    "two letters that no name has in less than a fifth (%u)", letters);
	sample_free(&s);
}

static void
test_sizes(void)
{
	static const uint32_t counts[] = {
	    1, 2, 63, 64, 65, 511, 512, 513, 1100, NAMES_MOST};
	struct sample s;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		s = (struct sample){.seed = counts[i]};
		make_sample(&s, counts[i]);
		tap_ok(finds_all(&s), "of %u names, each is found by its words",
		    counts[i]);
		tap_ok(stems_are_hashed(&s), "their stems are hashed");
		tap_ok(bounds_hold(&s, SLICE("a")) &&
			bounds_hold(&s, SLICE("ne")) &&
			bounds_hold(&s, SLICE("ars")),
		    "and bounds are kept");
		tap_ok(s.sketch.bytes >= counts[i],
		    "a sketch tells how much memory it takes");
		sample_free(&s);
	}
}

/* One letter inside of a word says nothing, anywhere else something. */
static void
test_one_letter(void)
{
	struct sample s = {.seed = 3};

	make_sample(&s, 100);
	tap_is_num(count_found(&s, SLICE("z"), GRAM_INSIDE), 100,
	    "any name may hold a letter");
	tap_ok(count_found(&s, SLICE("z"), GRAM_PREFIX) < 50,
	    "but few begin a word with it");
	sample_free(&s);
}

static void
test_long_names(void)
{
	struct sample s = {.seed = 5};
	char name[NAMES_PATH_MAX];

	for (unsigned i = 0; i < 3; i++) {
		memset(name, "a/\xff"[i], sizeof name);
		if (draft_add(&s.draft, i, slice_of(name, sizeof name)) < 0)
			abort();
	}
	make_sample(&s, 10);
	tap_ok(finds_all(&s), "the longest names are found");
	sample_free(&s);
}

static void
test_freed(void)
{
	struct sketch s = {.rows = NULL};

	sketch_free(&s);
	tap_ok(s.rows == NULL, "an empty sketch can be freed");
}

int
main(void)
{
	test_sizes();
	test_selective();
	test_one_letter();
	test_long_names();
	test_freed();
	return tap_done();
}
