#ifndef NAP_LEXICON_H
#define NAP_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intern.h"
#include "lib/slice.h"
#include "posting.h"

/*
 * Words in bytewise order, known by their places from 0, each with two lists
 * of numbers: the names that have it in their basename, and the names that
 * have it in their directories alone.
 */
struct lexicon {
	char *text;
	uint32_t *at; /* where each word begins, and where the last ends */
	uint32_t *lists_at;
	uint8_t *lists;
	uint8_t *firsts; /* where each list begins, roughly; two a word */
	size_t bytes;
	uint32_t count;
	uint32_t universe;
};

enum lexicon_list { LEXICON_BASE, LEXICON_DIRS };

/* What a lexicon is made of. */
struct lexicon_source {
	const struct intern *words;
	const uint32_t *ids; /* of the words taken, in bytewise order */
	uint32_t count;
	const uint32_t *numbers; /* list after list, two a word */
	uint32_t universe; /* they are below it; 1 to 2^31 */
};

/* 0, or -1 with ENOMEM. How long the lists are is what each word has seen. */
int lexicon_build(struct lexicon *l, const struct lexicon_source *from);
void lexicon_free(struct lexicon *l);

static inline struct slice
lexicon_word(const struct lexicon *l, uint32_t place)
{
	return slice_of(
	    l->text + l->at[place], l->at[place + 1] - l->at[place]);
}

/* A number in rough, so that a larger one has no smaller code. */
static inline uint8_t
lexicon_rough(uint32_t n)
{
	unsigned bits = 32 - (unsigned)__builtin_clz(n | 1);

	if (bits <= 3)
		return (uint8_t)n;
	return (uint8_t)(bits << 2 | (n >> (bits - 3) & 3));
}

/* Whether the list of a word holds a number below end; it may be wrong. */
static inline bool
lexicon_reaches(const struct lexicon *l, uint32_t place,
    enum lexicon_list which, uint32_t end)
{
	return end > 0 &&
	    l->firsts[2 * (size_t)place + which] <= lexicon_rough(end - 1);
}

struct posting lexicon_list(
    const struct lexicon *l, uint32_t place, enum lexicon_list which);

/* The lists of a word will be wanted soon. */
static inline void
lexicon_approach(const struct lexicon *l, uint32_t place)
{
	__builtin_prefetch(l->lists + l->lists_at[place]);
}

/* Words by their places, from from up to but without end. */
struct lexicon_range {
	uint32_t from;
	uint32_t end;
};

/* Of a range, the words that begin with prefix. */
struct lexicon_range lexicon_prefix(
    const struct lexicon *l, struct lexicon_range range, struct slice prefix);

#endif
