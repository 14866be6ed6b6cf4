#include "compile.h"

#include <stdbool.h>
#include <stdlib.h>

/* A run, the words of its names, and which of them go into its lexicon. */
struct compiling {
	struct run *run;
	const struct reading *reading;
	uint32_t *places; /* word -> place in the lexicon, or NONE */
	uint32_t *ids; /* place in the lexicon -> word */
};

#define NONE UINT32_MAX

static bool
is_once(const struct intern_word *w)
{
	return w->seen[LEXICON_BASE] + w->seen[LEXICON_DIRS] == 1;
}

struct entry {
	struct slice word;
	uint32_t id;
};

static int
entry_cmp(const void *a, const void *b)
{
	return slice_cmp(
	    ((const struct entry *)a)->word, ((const struct entry *)b)->word);
}

/* Give the words that occur in several names their places. */
static int
place_words(struct compiling *c)
{
	size_t room = (size_t)c->reading->words.count + 1;
	struct entry *list = calloc(room, sizeof *list);
	uint32_t count = 0;

	c->places = calloc(room, sizeof *c->places);
	c->ids = calloc(room, sizeof *c->ids);
	if (!list || !c->places || !c->ids) {
		free(list);
		return -1;
	}
	for (uint32_t id = 0; id < c->reading->words.count; id++) {
		c->places[id] = NONE;
		if (!is_once(&c->reading->words.words[id]))
			list[count++] = (struct entry){
			    intern_text(&c->reading->words, id), id};
	}
	qsort(list, count, sizeof *list, entry_cmp);
	for (uint32_t place = 0; place < count; place++) {
		c->ids[place] = list[place].id;
		c->places[list[place].id] = place;
	}
	free(list);
	c->run->words.count = count;
	return 0;
}

/* Where the list of each word begins, two a word. Returns where all end. */
static size_t
lay_out(const struct compiling *c, size_t *at)
{
	const struct intern_word *w;
	size_t sum = 0;

	for (uint32_t place = 0; place < c->run->words.count; place++) {
		w = &c->reading->words.words[c->ids[place]];
		for (int k = 0; k < 2; k++) {
			at[2 * (size_t)place + (size_t)k] = sum;
			sum += w->seen[k];
		}
	}
	return sum;
}

/* Write the number of each name into the lists of its words. */
static void
deal_out(const struct compiling *c, size_t *at, uint32_t *numbers)
{
	const struct reading *r = c->reading;
	uint32_t place;
	size_t list, i = 0;

	for (uint32_t number = 0; number < c->run->count; number++)
		for (; i < r->ends[number]; i++) {
			place = c->places[r->tokens[i] & ~READING_DIRS];
			if (place == NONE)
				continue;
			list = 2 * (size_t)place +
			    (r->tokens[i] & READING_DIRS ? LEXICON_DIRS
							 : LEXICON_BASE);
			numbers[at[list]++] = number;
		}
}

static int
make_lexicon(struct compiling *c)
{
	size_t words = c->run->words.count;
	size_t *at = calloc(2 * words + 1, sizeof *at);
	uint32_t *numbers = NULL;
	int result = -1;

	if (at)
		numbers = calloc(lay_out(c, at) + 1, sizeof *numbers);
	if (numbers) {
		deal_out(c, at, numbers);
		result = lexicon_build(&c->run->words,
		    &(struct lexicon_source){&c->reading->words, c->ids,
			(uint32_t)words, numbers, c->run->count});
	}
	free(at);
	free(numbers);
	return result;
}

/* Pairs of grams and numbers, and as much again to sort them with. */
struct pairs {
	uint64_t *list;
	size_t count;
	size_t room;
};

static int
pairs_begin(struct pairs *p, size_t room)
{
	*p = (struct pairs){calloc(2 * room + 1, sizeof *p->list), 0, room};
	return p->list ? 0 : -1;
}

static void
pairs_put(struct pairs *p, uint32_t gram, uint32_t number)
{
	p->list[p->count++] = gram_pair(gram, number);
}

static void
pairs_add(struct pairs *p, struct slice word, uint32_t number)
{
	for (size_t i = 0; i < word.len; i++)
		pairs_put(p, gram_of(word, i), number);
}

static int
pairs_end(struct pairs *p, struct grams *grams, uint32_t universe)
{
	int result = grams_build(
	    grams, p->list, p->list + p->room, p->count, universe);

	free(p->list);
	return result;
}

static int
make_spelling(struct compiling *c)
{
	const struct lexicon *words = &c->run->words;
	struct pairs pairs;

	if (pairs_begin(&pairs, words->at[words->count]) < 0)
		return -1;
	for (uint32_t place = 0; place < words->count; place++)
		pairs_add(&pairs, lexicon_word(words, place), place);
	return pairs_end(
	    &pairs, &c->run->spelling, words->count > 0 ? words->count : 1);
}

static size_t
letters_of_once(const struct compiling *c)
{
	size_t sum = 0;

	for (uint32_t id = 0; id < c->reading->words.count; id++)
		if (is_once(&c->reading->words.words[id]))
			sum += c->reading->words.words[id].len;
	return sum;
}

static int
make_once(struct compiling *c)
{
	const struct reading *r = c->reading;
	struct pairs pairs;
	uint32_t id;
	size_t i = 0;

	if (pairs_begin(&pairs, letters_of_once(c)) < 0)
		return -1;
	for (uint32_t number = 0; number < c->run->count; number++)
		for (; i < r->ends[number]; i++) {
			id = r->tokens[i] & ~READING_DIRS;
			if (c->places[id] == NONE)
				pairs_add(
				    &pairs, intern_text(&r->words, id), number);
		}
	return pairs_end(&pairs, &c->run->once, c->run->count);
}

/* How many tokens the first count names have. */
static size_t
end_of(const struct reading *r, uint32_t count)
{
	size_t end = 0;

	for (uint32_t number = 0; number < count; number++)
		if (r->ends[number] > end)
			end = r->ends[number];
	return end;
}

static uint32_t
near_of(const struct compiling *c)
{
	return c->run->count < RUN_NEAR ? c->run->count : RUN_NEAR;
}

/* Each byte of the words of near basenames, and each two that are neighbours. */
static void
add_near(const struct compiling *c, struct pairs *pairs)
{
	const struct reading *r = c->reading;
	struct slice rest;
	size_t i = 0;

	for (uint32_t number = 0; number < near_of(c); number++)
		for (; i < r->ends[number]; i++) {
			if (r->tokens[i] & READING_DIRS)
				continue;
			rest = intern_text(&r->words, r->tokens[i]);
			for (; rest.len > 0; rest = slice_skip(rest, 1)) {
				pairs_put(pairs,
				    gram_short(slice_of(rest.ptr, 1)), number);
				if (rest.len > 1)
					pairs_put(
					    pairs, gram_short(rest), number);
			}
		}
}

static int
make_near(struct compiling *c)
{
	const struct reading *r = c->reading;
	struct pairs pairs;
	size_t room = 0;

	for (size_t i = 0, end = end_of(r, near_of(c)); i < end; i++)
		if (!(r->tokens[i] & READING_DIRS))
			room += 2 * (size_t)r->words.words[r->tokens[i]].len;
	if (pairs_begin(&pairs, room) < 0)
		return -1;
	add_near(c, &pairs);
	return pairs_end(&pairs, &c->run->near, near_of(c));
}

int
compile_run(struct run *run, const struct reading *reading)
{
	struct compiling c = {.run = run, .reading = reading};
	int result = -1;

	if (place_words(&c) == 0 && make_lexicon(&c) == 0 &&
	    make_spelling(&c) == 0 && make_once(&c) == 0)
		result = make_near(&c);
	free(c.places);
	free(c.ids);
	return result;
}
