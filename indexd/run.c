#include "run.h"

#include <stdbool.h>
#include <stdlib.h>

#include "title.h"

/* Names in a bucket of stems, on the average. */
#define STEMS_PER_BUCKET 8

/* A run in the making. */
struct making {
	struct run *run;
	const struct draft *draft;
	struct intern words;
	uint32_t *order; /* number -> name of the draft */
	uint32_t *tokens; /* ids of words, name after name */
	size_t token_count;
	size_t token_room;
	size_t *tokens_at; /* where those of each name begin, and end */
	uint32_t *hashes; /* of the stems, by name */
	uint32_t *places; /* id of a word -> place in the lexicon, or NONE */
	uint32_t *ids; /* place in the lexicon -> id */
};

#define NONE UINT32_MAX

/* A word of the directories alone is marked in its token. */
#define DIRS ((uint32_t)1 << 31)

void
run_free(struct run *r)
{
	if (!r)
		return;
	lexicon_free(&r->words);
	grams_free(&r->spelling);
	grams_free(&r->once);
	free(r->indexes);
	free(r->lengths);
	free(r->stems);
	free(r->stems_at);
	free(r);
}

static void
making_free(struct making *m)
{
	intern_free(&m->words);
	free(m->order);
	free(m->tokens);
	free(m->tokens_at);
	free(m->hashes);
	free(m->places);
	free(m->ids);
}

static uint32_t
stem_hash(const struct hash_key *key, struct slice stem)
{
	return (uint32_t)hash_bytes(key, stem.ptr, stem.len);
}

static int
add_token(struct making *m, uint32_t token)
{
	size_t room = m->token_room ? m->token_room / 2 * 3
				    : 8 * ((size_t)m->draft->count + 1);
	uint32_t *tokens;

	if (m->token_count == m->token_room) {
		tokens = reallocarray(m->tokens, room, sizeof *tokens);
		if (!tokens)
			return -1;
		m->tokens = tokens;
		m->token_room = room;
	}
	m->tokens[m->token_count++] = token;
	return 0;
}

/* Note the words of a part of name i, each once. */
static int
read_words(
    struct making *m, uint32_t i, struct slice rest, enum lexicon_list list)
{
	struct intern_word *w;
	struct slice word;
	uint32_t id;

	while (utf8_word(&rest, &word)) {
		id = intern_word(&m->words, word);
		if (id == INTERN_NONE)
			return -1;
		w = &m->words.words[id];
		if (w->last == i + 1)
			continue;
		w->last = i + 1;
		w->seen[list]++;
		if (add_token(m, list == LEXICON_DIRS ? id | DIRS : id) < 0)
			return -1;
	}
	return 0;
}

static int
read_name(struct making *m, uint32_t i, char room[TITLE_ROOM])
{
	struct title t = title_read(draft_path(m->draft, i), room);
	size_t dirs = t.text.len - t.base.len;

	m->tokens_at[i] = m->token_count;
	m->hashes[i] = stem_hash(&m->run->key, t.stem);
	if (read_words(m, i, t.base, LEXICON_BASE) < 0)
		return -1;
	return read_words(m, i, slice_of(t.text.ptr, dirs), LEXICON_DIRS);
}

static int
read_names(struct making *m)
{
	size_t count = m->draft->count;
	char *room = malloc(TITLE_ROOM);
	int result = 0;

	m->tokens_at = calloc(count + 1, sizeof *m->tokens_at);
	m->hashes = calloc(count, sizeof *m->hashes);
	if (!room || !m->tokens_at || !m->hashes)
		result = -1;
	for (uint32_t i = 0; i < count && result == 0; i++)
		result = read_name(m, i, room);
	if (result == 0)
		m->tokens_at[count] = m->token_count;
	free(room);
	return result;
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
	size_t room = (size_t)m->words.count + 1;
	struct entry *list = calloc(room, sizeof *list);
	uint32_t count = 0;

	m->places = calloc(room, sizeof *m->places);
	m->ids = calloc(room, sizeof *m->ids);
	if (!list || !m->places || !m->ids) {
		free(list);
		return -1;
	}
	for (uint32_t id = 0; id < m->words.count; id++) {
		m->places[id] = NONE;
		if (!is_once(&m->words.words[id]))
			list[count++] = (struct entry){
			    intern_text(&m->words, id), id};
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
		w = &m->words.words[m->ids[place]];
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
	const uint32_t *token, *end;
	uint32_t place;

	for (uint32_t number = 0; number < m->draft->count; number++) {
		token = m->tokens + m->tokens_at[m->order[number]];
		end = m->tokens + m->tokens_at[m->order[number] + 1];
		for (; token < end; token++) {
			place = m->places[*token & ~DIRS];
			if (place != NONE)
				numbers[at[2 * (size_t)place +
				    (*token & DIRS ? LEXICON_DIRS
						   : LEXICON_BASE)]++] = number;
		}
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
		    &(struct lexicon_source){&m->words, m->ids, (uint32_t)words,
			numbers, m->draft->count});
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
pairs_add(struct pairs *p, struct slice word, uint32_t number)
{
	for (size_t i = 0; i < word.len; i++)
		p->list[p->count++] = gram_pair(gram_of(word, i), number);
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

	for (uint32_t id = 0; id < m->words.count; id++)
		if (is_once(&m->words.words[id]))
			sum += m->words.words[id].len;
	return sum;
}

static int
make_once(struct making *m)
{
	const uint32_t *token, *end;
	struct pairs pairs;

	if (pairs_begin(&pairs, letters_of_once(m)) < 0)
		return -1;
	for (uint32_t number = 0; number < m->draft->count; number++) {
		token = m->tokens + m->tokens_at[m->order[number]];
		end = m->tokens + m->tokens_at[m->order[number] + 1];
		for (; token < end; token++)
			if (m->places[*token & ~DIRS] == NONE)
				pairs_add(&pairs,
				    intern_text(&m->words, *token & ~DIRS),
				    number);
	}
	return pairs_end(&pairs, &m->run->once, m->draft->count);
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
		r->stems_at[(m->hashes[i] & r->stem_mask) + 2]++;
	for (bucket = 0; bucket <= buckets; bucket++)
		r->stems_at[bucket + 1] = sum += r->stems_at[bucket + 1];
	for (uint32_t number = 0; number < r->count; number++) {
		bucket = m->hashes[m->order[number]] & r->stem_mask;
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
	if (read_names(m) < 0)
		return -1;
	m->order = draft_order(m->draft);
	if (!m->order || place_words(m) < 0 || make_lexicon(m) < 0 ||
	    make_spelling(m) < 0 || make_once(m) < 0 || make_stems(m) < 0)
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
	intern_init(&m.words, key);
	if (make(&m) < 0) {
		run_free(r);
		r = NULL;
	} else {
		r->bytes += sizeof *r + r->words.bytes + r->spelling.bytes +
		    r->once.bytes;
	}
	making_free(&m);
	return r;
}

struct run_bucket
run_stems(const struct run *r, struct slice stem)
{
	uint32_t bucket = stem_hash(&r->key, stem) & r->stem_mask;

	return (struct run_bucket){
	    .numbers = r->stems + r->stems_at[bucket],
	    .count = r->stems_at[bucket + 1] - r->stems_at[bucket],
	};
}
