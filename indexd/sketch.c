#include "sketch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reading.h"
#include "title.h"

/* Hashes of letters, and so rows. */
#define ROW_BITS 10
#define ROWS (1u << ROW_BITS)

/* Names whose bits of a row fill a line of the cache. */
#define BLOCK_WORDS 8
#define BLOCK_NAMES (64 * BLOCK_WORDS)

/* Paths are fetched so many names ahead. */
#define AHEAD 16

/* So many rows tell enough of a part. */
#define ASKED_MAX 8

/*
 * What is hashed are two or three letters, the last one lowest, with zeros
 * around a word; and where they stand.
 */
#define TWO 0xffffu
#define THREE 0xffffffu
#define TWO_MARK ((uint32_t)1 << 24)
#define SIDE_SHIFT 25

void
sketch_free(struct sketch *s)
{
	free(s->rows);
	*s = (struct sketch){.rows = NULL};
}

static inline uint32_t
row_of(const struct sketch *s, uint32_t letters)
{
	return letters * s->key >> (32 - ROW_BITS);
}

/* A sketch in the making, and the rows of its names at hand. */
struct drawing {
	struct sketch *sketch;
	const struct draft *draft;
	const uint32_t *order;
	const struct hash_key *key;
	uint32_t *stems;
	uint8_t letters[UINT8_MAX + 1]; /* bytes of words, and 0 for others */
	uint64_t rows[ROWS][BLOCK_WORDS];
	char room[TITLE_ROOM];
};

static void
put_text(struct drawing *g, uint32_t number, struct slice text,
    enum sketch_side side)
{
	uint64_t *column = &g->rows[0][number / 64 % BLOCK_WORDS];
	uint64_t bit = (uint64_t)1 << number % 64;
	uint32_t where = (uint32_t)side << SIDE_SHIFT, last = 0, two, three;

	for (size_t i = 0; i <= text.len; i++) {
		last <<= 8;
		if (i < text.len)
			last |= g->letters[(uint8_t)text.ptr[i]];
		two = row_of(g->sketch, (last & TWO) | TWO_MARK | where);
		three = row_of(g->sketch, (last & THREE) | where);
		column[two * BLOCK_WORDS] |= bit;
		column[three * BLOCK_WORDS] |= bit;
	}
}

static void
put_name(struct drawing *g, uint32_t number)
{
	const struct draft *d = g->draft;
	struct title t;

	if (number + AHEAD < d->count)
		__builtin_prefetch(draft_path(d, g->order[number + AHEAD]).ptr);
	t = title_read(draft_path(d, g->order[number]), g->room);
	g->stems[number] = reading_hash(g->key, t.stem);
	put_text(g, number, t.base, SKETCH_BASE);
	put_text(g, number, slice_of(t.text.ptr, t.text.len - t.base.len),
	    SKETCH_DIRS);
}

static void
put_block(struct drawing *g, uint32_t from)
{
	struct sketch *s = g->sketch;

	memset(g->rows, 0, sizeof g->rows);
	for (uint32_t i = 0; i < BLOCK_NAMES && from + i < g->draft->count; i++)
		put_name(g, from + i);
	for (size_t row = 0; row < ROWS; row++)
		memcpy(s->rows + row * s->stride + from / 64, g->rows[row],
		    sizeof g->rows[row]);
}

/* Rows for so many names, with a block behind them that may be read. */
static int
make_rows(struct sketch *s, size_t count)
{
	size_t blocks = (count + BLOCK_NAMES - 1) / BLOCK_NAMES;
	size_t words = ROWS * blocks * BLOCK_WORDS;

	s->stride = blocks * BLOCK_WORDS;
	s->bytes = (words + BLOCK_WORDS) * sizeof *s->rows;
	s->rows = malloc(s->bytes);
	if (!s->rows)
		return -1;
	memset(s->rows + words, 0, BLOCK_WORDS * sizeof *s->rows);
	return 0;
}

int
sketch_new(struct sketch *s, const struct draft *d, const uint32_t *order,
    const struct hash_key *key, uint32_t *stems)
{
	struct drawing *g = malloc(sizeof *g);

	*s = (struct sketch){.key = (uint32_t)key->word[0] | 1};
	if (!g || make_rows(s, d->count) < 0) {
		free(g);
		return -1;
	}
	g->sketch = s;
	g->draft = d;
	g->order = order;
	g->key = key;
	g->stems = stems;
	for (unsigned c = 0; c <= UINT8_MAX; c++)
		g->letters[c] = utf8_is_word((uint8_t)c) ? (uint8_t)c : 0;
	for (uint32_t from = 0; from < d->count; from += BLOCK_NAMES)
		put_block(g, from);
	free(g);
	return 0;
}

/* The rows that tell of a part. */
struct asked {
	const uint64_t *rows[ASKED_MAX];
	size_t count;
};

static void
ask(struct asked *a, const struct sketch *s, uint32_t letters)
{
	if (a->count < ASKED_MAX)
		a->rows[a->count++] = s->rows + row_of(s, letters) * s->stride;
}

/* The letter of a part, zero before it and behind it. */
static uint32_t
letter(struct slice part, size_t i)
{
	return i > 0 && i <= part.len ? (uint8_t)part.ptr[i - 1] : 0;
}

/* Three letters tell most. */
static void
choose_rows(struct asked *a, const struct sketch *s, struct slice part,
    enum gram_part how, enum sketch_side side)
{
	uint32_t where = (uint32_t)side << SIDE_SHIFT;
	size_t first = how == GRAM_INSIDE, end = part.len + 1;

	end += how == GRAM_WHOLE;
	a->count = 0;
	for (size_t i = first; i + 2 < end; i++)
		ask(a, s,
		    letter(part, i) << 16 | letter(part, i + 1) << 8 |
			letter(part, i + 2) | where);
	for (size_t i = first; i + 1 < end; i++)
		ask(a, s,
		    letter(part, i) << 8 | letter(part, i + 1) | TWO_MARK |
			where);
}

/* What all rows have in a block. Returns whether there is any. */
static bool
intersect(const struct asked *a, size_t at, uint64_t all[BLOCK_WORDS])
{
	uint64_t any = 1;

	memset(all, 0xff, BLOCK_WORDS * sizeof *all);
	for (size_t r = 0; r < a->count && any; r++) {
		any = 0;
		for (size_t i = 0; i < BLOCK_WORDS; i++)
			any |= all[i] &= a->rows[r][at + i];
	}
	return any != 0;
}

void
sketch_mark(const struct sketch *s, struct slice part, enum gram_part how,
    enum sketch_side side, struct window *w)
{
	size_t from = w->from / 64, end = (w->to + 63) / 64, n;
	uint64_t all[BLOCK_WORDS];
	struct asked asked;

	choose_rows(&asked, s, part, how, side);
	for (size_t at = from; at < end; at += BLOCK_WORDS) {
		if (!intersect(&asked, at, all))
			continue;
		n = end - at < BLOCK_WORDS ? end - at : BLOCK_WORDS;
		for (size_t i = 0; i < n; i++)
			w->bits[at - from + i] |= all[i];
	}
	if (w->to % 64 > 0)
		w->bits[end - 1 - from] &= ((uint64_t)1 << w->to % 64) - 1;
}
