#ifndef NAP_PROBE_H
#define NAP_PROBE_H

#include "run.h"
#include "seek.h"
#include "term.h"

/*
 * What a search asks of runs, one after the other. Memory that it keeps from
 * one to the next. A zeroed struct will do.
 */
struct probe {
	struct term *terms; /* one for each word */
	size_t count;
	struct window found;
	struct window one; /* term of several */
	bool met; /* some names have all terms */
};

void probe_free(struct probe *p);

/* Take the names of a run of the segment at hand that match. */
enum seek_end probe_run(struct probe *p, struct seek *s, const struct run *r);

#endif
