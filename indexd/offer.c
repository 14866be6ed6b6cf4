#include "offer.h"

#include <stdlib.h>
#include <string.h>

#include "rank.h"

int
offers_add(struct offers *o, const struct offer *offer)
{
	size_t room = o->room ? 2 * o->room : 16;
	struct offer *list;

	if (o->count == o->room) {
		list = reallocarray(o->list, room, sizeof *list);
		if (!list)
			return -1;
		o->list = list;
		o->room = room;
	}
	o->list[o->count++] = *offer;
	return 0;
}

void
offers_free(struct offers *o)
{
	free(o->list);
	*o = (struct offers){0};
}

static int
addr_cmp(const struct addr *a, const struct addr *b)
{
	int order = memcmp(a->ip, b->ip, sizeof a->ip);

	return order ? order : a->port - b->port;
}

static int
path_cmp(struct slice a, struct slice b)
{
	struct rank x, y;

	if (a.ptr == b.ptr && a.len == b.len)
		return 0;
	x = rank_of(0, a);
	y = rank_of(0, b);
	return rank_cmp(&x, &y);
}

/* The newer; the known size; the larger; the known digest; any order. */
static int
file_cmp(const struct store_hit *a, const struct store_hit *b)
{
	if (a->mtime != b->mtime)
		return a->mtime > b->mtime ? -1 : 1;
	if ((a->size == STORE_NO_SIZE) != (b->size == STORE_NO_SIZE))
		return a->size == STORE_NO_SIZE ? 1 : -1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->digest.known != b->digest.known)
		return b->digest.known - a->digest.known;
	return memcmp(a->digest.bytes, b->digest.bytes, DIGEST_BYTES);
}

int
offer_cmp(const struct offer *a, const struct offer *b)
{
	int order = view_standing_cmp(&a->standing, &b->standing);

	if (order == 0)
		order = addr_cmp(&a->hit.at, &b->hit.at);
	if (order == 0)
		order = path_cmp(a->hit.path, b->hit.path);
	return order ? order : file_cmp(&a->hit, &b->hit);
}

static int
place_cmp(const struct offer *a, const struct offer *b)
{
	int order = addr_cmp(&a->hit.at, &b->hit.at);

	return order ? order : path_cmp(a->hit.path, b->hit.path);
}

static int
by_place(const void *a, const void *b)
{
	int order = place_cmp(a, b);

	return order ? order : offer_cmp(a, b);
}

static int
by_merit(const void *a, const void *b)
{
	return offer_cmp(a, b);
}

void
offers_sort(struct offers *o)
{
	size_t kept = 1;

	if (o->count < 2)
		return;
	qsort(o->list, o->count, sizeof *o->list, by_place);
	for (size_t i = 1; i < o->count; i++)
		if (place_cmp(&o->list[i], &o->list[kept - 1]))
			o->list[kept++] = o->list[i];
	o->count = kept;
	qsort(o->list, o->count, sizeof *o->list, by_merit);
}
