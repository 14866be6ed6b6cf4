#ifndef NAP_TOP_H
#define NAP_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "rank.h"

/* The best of many paths, copied. */
struct top {
	struct arena arena;
	size_t kept; /* bytes of the paths that are among the best */
	size_t copied; /* bytes of those that were, too */
	struct rank *heap; /* the worst first */
	size_t count;
	size_t room;
	size_t limit;
	uint64_t ceiling; /* what has a higher key is of no use */
	bool cut; /* more were offered than are kept */
};

/* Keep at most limit paths, none with a key above ceiling. */
void top_init(struct top *t, size_t limit, uint64_t ceiling);
void top_free(struct top *t);

/* Forget all. */
void top_reset(struct top *t);

/* What has a higher key (rank.h) would not be kept. */
uint64_t top_bound(const struct top *t);

/*
 * Each path is offered once. 0, 1 when it was no better than what there was,
 * -1 with ENOMEM.
 */
int top_offer(struct top *t, unsigned class, struct slice path);

#endif
