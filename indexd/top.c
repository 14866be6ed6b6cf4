#include "top.h"

#include <stdlib.h>

struct top_place {
	uint64_t key;
	uint64_t place; /* offset and length */
};

void
top_init(struct top *t, size_t limit)
{
	*t = (struct top){.limit = limit};
}

void
top_free(struct top *t)
{
	free(t->heap);
	*t = (struct top){0};
}

void
top_reset(struct top *t)
{
	t->count = 0;
	t->cut = false;
}

struct rank
top_at(const struct top *t, size_t i)
{
	uint64_t place = t->heap[i].place;

	return (struct rank){
	    t->heap[i].key, slice_of(t->text + (place >> 16), place & 0xffff)};
}

static bool
is_worse(const struct top *t, size_t a, size_t b)
{
	struct rank x, y;

	if (t->heap[a].key != t->heap[b].key)
		return t->heap[a].key > t->heap[b].key;
	x = top_at(t, a);
	y = top_at(t, b);
	return rank_cmp(&x, &y) > 0;
}

static void
swap(struct top *t, size_t a, size_t b)
{
	struct top_place place = t->heap[a];

	t->heap[a] = t->heap[b];
	t->heap[b] = place;
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
grow(struct top *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	struct top_place *heap;

	heap = reallocarray(t->heap, room, sizeof *heap);
	if (!heap)
		return -1;
	t->heap = heap;
	t->room = room;
	return 0;
}

static struct top_place
place_of(const struct top *t, const struct rank *rank)
{
	uint64_t offset = (uint64_t)(rank->path.ptr - t->text);

	return (struct top_place){rank->key, offset << 16 | rank->path.len};
}

/* Take the place of the worst, if it is better. */
static void
replace_worst(struct top *t, const struct rank *rank)
{
	struct rank worst = top_at(t, 0);

	t->cut = true;
	if (rank_cmp(rank, &worst) > 0)
		return;
	t->heap[0] = place_of(t, rank);
	sift_down(t, 0);
}

int
top_offer(struct top *t, unsigned class, struct slice path)
{
	struct rank rank = rank_of(class, path);

	if (t->count == t->limit) {
		replace_worst(t, &rank);
		return 0;
	}
	if (t->count == t->room && grow(t) < 0)
		return -1;
	t->heap[t->count] = place_of(t, &rank);
	sift_up(t, t->count++);
	return 0;
}
