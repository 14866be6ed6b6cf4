#include "probe.h"

#include <stdlib.h>
#include <string.h>

/* So many numbers are looked at, one by one, rather than walked by class. */
#define FEW 512u
#define FEW_SKETCHED 16u

/* The numbers that are walked at first; then so many times as many. */
#define STRETCH_MIN 512u
#define STRETCH_WHOLE 16384u
#define STRETCH_GROWTH 4u

/* Names to look at: what they may be, what is taken, and their numbers. */
struct stretch {
	enum match_class level;
	enum match_class wanted;
	uint32_t from;
	uint32_t to;
};

void
probe_free(struct probe *p)
{
	for (size_t i = 0; i < p->count; i++)
		term_free(&p->terms[i]);
	free(p->terms);
	window_free(&p->found);
	window_free(&p->one);
	*p = (struct probe){.count = 0};
}

static int
begin(struct probe *p, const struct match_words *words)
{
	if (p->terms)
		return 0;
	p->terms = calloc(words->count, sizeof *p->terms);
	if (!p->terms)
		return -1;
	p->count = words->count;
	for (size_t i = 0; i < p->count; i++)
		p->terms[i].text = words->list[i].text;
	return 0;
}

static int
number_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Turn numbers into indexes, each once. */
static uint32_t
to_indexes(const struct run *r, uint32_t *numbers, uint32_t count)
{
	uint32_t kept = 0, last = r->count;

	qsort(numbers, count, sizeof *numbers, number_cmp);
	for (uint32_t i = 0; i < count; i++) {
		if (numbers[i] == last)
			continue;
		last = numbers[i];
		numbers[kept++] = r->indexes[last];
	}
	return kept;
}

/* Look at all names of a term that has few. */
static enum seek_end
look_at_few(struct seek *s, const struct run *r, const struct term *t)
{
	uint32_t numbers[FEW], n = term_copy(t, numbers, FEW);

	return seek_names(s, numbers, to_indexes(r, numbers, n), MATCH_NONE);
}

/* Names of a run, gathered to be looked at in their order. */
struct gathering {
	uint32_t indexes[64];
	uint32_t count;
};

static enum seek_end
look_at_gathered(struct gathering *g, struct seek *s, enum match_class wanted)
{
	uint32_t count = g->count;

	g->count = 0;
	return seek_names(s, g->indexes, count, wanted);
}

static enum seek_end
gather(struct gathering *g, struct seek *s, uint32_t index,
    enum match_class wanted)
{
	g->indexes[g->count++] = index;
	if (g->count < sizeof g->indexes / sizeof *g->indexes)
		return SEEK_ON;
	return look_at_gathered(g, s, wanted);
}

/* Names of which some have the query for a basename. */
static enum seek_end
look_at_bucket(struct seek *s, const struct run *r, struct run_bucket bucket)
{
	struct gathering g = {.count = 0};
	enum seek_end end = SEEK_ON;

	for (uint32_t i = 0; i < bucket.count && end == SEEK_ON; i++)
		end = gather(
		    &g, s, r->indexes[bucket.numbers[i]], MATCH_BASENAME);
	if (end == SEEK_ON)
		end = look_at_gathered(&g, s, MATCH_BASENAME);
	if (end != SEEK_ENOUGH)
		return end;
	s->skipped = true;
	return SEEK_ON;
}

/* The query may be a stem, or a stem with its extension. */
static enum seek_end
look_at_stems(struct seek *s, const struct run *r)
{
	struct slice whole = s->match->whole;
	ptrdiff_t dot = slice_rfind(whole, '.');
	struct run_bucket first = run_stems(r, whole), second;
	enum seek_end end = look_at_bucket(s, r, first);

	if (end != SEEK_ON || dot < 0)
		return end;
	second = run_stems(r, slice_of(whole.ptr, (size_t)dot));
	/* An empty bucket begins where the next one does. */
	if (second.numbers == first.numbers && second.count == first.count)
		return end;
	return look_at_bucket(s, r, second);
}

/* The names that all terms may find in a class, from from up to to. */
static enum seek_end
mark_all(struct probe *p, struct seek *s, enum match_class level)
{
	struct window *found = &p->found;
	enum seek_end end = term_mark(&p->terms[0], s, level, found);

	for (size_t i = 1; i < p->count && end == SEEK_ON; i++) {
		if (window_open(&p->one, found->from, found->to) < 0)
			return SEEK_FAILED;
		end = term_mark(&p->terms[i], s, level, &p->one);
		if (end == SEEK_ON && !window_and(found, &p->one))
			return SEEK_ON;
	}
	p->met = true;
	return end;
}

/* Look at what is in the window, in the order of ranks. */
static enum seek_end
look_at_found(struct probe *p, struct seek *s, const struct run *r,
    enum match_class wanted)
{
	const struct window *w = &p->found;
	struct gathering g = {.count = 0};
	enum seek_end end = SEEK_ON;

	for (uint32_t n = window_next(w, w->from); n < w->to && end == SEEK_ON;
	     n = window_next(w, n + 1))
		end = gather(&g, s, r->indexes[n], wanted);
	return end == SEEK_ON ? look_at_gathered(&g, s, wanted) : end;
}

/* Look at the names of a class from from up to to. */
static enum seek_end
look_at_stretch(struct probe *p, struct seek *s, const struct run *r,
    const struct stretch *at)
{
	enum seek_end end;

	if (window_open(&p->found, at->from, at->to) < 0)
		return SEEK_FAILED;
	end = mark_all(p, s, at->level);
	return end == SEEK_ON ? look_at_found(p, s, r, at->wanted) : end;
}

/*
 * The first number from from up to end whose name is worse than the bound; the
 * search is by the order of ranks.
 */
static uint32_t
first_beyond(const struct seek *s, const struct run *r, uint32_t from,
    uint32_t end, struct rank bound)
{
	unsigned level = rank_class(&bound);
	struct slice path;
	uint32_t middle;

	while (from < end) {
		middle = from + (end - from) / 2;
		path = segment_path(s->segment, r->indexes[middle]);
		if (rank_of(level, path).key <= bound.key)
			from = middle + 1;
		else
			end = middle;
	}
	return end;
}

/* Up to which number names of a class may be better than what there is. */
static uint32_t
end_of_use(const struct seek *s, const struct run *r, enum match_class level)
{
	struct rank bound = {.key = top_bound(&s->top)};
	size_t len = rank_length(&bound);

	if (bound.key == UINT64_MAX || rank_class(&bound) > level)
		return r->count;
	if (rank_class(&bound) < level)
		return 0;
	if (r->sketch.rows)
		return run_length_end(r, len);
	return first_beyond(s, r, len > 0 ? run_length_end(r, len - 1) : 0,
	    run_length_end(r, len), bound);
}

/*
 * The next stretch, up to stop: what is wanted may be found in a short one.
 * Where others have set the stop, all up to it is likely to be needed.
 */
static void
next_stretch(struct stretch *at, uint32_t stop)
{
	at->from = at->to;
	if (at->to == 0 && stop > STRETCH_WHOLE)
		at->to = STRETCH_MIN;
	else if (at->to > 0 && at->to < stop / STRETCH_GROWTH)
		at->to *= STRETCH_GROWTH;
	else
		at->to = stop;
	if (at->from < RUN_NEAR && at->to > RUN_NEAR)
		at->to = RUN_NEAR;
}

static bool
all_have(const struct probe *p, enum match_class level)
{
	for (size_t i = 0; i < p->count; i++)
		if (!term_has(&p->terms[i], level))
			return false;
	return true;
}

/* Walk the names of a class; any, of those that all terms find, for NONE. */
static enum seek_end
walk_class(struct probe *p, struct seek *s, const struct run *r,
    enum match_class level, enum match_class wanted)
{
	uint32_t stop = end_of_use(s, r, level);
	struct stretch at = {.level = level, .wanted = wanted};
	enum seek_end end = SEEK_ON;

	if (!all_have(p, level))
		return SEEK_ON;
	while (at.to < stop && end == SEEK_ON) {
		next_stretch(&at, stop);
		end = look_at_stretch(p, s, r, &at);
	}
	/* Of a stale run nothing may be asked. */
	if (end == SEEK_ENOUGH || (end == SEEK_ON && stop < r->count))
		s->skipped = true;
	return end == SEEK_ENOUGH ? SEEK_ON : end;
}

/* Find out whether any name has all terms, if that is not known. */
static enum seek_end
look_for_any(struct probe *p, struct seek *s, const struct run *r, bool *any)
{
	enum seek_end end;

	*any = p->met || p->count == 1;
	if (*any)
		return SEEK_ON;
	if (window_open(&p->found, 0, r->count) < 0)
		return SEEK_FAILED;
	end = mark_all(p, s, MATCH_PATH);
	*any = window_next(&p->found, 0) < p->found.to;
	return end;
}

static enum seek_end
walk_classes(struct probe *p, struct seek *s, const struct run *r)
{
	enum seek_end end = look_at_stems(s, r);
	bool any = true;

	p->met = false;
	if (end == SEEK_ON)
		end = walk_class(p, s, r, MATCH_WORDS, MATCH_WORDS);
	if (end == SEEK_ON && end_of_use(s, r, MATCH_PREFIXES) > 0)
		end = look_for_any(p, s, r, &any);
	for (enum match_class level = MATCH_PREFIXES;
	     level <= MATCH_PATH && end == SEEK_ON && any; level++)
		end = walk_class(p, s, r, level, level);
	return end;
}

/* The term with fewest names, and how many, or at least FEW. */
static const struct term *
lightest(const struct probe *p, uint32_t *weight)
{
	const struct term *best = &p->terms[0];
	uint32_t other;

	*weight = term_weight(best, FEW);
	for (size_t i = 1; i < p->count; i++) {
		other = term_weight(&p->terms[i], *weight);
		if (other < *weight) {
			*weight = other;
			best = &p->terms[i];
		}
	}
	return best;
}

static enum seek_end
look_up(struct probe *p, struct seek *s, const struct run *r)
{
	enum seek_end end = SEEK_ON;

	for (size_t i = 0; i < p->count && end == SEEK_ON; i++)
		end = term_look_up(&p->terms[i], s, r);
	return end;
}

/*
 * Look for what is better than what there is, in a sketch, without a look at
 * all that it may hold.
 */
static enum seek_end
pick(struct probe *p, struct seek *s, const struct run *r)
{
	for (size_t i = 0; i < p->count; i++)
		term_take_up(&p->terms[i], r);
	return walk_classes(p, s, r);
}

enum seek_end
probe_run(struct probe *p, struct seek *s, const struct run *r)
{
	uint32_t few = r->sketch.rows ? FEW_SKETCHED : FEW, weight;
	const struct term *term;
	enum seek_end end;

	if (r->count == 0)
		return SEEK_ON;
	if (begin(p, &s->match->words) < 0)
		return SEEK_FAILED;
	if (r->sketch.rows && s->top.limit > 0 &&
	    end_of_use(s, r, MATCH_PATH) == 0)
		return pick(p, s, r);
	end = look_up(p, s, r);
	if (end != SEEK_ON)
		return end;
	term = lightest(p, &weight);
	if (weight < few)
		return look_at_few(s, r, term);
	if (s->top.limit == 0)
		return walk_class(p, s, r, MATCH_PATH, MATCH_NONE);
	return walk_classes(p, s, r);
}
