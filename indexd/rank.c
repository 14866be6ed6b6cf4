#include "rank.h"

#include <stdlib.h>

#include "title.h"

#define KEY_BYTES (RANK_BYTES_BITS / 8)

struct rank
rank_of(unsigned class, struct slice path)
{
	struct slice base = title_basename(path);
	uint64_t key = (uint64_t) class << RANK_LENGTH_BITS | base.len;

	for (size_t i = 0; i < KEY_BYTES; i++)
		key = key << 8 | (i < base.len ? (uint8_t)base.ptr[i] : 0);
	return (struct rank){key, path};
}

unsigned
rank_class(const struct rank *r)
{
	return (unsigned)(r->key >> (RANK_BYTES_BITS + RANK_LENGTH_BITS));
}

size_t
rank_length(const struct rank *r)
{
	return r->key >> RANK_BYTES_BITS & ((1u << RANK_LENGTH_BITS) - 1);
}

static struct slice
basename_of(const struct rank *r)
{
	return slice_skip(r->path, r->path.len - rank_length(r));
}

int
rank_cmp(const struct rank *a, const struct rank *b)
{
	int order;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	order = slice_cmp(basename_of(a), basename_of(b));
	return order ? order : slice_cmp(a->path, b->path);
}

int
ranks_add(struct ranks *r, struct rank rank)
{
	size_t room = r->room ? 2 * r->room : 64;
	struct rank *list;

	if (r->count == r->room) {
		list = reallocarray(r->list, room, sizeof *list);
		if (!list)
			return -1;
		r->list = list;
		r->room = room;
	}
	r->list[r->count++] = rank;
	return 0;
}

static int
cmp(const void *a, const void *b)
{
	return rank_cmp(a, b);
}

void
ranks_sort(struct ranks *r)
{
	size_t kept = 0;

	if (r->count > 1)
		qsort(r->list, r->count, sizeof *r->list, cmp);
	for (size_t i = 0; i < r->count; i++)
		if (i == 0 || rank_cmp(&r->list[i], &r->list[kept - 1]))
			r->list[kept++] = r->list[i];
	r->count = kept;
}

void
ranks_free(struct ranks *r)
{
	free(r->list);
	*r = (struct ranks){0};
}
