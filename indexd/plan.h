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
	bool sketch; /* it is to be made in haste */
};

/*
 * A tail costs every search: when it has some times run_min names, or the
 * segment is sealed, it is to be sketched. False when it is not.
 */
bool plan_haste(const struct segment *s, uint32_t run_min, struct plan *p);

/*
 * What a segment needs beside: a run of a tail of at least run_min names, or of
 * any tail when it is sealed; lists instead of sketches; few runs, and yet no
 * name is to be indexed often: each is to be twice as long as all that follow,
 * and a sealed segment has one. False when all is well.
 */
bool plan_leisure(const struct segment *s, uint32_t run_min, struct plan *p);

#endif
