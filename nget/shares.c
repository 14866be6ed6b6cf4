#include "shares.h"

/* Where a range is cut, if it may be. */
#define STEP ((uint64_t)64 * 1024)

/* The speed of the thief, and of a victim whose own is not known. */
struct pace {
	double thief;
	double victim;
};

/*
 * Shorten the range to what nobody fetches. When somebody fetches its first
 * byte already: false, and *next where that ends.
 */
static bool
is_free(const struct shares *s, struct coverage_range *range, uint64_t *next)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct share *other = &s->list[i];

		if (!other->busy || other->range.end <= range->from ||
		    other->range.from >= range->end)
			continue;
		if (other->range.from <= range->from) {
			*next = other->range.end;
			return false;
		}
		range->end = other->range.from;
	}
	return true;
}

static bool
find_free(const struct shares *s, struct coverage_range *range)
{
	struct coverage_range gap;

	for (uint64_t from = 0;;) {
		gap = (struct coverage_range){from, s->size};
		if (!coverage_gap(s->there, &gap))
			return false;
		if (is_free(s, &gap, &from))
			break;
	}
	*range = gap;
	return true;
}

/* All that follows, for the one who fetches. */
static bool
find_endless(const struct shares *s, struct coverage_range *range)
{
	struct coverage_range all = {coverage_prefix(s->there), UINT64_MAX};
	uint64_t next;

	if (!is_free(s, &all, &next) || all.end != UINT64_MAX)
		return false;
	*range = all;
	return true;
}

/* Unknown, a thief is an average one and a victim one of the slowest. */
static struct pace
find_pace(const struct shares *s, uint64_t thief)
{
	double slowest = 0, sum = 0, known = 0;
	struct pace pace = {(double)thief, 0};

	for (size_t i = 0; i < s->count; i++) {
		double speed = (double)s->list[i].speed;

		if (!s->list[i].busy || s->list[i].speed == 0)
			continue;
		if (known == 0 || speed < slowest)
			slowest = speed;
		sum += speed;
		known++;
	}
	if (thief == 0)
		pace.thief = known > 0 ? sum / known : 1;
	pace.victim = known > 0 ? slowest : pace.thief;
	return pace;
}

static double
speed_of(const struct share *victim, const struct pace *pace)
{
	return victim->speed > 0 ? (double)victim->speed : pace->victim;
}

static struct coverage_range
rest_of(const struct shares *s, const struct share *victim)
{
	struct coverage_range rest = victim->range;

	if (rest.end > s->size)
		rest.end = s->size;
	return rest;
}

/* A cut near the given one which is even, if both parts remain large enough. */
static uint64_t
even(struct coverage_range rest, uint64_t cut)
{
	uint64_t low = cut / STEP * STEP;

	if (low >= rest.from + SHARES_LEAST)
		return low;
	return rest.end - low >= SHARES_LEAST + STEP ? low + STEP : cut;
}

/*
 * Where both are done at the same time, unless a slow victim had less than the
 * least then. 0 when the victim is to keep all.
 */
static uint64_t
find_cut(struct coverage_range rest, double victim, double thief)
{
	uint64_t left, keeps = SHARES_LEAST;
	double part;

	if (rest.from >= rest.end)
		return 0;
	left = rest.end - rest.from;
	if (left < 2 * SHARES_LEAST)
		return 0;
	part = (double)left * (victim / (victim + thief));
	if (part > (double)(left - SHARES_LEAST))
		return 0;
	if (part > SHARES_LEAST)
		keeps = (uint64_t)part;
	if (keeps > left - SHARES_LEAST)
		keeps = left - SHARES_LEAST;
	return even(rest, rest.from + keeps);
}

/* Of those who may lose something the one who would be the last. */
static bool
split(struct shares *s, uint64_t thief, struct coverage_range *range)
{
	const struct pace pace = find_pace(s, thief);
	struct share *last = NULL;
	double longest = -1;

	for (size_t i = 0; i < s->count; i++) {
		struct share *victim = &s->list[i];
		const struct coverage_range rest = rest_of(s, victim);
		double speed = speed_of(victim, &pace);
		double time = (double)(rest.end - rest.from) / speed;
		uint64_t cut = find_cut(rest, speed, pace.thief);

		if (!victim->busy || cut == 0 || time <= longest)
			continue;
		longest = time;
		last = victim;
		*range = (struct coverage_range){cut, rest.end};
	}
	if (!last)
		return false;
	last->range.end = range->from;
	return true;
}

bool
shares_next(struct shares *s, uint64_t speed, struct coverage_range *range)
{
	if (s->size == UINT64_MAX)
		return find_endless(s, range);
	return find_free(s, range) || (s->may_split && split(s, speed, range));
}
