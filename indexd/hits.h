#ifndef NAP_HITS_H
#define NAP_HITS_H

#include <stddef.h>

#include "arena.h"
#include "offer.h"
#include "store.h"

/* What an answer is made in. */
struct store_hits_memory {
	struct arena arena; /* owns the paths */
	struct offers offers; /* hits that are not settled */
	size_t list_room;
};

/* Begin another answer. 0, or -1 with ENOMEM. */
int hits_begin(struct store_hits *hits);

/*
 * Rank the offers and move them behind the hits, but no more than limit hits
 * in all. 0, or -1 with ENOMEM; *distinct is how many there were, each once.
 */
int hits_settle(struct store_hits *hits, size_t limit, size_t *distinct);

void hits_free(struct store_hits *hits);

#endif
