#include "top.h"

#include <stdlib.h>

/* Paths that are no good any more are thrown away when they are so much. */
#define WASTE_MAX (1024 * 1024)

void
top_init(struct top *t, size_t limit, uint64_t ceiling)
{
	*t = (struct top){.limit = limit, .ceiling = ceiling};
}

void
top_free(struct top *t)
{
	free(t->heap);
	arena_free(&t->arena);
	*t = (struct top){0};
}

void
top_reset(struct top *t)
{
	arena_reset(&t->arena);
	t->kept = t->copied = 0;
	t->count = 0;
	t->cut = false;
}

uint64_t
top_bound(const struct top *t)
{
	if (t->count < t->limit || t->limit == 0 || t->heap[0].key > t->ceiling)
		return t->ceiling;
	return t->heap[0].key;
}

static bool
is_worse(const struct top *t, size_t a, size_t b)
{
	return rank_cmp(&t->heap[a], &t->heap[b]) > 0;
}

static void
swap(struct top *t, size_t a, size_t b)
{
	struct rank rank = t->heap[a];

	t->heap[a] = t->heap[b];
	t->heap[b] = rank;
}

static void
sift_up(struct top *t, size_t i)
{
	for (; i > 0 && is_worse(t, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(t, i, (i - 1) / 2);
}

static void
sift_down(struct top *t, size_t i)
{
	size_t worst;

	for (;;) {
		worst = i;
		if (2 * i + 1 < t->count && is_worse(t, 2 * i + 1, worst))
			worst = 2 * i + 1;
		if (2 * i + 2 < t->count && is_worse(t, 2 * i + 2, worst))
			worst = 2 * i + 2;
		if (worst == i)
			return;
		swap(t, i, worst);
		i = worst;
	}
}

static int
reserve(struct top *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	struct rank *heap;

	if (t->count < t->room)
		return 0;
	heap = reallocarray(t->heap, room, sizeof *heap);
	if (!heap)
		return -1;
	t->heap = heap;
	t->room = room;
	return 0;
}

/* Copy what is kept, and throw all else away. */
static int
compact(struct top *t)
{
	struct arena fresh = {0};

	for (size_t i = 0; i < t->count; i++)
		if (arena_keep(&fresh, &t->heap[i].path) < 0) {
			arena_free(&fresh);
			top_reset(t);
			return -1;
		}
	arena_free(&t->arena);
	t->arena = fresh;
	t->copied = t->kept;
	return 0;
}

static int
copy(struct top *t, struct slice *path)
{
	if (t->copied > 2 * t->kept + WASTE_MAX && compact(t) < 0)
		return -1;
	if (arena_keep(&t->arena, path) < 0)
		return -1;
	t->copied += path->len;
	t->kept += path->len;
	return 0;
}

int
top_offer(struct top *t, unsigned class, struct slice path)
{
	struct rank rank = rank_of(class, path);

	t->cut = t->cut || t->count == t->limit || rank.key > t->ceiling;
	if (t->limit == 0)
		return 0;
	if (rank.key > t->ceiling)
		return 1;
	if (t->count == t->limit && rank_cmp(&rank, &t->heap[0]) >= 0)
		return 1;
	if (copy(t, &rank.path) < 0)
		return -1;
	if (t->count == t->limit) {
		t->kept -= t->heap[0].path.len;
		t->heap[0] = rank;
		sift_down(t, 0);
		return 0;
	}
	if (reserve(t) < 0)
		return -1;
	t->heap[t->count] = rank;
	sift_up(t, t->count++);
	return 0;
}
