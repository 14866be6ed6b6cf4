#ifndef NAP_LEXICON_H
#define NAP_LEXICON_H

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

struct posting lexicon_list(
    const struct lexicon *l, uint32_t place, enum lexicon_list which);

/* The first word that is not before word; count when there is none. */
uint32_t lexicon_lower(const struct lexicon *l, struct slice word);

/* The words from place on that begin with prefix end before the one returned. */
uint32_t lexicon_prefix_end(
    const struct lexicon *l, uint32_t place, struct slice prefix);

#endif
