#include <stdlib.h>
#include <string.h>

#include "catalogue_state.h"
#include "lib/path.h"

/*
 * Files are found directory after directory. Each of these is put in order,
 * then directories by the first file of each, and what little is out of order
 * after that, where one has both files and directories, is merged.
 */
struct sort {
	struct catalogue *c;
	struct catalogue_entry *entries; /* they lie in order, one day */
	struct catalogue_entry *aside;
	size_t *runs; /* where each begins, and the end of all */
};

/* Of the same path, what came first is first. */
static int
compare(const void *a, const void *b, void *catalogue)
{
	const struct catalogue *c = catalogue;
	const struct catalogue_entry *x = a, *y = b;
	int order = slice_cmp(slice_of(c->text + x->at, x->len),
	    slice_of(c->text + y->at, y->len));

	if (order)
		return order;
	return x->version < y->version ? -1 : x->version > y->version;
}

static bool
is_before(const struct sort *s, const struct catalogue_entry *a,
    const struct catalogue_entry *b)
{
	return compare(a, b, s->c) < 0;
}

/* A run: entries that lie in one directory. */
struct run {
	struct catalogue_entry *first;
	size_t count;
};

static int
compare_runs(const void *a, const void *b, void *catalogue)
{
	const struct run *x = a, *y = b;

	return compare(x->first, y->first, catalogue);
}

/* The number of entries from the i-th on that lie in one directory. */
static size_t
run_at(const struct catalogue *c, size_t i)
{
	struct slice dir = path_above(catalogue_path(c, i));
	size_t end = i + 1;

	while (
	    end < c->used && slice_eq(path_above(catalogue_path(c, end)), dir))
		end++;
	return end - i;
}

/* Put each run in order. Returns how many there are. */
static size_t
sort_within(struct catalogue *c, struct run *runs)
{
	size_t count = 0;

	for (size_t i = 0; i < c->used; i += runs[count++].count) {
		runs[count] = (struct run){c->entries + i, run_at(c, i)};
		qsort_r(runs[count].first, runs[count].count,
		    sizeof *c->entries, compare, c);
	}
	return count;
}

/* Copy runs, in their order, to where they belong for the time being. */
static void
line_up(struct sort *s, const struct run *runs, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		s->runs[i] = at;
		memcpy(s->entries + at, runs[i].first,
		    runs[i].count * sizeof *s->entries);
		at += runs[i].count;
	}
	s->runs[count] = at;
}

/* The first entry from first on, before end, that does not come before e. */
static size_t
find(const struct sort *s, size_t first, size_t end,
    const struct catalogue_entry *e)
{
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (is_before(s, &s->entries[middle], e))
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

/* Two parts that are in order become one. */
static void
join(struct sort *s, size_t first, size_t second, size_t end)
{
	struct catalogue_entry *to;
	size_t count, i = 0;

	if (is_before(s, &s->entries[second - 1], &s->entries[second]))
		return;
	first = find(s, first, second, &s->entries[second]);
	count = second - first;
	to = s->entries + first;
	memcpy(s->aside, to, count * sizeof *to);
	while (i < count)
		if (second < end &&
		    is_before(s, &s->entries[second], &s->aside[i]))
			*to++ = s->entries[second++];
		else
			*to++ = s->aside[i++];
}

/* As many parts as there are runs from the first on, before end. */
static void
join_all(struct sort *s, size_t first, size_t end)
{
	size_t middle = first + (end - first) / 2;

	if (end - first < 2)
		return;
	join_all(s, first, middle);
	join_all(s, middle, end);
	join(s, s->runs[first], s->runs[middle], s->runs[end]);
}

static bool
sort_by_runs(struct catalogue *c, struct run *runs, struct sort *s)
{
	struct catalogue_entry *unsorted = c->entries;
	size_t count;

	if (!runs || !s->entries || !s->runs)
		return false;
	count = sort_within(c, runs);
	qsort_r(runs, count, sizeof *runs, compare_runs, c);
	line_up(s, runs, count);
	s->aside = unsorted;
	join_all(s, 0, count);
	c->entries = s->entries;
	s->entries = unsorted;
	return true;
}

void
catalogue_sort(struct catalogue *c)
{
	struct run *runs = calloc(c->used, sizeof *runs);
	struct sort s = {
	    .c = c,
	    .entries = calloc(c->room, sizeof *s.entries),
	    .runs = calloc(c->used + 1, sizeof *s.runs),
	};

	if (!sort_by_runs(c, runs, &s))
		qsort_r(c->entries, c->used, sizeof *c->entries, compare, c);
	free(runs);
	free(s.entries);
	free(s.runs);
}
