#ifndef NAP_NGET_RATE_H
#define NAP_NGET_RATE_H

#include <stddef.h>
#include <stdint.h>

/* A number of bytes a second that all transfers of a run share. */
struct rate {
	uint64_t limit; /* 0: none */
	int64_t due; /* rate.c's: when all that was taken is paid for, in µs */
};

/*
 * n bytes have been taken at the time now, in milliseconds. Returns for how
 * many milliseconds no more should be.
 */
int64_t rate_take(struct rate *r, size_t n, int64_t now);

/* How many bytes to take at a time, so that they come evenly. */
size_t rate_step(const struct rate *r);

#endif
