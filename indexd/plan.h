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
 * A tail of at least run_min names, or any of a sealed segment, is to be
 * indexed. False when there is none.
 */
bool plan_tail(const struct segment *s, uint32_t run_min, struct plan *p);

/*
 * Runs had better be one, so that a segment has few, and yet a name is not
 * indexed often: each is to be twice as long as all
 * that follow. False when all is well.
 */
bool plan_merge(const struct segment *s, uint32_t run_min, struct plan *p);

#endif
