#include "plan.h"

static bool
plan_tail(const struct segment *s, uint32_t run_min, struct plan *p)
{
	uint32_t from = segment_indexed(s), count = s->end - from;

	*p = (struct plan){from, s->end, s->run_count, 0};
	return count >= run_min || (s->sealed && count > 0);
}

/* Each run is to be twice as long as all that follow it together. */
static bool
plan_merge(const struct segment *s, struct plan *p)
{
	uint32_t end = segment_indexed(s);
	const struct run *run;

	for (uint32_t i = 0; i + 1 < s->run_count; i++) {
		run = s->runs[i];
		if (!s->sealed && (end - run->end) * 2 <= run->end - run->from)
			continue;
		*p = (struct plan){run->from, end, i, s->run_count - i};
		return true;
	}
	return false;
}

bool
plan_run(const struct segment *s, uint32_t run_min, struct plan *p)
{
	if (segment_sparse(s))
		return false;
	return plan_tail(s, run_min, p) || plan_merge(s, p);
}
