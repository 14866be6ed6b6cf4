#ifndef NAP_OFFER_H
#define NAP_OFFER_H

#include <stddef.h>

#include "store.h"
#include "view.h"

/* A hit that is not ranked yet, and what ranks it among the same files. */
struct offer {
	struct store_hit hit;
	struct view_standing standing;
};

/* A list that grows. A zeroed struct is an empty one. */
struct offers {
	struct offer *list;
	size_t count;
	size_t room;
};

/* 0, or -1 with ENOMEM. */
int offers_add(struct offers *o, const struct offer *offer);

/*
 * Put them in order, the best source first. Of several with one path and one
 * address the best stays: the one whose connection stands best, then the
 * newest, then one of known size, then the larger, then one of known digest.
 */
void offers_sort(struct offers *o);

/* The order of offers_sort: below 0 when a comes first. */
int offer_cmp(const struct offer *a, const struct offer *b);

void offers_free(struct offers *o);

#endif
