#ifndef NAP_NGET_SUMMARY_H
#define NAP_NGET_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"

/* What a run of several files came to. Begins zeroed. */
struct summary {
	size_t fetched;
	size_t failed;
	uint64_t bytes;
	int64_t ms; /* that it took */
};

/*
 * Append it as a line without its end: "3 files, 1.2G in 0:00:41 (30M/s), 1
 * failed". 0, or -1 as buf_add.
 */
int summary_add(struct buf *out, const struct summary *s);

#endif
