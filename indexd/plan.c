#include "plan.h"

/* Names of a tail are indexed so many at a time: while that takes, they wait. */
#define TAIL_MAX 65536u

bool
plan_tail(const struct segment *s, uint32_t run_min, struct plan *p)
{
	uint32_t from = segment_indexed(s), count = s->end - from;

	if (segment_sparse(s))
		return false;
	*p = (struct plan){from, s->end, s->run_count, 0};
	if (count > TAIL_MAX)
		p->end = from + TAIL_MAX;
	return count >= run_min || (s->sealed && count > 0);
}

bool
plan_merge(const struct segment *s, uint32_t run_min, struct plan *p)
{
	uint32_t end = segment_indexed(s), rest;
	const struct run *run;

	(void)run_min;
	if (segment_sparse(s))
		return false;
	for (uint32_t i = 0; i + 1 < s->run_count; i++) {
		run = s->runs[i];
		rest = end - run->end;
		if (!s->sealed && rest * 2 <= run->end - run->from)
			continue;
		*p = (struct plan){run->from, end, i, s->run_count - i};
		return true;
	}
	return false;
}
