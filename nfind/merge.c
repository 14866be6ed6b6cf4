#include "merge.h"

#include <stdlib.h>

#include "lib/path.h"
#include "lib/proto.h"
#include "row.h"

static int
compare_sizes(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* naputils(7), What FIND finds. */
static int
compare_ranks(const struct row *a, const struct row *b)
{
	struct slice a_base = path_base(a->path), b_base = path_base(b->path);
	int order = compare_sizes(a->rank, b->rank);

	if (!order)
		order = compare_sizes(a_base.len, b_base.len);
	if (!order)
		order = slice_cmp(a_base, b_base);
	return order ? order : slice_cmp(a->path, b->path);
}

static int
compare_peers(const struct row *a, const struct row *b)
{
	return slice_cmp(a->at, b->at);
}

static int
compare_locators(const struct row *a, const struct row *b)
{
	int order = compare_peers(a, b);

	return order ? order : slice_cmp(a->path, b->path);
}

static int
by_rank(const void *a, const void *b)
{
	const struct row *const *left = a, *const *right = b;
	int order = compare_ranks(*left, *right);

	return order ? order : compare_sizes((*left)->place, (*right)->place);
}

static int
by_locator(const void *a, const void *b)
{
	const struct row *const *left = a, *const *right = b;
	int order = compare_locators(*left, *right);

	return order ? order : compare_sizes((*left)->place, (*right)->place);
}

static int
by_peer(const void *a, const void *b)
{
	const struct row *const *left = a, *const *right = b;
	int order = compare_peers(*left, *right);

	return order ? order : compare_sizes((*left)->place, (*right)->place);
}

static int
by_place(const void *a, const void *b)
{
	const struct row *const *left = a, *const *right = b;

	return compare_sizes((*left)->place, (*right)->place);
}

static void
sort(struct rows *rows, int (*compare)(const void *, const void *))
{
	if (rows->count)
		qsort(rows->list, rows->count, sizeof *rows->list, compare);
}

/* Number the rows of all lists, one of each list in turn. */
static void
number(struct rows *lists, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < lists[i].count; j++)
			lists[i].list[j]->place = j * count + i;
}

static int
join(struct rows *lists, size_t count, struct rows *merged)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += lists[i].count;
	merged->list = calloc(total ? total : 1, sizeof *merged->list);
	if (!merged->list)
		return -1;
	merged->size = total;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < lists[i].count; j++)
			merged->list[merged->count++] = lists[i].list[j];
		lists[i].count = 0;
	}
	return 0;
}

/* A size that differs tells of another version, a path of another file. */
static void
learn(struct row *row, const struct row *other)
{
	if (!slice_eq(row->path, other->path))
		return;
	if (row->size == PROTO_NO_SIZE)
		row->size = other->size;
	if (row->size != other->size)
		return;
	if (row->mtime == PROTO_NO_TIME)
		row->mtime = other->mtime;
	if (!row->digest.known)
		row->digest = other->digest;
}

/*
 * The rows are in the order of compare, equal ones by place: of those the first
 * one stays, told what the others know.
 */
static void
drop_duplicates(
    struct rows *rows, int (*compare)(const struct row *, const struct row *))
{
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		struct row *row = rows->list[i];
		struct row *last = kept ? rows->list[kept - 1] : NULL;

		if (last && !compare(last, row)) {
			learn(last, row);
			free(row);
			continue;
		}
		rows->list[kept++] = row;
	}
	rows->count = kept;
}

int
merge(struct rows *lists, size_t count, struct rows *merged)
{
	number(lists, count);
	if (join(lists, count, merged) < 0)
		return -1;
	if (count > 1) {
		sort(merged, by_rank);
		number(merged, 1);
	}
	sort(merged, by_locator);
	drop_duplicates(merged, compare_locators);
	sort(merged, by_place);
	return 0;
}

void
merge_peers(struct rows *rows)
{
	number(rows, 1);
	sort(rows, by_peer);
	drop_duplicates(rows, compare_peers);
	sort(rows, by_place);
}
