#ifndef NAP_CLOCK_H
#define NAP_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds that no setting of the wall clock moves. */
static inline int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
