#include "run.h"

#include <stdbool.h>
#include <stdlib.h>

#include "reading.h"

/* Names in a bucket of stems, on the average. */
#define STEMS_PER_BUCKET 8

/* A run in the making. */
struct making {
	struct run *run;
	const struct draft *draft;
	uint32_t *order; /* number -> name of the draft */
	struct reading reading;
	uint32_t *places; /* word -> place in the lexicon, or NONE */
	uint32_t *ids; /* place in the lexicon -> word */
};

#define NONE UINT32_MAX

void
run_free(struct run *r)
{
	if (!r)
		return;
	lexicon_free(&r->words);
	grams_free(&r->spelling);
	grams_free(&r->once);
	grams_free(&r->near);
	free(r->indexes);
	free(r->lengths);
	free(r->stems);
	free(r->stems_at);
	free(r);
}

static void
making_free(struct making *m)
{
	reading_free(&m->reading);
	free(m->order);
	free(m->places);
	free(m->ids);
}

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
place_words(struct making *m)
{
	size_t room = (size_t)m->reading.words.count + 1;
	struct entry *list = calloc(room, sizeof *list);
	uint32_t count = 0;

	m->places = calloc(room, sizeof *m->places);
	m->ids = calloc(room, sizeof *m->ids);
	if (!list || !m->places || !m->ids) {
		free(list);
		return -1;
	}
	for (uint32_t id = 0; id < m->reading.words.count; id++) {
		m->places[id] = NONE;
		if (!is_once(&m->reading.words.words[id]))
			list[count++] = (struct entry){
			    intern_text(&m->reading.words, id), id};
	}
	qsort(list, count, sizeof *list, entry_cmp);
	for (uint32_t place = 0; place < count; place++) {
		m->ids[place] = list[place].id;
		m->places[list[place].id] = place;
	}
	free(list);
	m->run->words.count = count;
	return 0;
}

/* Where the list of each word begins, two a word. Returns where all end. */
static size_t
lay_out(const struct making *m, size_t *at)
{
	const struct intern_word *w;
	size_t sum = 0;

	for (uint32_t place = 0; place < m->run->words.count; place++) {
		w = &m->reading.words.words[m->ids[place]];
		for (int k = 0; k < 2; k++) {
			at[2 * (size_t)place + (size_t)k] = sum;
			sum += w->seen[k];
		}
	}
	return sum;
}

/* Write the number of each name into the lists of its words. */
static void
deal_out(const struct making *m, size_t *at, uint32_t *numbers)
{
	const struct reading *r = &m->reading;
	uint32_t place;
	size_t list, i = 0;

	for (uint32_t number = 0; number < m->draft->count; number++)
		for (; i < r->ends[number]; i++) {
			place = m->places[r->tokens[i] & ~READING_DIRS];
			if (place == NONE)
				continue;
			list = 2 * (size_t)place +
			    (r->tokens[i] & READING_DIRS ? LEXICON_DIRS
							 : LEXICON_BASE);
			numbers[at[list]++] = number;
		}
}

static int
make_lexicon(struct making *m)
{
	size_t words = m->run->words.count;
	size_t *at = calloc(2 * words + 1, sizeof *at);
	uint32_t *numbers = NULL;
	int result = -1;

	if (at)
		numbers = calloc(lay_out(m, at) + 1, sizeof *numbers);
	if (numbers) {
		deal_out(m, at, numbers);
		result = lexicon_build(&m->run->words,
		    &(struct lexicon_source){&m->reading.words, m->ids,
			(uint32_t)words, numbers, m->draft->count});
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
make_spelling(struct making *m)
{
	const struct lexicon *words = &m->run->words;
	struct pairs pairs;

	if (pairs_begin(&pairs, words->at[words->count]) < 0)
		return -1;
	for (uint32_t place = 0; place < words->count; place++)
		pairs_add(&pairs, lexicon_word(words, place), place);
	return pairs_end(
	    &pairs, &m->run->spelling, words->count > 0 ? words->count : 1);
}

static size_t
letters_of_once(const struct making *m)
{
	size_t sum = 0;

	for (uint32_t id = 0; id < m->reading.words.count; id++)
		if (is_once(&m->reading.words.words[id]))
			sum += m->reading.words.words[id].len;
	return sum;
}

static int
make_once(struct making *m)
{
	const struct reading *r = &m->reading;
	struct pairs pairs;
	uint32_t id;
	size_t i = 0;

	if (pairs_begin(&pairs, letters_of_once(m)) < 0)
		return -1;
	for (uint32_t number = 0; number < m->draft->count; number++)
		for (; i < r->ends[number]; i++) {
			id = r->tokens[i] & ~READING_DIRS;
			if (m->places[id] == NONE)
				pairs_add(
				    &pairs, intern_text(&r->words, id), number);
		}
	return pairs_end(&pairs, &m->run->once, m->draft->count);
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
near_of(const struct making *m)
{
	return m->draft->count < RUN_NEAR ? m->draft->count : RUN_NEAR;
}

/* Each byte of the words of near basenames, and each two that are neighbours. */
static void
add_near(const struct making *m, struct pairs *pairs)
{
	const struct reading *r = &m->reading;
	struct slice rest;
	size_t i = 0;

	for (uint32_t number = 0; number < near_of(m); number++)
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
make_near(struct making *m)
{
	const struct reading *r = &m->reading;
	struct pairs pairs;
	size_t room = 0;

	for (size_t i = 0, end = end_of(r, near_of(m)); i < end; i++)
		if (!(r->tokens[i] & READING_DIRS))
			room += 2 * (size_t)r->words.words[r->tokens[i]].len;
	if (pairs_begin(&pairs, room) < 0)
		return -1;
	add_near(m, &pairs);
	return pairs_end(&pairs, &m->run->near, near_of(m));
}

static int
make_stems(struct making *m)
{
	struct run *r = m->run;
	uint32_t buckets = 1, bucket, sum = 0;

	while (buckets < r->count / STEMS_PER_BUCKET)
		buckets *= 2;
	r->stem_mask = buckets - 1;
	r->stems_at = calloc((size_t)buckets + 2, sizeof *r->stems_at);
	r->stems = calloc(r->count, sizeof *r->stems);
	if (!r->stems_at || !r->stems)
		return -1;
	/* Counted two on, so that filling leaves each where it begins. */
	for (uint32_t i = 0; i < r->count; i++)
		r->stems_at[(m->reading.stems[i] & r->stem_mask) + 2]++;
	for (bucket = 0; bucket <= buckets; bucket++)
		r->stems_at[bucket + 1] = sum += r->stems_at[bucket + 1];
	for (uint32_t number = 0; number < r->count; number++) {
		bucket = m->reading.stems[number] & r->stem_mask;
		r->stems[r->stems_at[bucket + 1]++] = number;
	}
	r->bytes += (r->count + (size_t)buckets + 2) * sizeof *r->stems;
	return 0;
}

/* Which name is the number's, and where lengths begin. */
static int
make_order(struct making *m)
{
	struct run *r = m->run;
	const struct draft_name *name;
	uint32_t len, next = 0;

	name = &m->draft->names[m->order[r->count - 1]];
	r->longest = (uint32_t)(name->len - name->base);
	r->indexes = calloc(r->count, sizeof *r->indexes);
	r->lengths = calloc((size_t)r->longest + 1, sizeof *r->lengths);
	if (!r->indexes || !r->lengths)
		return -1;
	for (uint32_t number = 0; number < r->count; number++) {
		name = &m->draft->names[m->order[number]];
		r->indexes[number] = name->index;
		len = (uint32_t)(name->len - name->base);
		while (next <= len)
			r->lengths[next++] = number;
	}
	r->bytes += (r->count + (size_t)r->longest + 1) * sizeof *r->indexes;
	return 0;
}

static int
make(struct making *m)
{
	m->order = draft_order(m->draft);
	if (!m->order ||
	    reading_new(&m->reading, m->draft, m->order, &m->run->key) < 0)
		return -1;
	if (place_words(m) < 0 || make_lexicon(m) < 0 || make_spelling(m) < 0 ||
	    make_once(m) < 0 || make_near(m) < 0 || make_stems(m) < 0)
		return -1;
	return make_order(m);
}

struct run *
run_new(const struct draft *d, const struct hash_key *key)
{
	struct run *r = calloc(1, sizeof *r);
	struct making m = {.run = r, .draft = d};

	if (!r || d->count == 0)
		return r;
	r->key = *key;
	r->count = d->count;
	if (make(&m) < 0) {
		run_free(r);
		r = NULL;
	} else {
		r->bytes += sizeof *r + r->words.bytes + r->spelling.bytes +
		    r->once.bytes + r->near.bytes;
	}
	making_free(&m);
	return r;
}

struct run_bucket
run_stems(const struct run *r, struct slice stem)
{
	uint32_t bucket = reading_hash(&r->key, stem) & r->stem_mask;

	return (struct run_bucket){
	    .numbers = r->stems + r->stems_at[bucket],
	    .count = r->stems_at[bucket + 1] - r->stems_at[bucket],
	};
}
