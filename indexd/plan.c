#include "plan.h"

/* Names are sketched so many at a time: while that takes, the others wait. */
#define SKETCH_MAX 65536u

/* A tail of so many times run_min is long. */
#define LONG 2

bool
plan_haste(const struct segment *s, uint32_t run_min, struct plan *p)
{
	uint32_t from = segment_indexed(s), count = s->end - from;

	if (segment_sparse(s))
		return false;
	if (count / LONG < run_min && !(s->sealed && count > 0))
		return false;
	*p = (struct plan){from, s->end, s->run_count, 0, true};
	if (count > SKETCH_MAX)
		p->end = from + SKETCH_MAX;
	return true;
}

/* Whether a run may stay as it is, if so many names are in runs. */
static bool
may_stay(const struct segment *s, const struct run *run, uint32_t end)
{
	uint32_t rest = end - run->end;

	if (run->sketch.rows)
		return false;
	return rest == 0 || (!s->sealed && rest * 2 <= run->end - run->from);
}

bool
plan_leisure(const struct segment *s, uint32_t run_min, struct plan *p)
{
	uint32_t from = segment_indexed(s), end = s->end, i = 0;

	if (segment_sparse(s))
		return false;
	if (!s->sealed && end - from < run_min)
		end = from;
	while (i < s->run_count && may_stay(s, s->runs[i], end))
		i++;
	if (i < s->run_count)
		from = s->runs[i]->from;
	*p = (struct plan){from, end, i, s->run_count - i, false};
	return from < end;
}
