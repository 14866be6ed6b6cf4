#ifndef NAP_RANK_H
#define NAP_RANK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"

/*
 * A path and where it stands in an answer (naputils(7), What FIND finds): by
 * class, then the shorter basename, then the basename bytewise, then the path
 * bytewise. The key holds all of that but the ends of long basenames and the
 * directories.
 */
struct rank {
	uint64_t key;
	struct slice path;
};

/* The class is above the length of the basename, and that above its bytes. */
#define RANK_LENGTH_BITS 13
#define RANK_BYTES_BITS 48

/* class is 0 to 7, path at most 4096 bytes. */
struct rank rank_of(unsigned class, struct slice path);

/* No path of the class whose basename has this length has a lower key. */
static inline uint64_t
rank_least(unsigned class, size_t base_len)
{
	return ((uint64_t) class << RANK_LENGTH_BITS | base_len)
	    << RANK_BYTES_BITS;
}

unsigned rank_class(const struct rank *r);

/* The length of the basename. */
size_t rank_length(const struct rank *r);

/* Below 0 when a comes first, above when b does, 0 for the same. */
int rank_cmp(const struct rank *a, const struct rank *b);

/* A list that grows. A zeroed struct is an empty one. */
struct ranks {
	struct rank *list;
	size_t count;
	size_t room;
};

/* 0, or -1 with ENOMEM. */
int ranks_add(struct ranks *r, struct rank rank);

/* Put them in order, each once. */
void ranks_sort(struct ranks *r);

void ranks_free(struct ranks *r);

#endif
