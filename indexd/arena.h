#ifndef NAP_ARENA_H
#define NAP_ARENA_H

#include "lib/slice.h"

/*
 * Copies of byte strings that stay where they are until all go at once. A
 * zeroed struct is an empty arena.
 */
struct arena {
	struct arena_block *blocks;
};

/* Point s at a copy of its bytes. 0, or -1 with ENOMEM. */
int arena_keep(struct arena *a, struct slice *s);

/* Forget all copies, but keep some memory for the next ones. */
void arena_reset(struct arena *a);

void arena_free(struct arena *a);

#endif
