#ifndef NAP_REGION_H
#define NAP_REGION_H

#include <stddef.h>

/*
 * Memory in whole pages that grows without copying and goes back to the system
 * when it shrinks. Fresh bytes are zero. A zeroed struct is an empty region.
 */
struct region {
	char *base;
	size_t bytes;
};

/*
 * At least need bytes at base, which may move; more is mapped ahead, and costs
 * nothing until touched. 0, or -1 with ENOMEM and the region as it was.
 */
int region_reserve(struct region *r, size_t need);

/* Exactly bytes, rounded up to pages, in an empty region. 0, or -1 ENOMEM. */
int region_map(struct region *r, size_t bytes);

/* Give back what lies behind the first keep bytes, some slack aside. */
void region_trim(struct region *r, size_t keep);

/* Give everything back; the region is empty and may be used again. */
void region_free(struct region *r);

#endif
