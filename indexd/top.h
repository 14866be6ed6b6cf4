#ifndef NAP_TOP_H
#define NAP_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rank.h"

/*
 * The best of many paths of one text, which may move in between: only offsets
 * are kept. text is the caller's to set before it offers or reads.
 */
struct top {
	const char *text;
	struct top_place *heap; /* the worst first */
	size_t count;
	size_t room;
	size_t limit;
	bool cut; /* more were offered than are kept */
};

/* Keep at most limit, which is not 0. */
void top_init(struct top *t, size_t limit);
void top_free(struct top *t);

/* Forget all, for another text. */
void top_reset(struct top *t);

/* path lies in text; each is offered once. 0, or -1 with ENOMEM. */
int top_offer(struct top *t, unsigned class, struct slice path);

/* What was kept, in no order; i is below count. */
struct rank top_at(const struct top *t, size_t i);

#endif
