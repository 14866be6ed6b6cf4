#include "reading.h"

#include <endian.h>
#include <stdlib.h>

#include "lexicon.h"
#include "title.h"

/*
 * Words are looked up in batches, so that memory is fetched for all of a batch
 * at once, and paths are fetched so many names ahead.
 */
#define BATCH_WORDS 256
#define BATCH_BYTES (2 * TITLE_ROOM)
#define AHEAD 16

struct batch {
	struct batch_word {
		struct intern_look look;
		uint32_t number; /* of the name */
		uint32_t list;
	} words[BATCH_WORDS];
	size_t count;
	size_t used; /* of text */
	char text[BATCH_BYTES + INTERN_SLACK];
};

void
reading_free(struct reading *r)
{
	intern_free(&r->words);
	free(r->tokens);
	free(r->ends);
	free(r->stems);
	*r = (struct reading){.token_count = 0};
}

static int
reserve_tokens(struct reading *r, size_t more)
{
	size_t room = r->token_room + r->token_room / 2 + more;
	uint32_t *tokens;

	if (r->token_room - r->token_count >= more)
		return 0;
	tokens = reallocarray(r->tokens, room, sizeof *tokens);
	if (!tokens)
		return -1;
	r->tokens = tokens;
	r->token_room = room;
	return 0;
}

/* Note a word of a name, unless that has it already. */
static int
take(struct reading *r, const struct batch_word *w)
{
	uint32_t id = intern_word(&r->words, &w->look);
	struct intern_word *word;

	if (id == INTERN_NONE)
		return -1;
	word = &r->words.words[id];
	if (word->last == w->number + 1)
		return 0;
	word->last = w->number + 1;
	word->seen[w->list]++;
	r->tokens[r->token_count++] = w->list == LEXICON_DIRS
	    ? id | READING_DIRS
	    : id;
	r->ends[w->number] = r->token_count;
	return 0;
}

static int
finish(struct reading *r, struct batch *b)
{
	if (reserve_tokens(r, b->count) < 0)
		return -1;
	for (size_t i = 0; i < b->count; i++)
		intern_approach(&r->words, &b->words[i].look);
	for (size_t i = 0; i < b->count; i++)
		if (take(r, &b->words[i]) < 0)
			return -1;
	b->count = 0;
	return 0;
}

/* Which of eight bytes are of words, the first being the lowest bit. */
static inline uint64_t
word_bits(const char *at)
{
	const uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
	uint64_t x, low, digit, letter;

	memcpy(&x, at, sizeof x);
	x = le64toh(x);
	low = x & ~high;
	digit = (low + (0x80 - '0') * ones) & ~(low + (0x7f - '9') * ones);
	letter = (low + (0x80 - 'a') * ones) & ~(low + (0x7f - 'z') * ones);
	x = (x | digit | letter) & high;
	return (x >> 7) * 0x0102040810204080 >> 56;
}

/* Which of the next 64 bytes, or fewer at the end, are of words. */
static inline uint64_t
word_mask(struct slice s)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < 64 && i < s.len; i += 8)
		mask |= word_bits(s.ptr + i) << i;
	return s.len < 64 ? mask & (((uint64_t)1 << s.len) - 1) : mask;
}

static int
add_word(struct reading *r, struct batch *b, uint32_t number, struct slice word,
    enum lexicon_list list)
{
	struct batch_word *w;

	if (b->count == BATCH_WORDS && finish(r, b) < 0)
		return -1;
	w = &b->words[b->count++];
	w->number = number;
	w->list = list;
	intern_look(&r->words, word, &w->look);
	return 0;
}

/*
 * The words of folded text, found as utf8_word would find them: the ends of
 * those in 64 bytes show in a mask. Its slack may be read.
 */
static int
add_words(struct reading *r, struct batch *b, uint32_t number,
    struct slice rest, enum lexicon_list list)
{
	struct slice word;
	uint64_t mask, ends;
	unsigned from, to;

	while (rest.len > 0) {
		mask = word_mask(rest);
		ends = ~mask & mask << 1;
		for (; ends != 0; ends &= ends - 1) {
			to = (unsigned)__builtin_ctzll(ends);
			from = (unsigned)__builtin_ctzll(mask);
			mask &= ~(uint64_t)0 << to;
			if (add_word(r, b, number,
				slice_of(rest.ptr + from, to - from), list) < 0)
				return -1;
		}
		if (mask == 0) {
			rest = slice_skip(rest, 64);
			continue;
		}
		/* The last word may go on, for any length. */
		rest = slice_skip(rest, (size_t)__builtin_ctzll(mask));
		utf8_word(&rest, &word);
		if (add_word(r, b, number, word, list) < 0)
			return -1;
	}
	return 0;
}

static int
add_name(struct reading *r, struct batch *b, uint32_t number, struct slice path)
{
	struct title t;
	size_t dirs;

	if (BATCH_BYTES - b->used < path.len * UTF8_FOLD_GROWTH) {
		if (finish(r, b) < 0)
			return -1;
		b->used = 0;
	}
	t = title_read(path, b->text + b->used);
	b->used += t.text.len;
	dirs = t.text.len - t.base.len;
	r->stems[number] = reading_hash(&r->words.key, t.stem);
	if (add_words(r, b, number, t.base, LEXICON_BASE) < 0)
		return -1;
	return add_words(
	    r, b, number, slice_of(t.text.ptr, dirs), LEXICON_DIRS);
}

static int
read_names(struct reading *r, const struct draft *d, const uint32_t *order)
{
	struct batch *b = malloc(sizeof *b);
	int result = b ? 0 : -1;

	if (b)
		b->count = b->used = 0;
	for (uint32_t i = 0; i < d->count && result == 0; i++) {
		if (i + AHEAD < d->count)
			__builtin_prefetch(draft_path(d, order[i + AHEAD]).ptr);
		result = add_name(r, b, i, draft_path(d, order[i]));
	}
	if (result == 0)
		result = finish(r, b);
	free(b);
	return result;
}

int
reading_new(struct reading *r, const struct draft *d, const uint32_t *order,
    const struct hash_key *key)
{
	*r = (struct reading){.token_count = 0};
	r->ends = calloc(d->count, sizeof *r->ends);
	r->stems = calloc(d->count, sizeof *r->stems);
	if (r->ends && r->stems && intern_init(&r->words, key, d->count) == 0 &&
	    read_names(r, d, order) == 0)
		return 0;
	reading_free(r);
	return -1;
}
