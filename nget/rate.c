#include "rate.h"

#define SECOND_US 1000000

/* What may be caught up with after a pause. */
#define BURST_US 100000

#define STEPS_A_SECOND 10
#define STEP_MIN 1024
#define STEP_MAX (256 * 1024)

int64_t
rate_take(struct rate *r, size_t n, int64_t now)
{
	int64_t now_us = now * 1000;
	uint64_t cost;

	if (r->limit == 0)
		return 0;
	if (__builtin_mul_overflow((uint64_t)n, SECOND_US, &cost))
		cost = UINT64_MAX;
	cost /= r->limit;
	if (r->due < now_us - BURST_US)
		r->due = now_us - BURST_US;
	if (cost > INT64_MAX ||
	    __builtin_add_overflow(r->due, (int64_t)cost, &r->due))
		r->due = INT64_MAX;
	return r->due > now_us ? (r->due - now_us) / 1000 : 0;
}

size_t
rate_step(const struct rate *r)
{
	uint64_t step = r->limit / STEPS_A_SECOND;

	if (r->limit == 0 || step > STEP_MAX)
		return STEP_MAX;
	return step < STEP_MIN ? STEP_MIN : (size_t)step;
}
