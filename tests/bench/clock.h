#ifndef NAP_BENCH_CLOCK_H
#define NAP_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds that no setting of the wall clock moves. */
static inline int64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void
clock_sleep_us(long us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

static inline double
clock_ms_of(int64_t ns)
{
	return (double)ns / 1e6;
}

#endif
