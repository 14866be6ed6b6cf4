#ifndef NAP_PLAN_H
#define NAP_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "segment.h"

/* A run that a segment should have, and which of its runs it replaces. */
struct plan {
	uint32_t from; /* its names, by index, up to but without */
	uint32_t end;
	uint32_t first; /* of the runs that it replaces */
	uint32_t count; /* of these; 0: it follows all */
};

/*
 * What is to be indexed next: a tail of at least run_min names, or any of a
 * sealed segment; else runs that had better be one, so that a segment has few
 * and a name is not indexed often. False when all is well.
 */
bool plan_run(const struct segment *s, uint32_t run_min, struct plan *p);

#endif
