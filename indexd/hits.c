#include "hits.h"

#include <stdlib.h>

int
hits_begin(struct store_hits *hits)
{
	if (!hits->memory)
		hits->memory = calloc(1, sizeof *hits->memory);
	if (!hits->memory)
		return -1;
	arena_reset(&hits->memory->arena);
	hits->memory->offers.count = 0;
	hits->count = 0;
	hits->matches = 0;
	hits->more = false;
	return 0;
}

static int
reserve(struct store_hits *hits, size_t need)
{
	struct store_hits_memory *m = hits->memory;
	size_t room = m->list_room;
	struct store_hit *list;

	if (need <= room)
		return 0;
	room = need > 2 * room ? need : 2 * room;
	list = reallocarray(hits->list, room, sizeof *list);
	if (!list)
		return -1;
	hits->list = list;
	m->list_room = room;
	return 0;
}

int
hits_settle(struct store_hits *hits, size_t limit, size_t *distinct)
{
	struct offers *offers = &hits->memory->offers;
	size_t n = limit - hits->count;

	offers_sort(offers);
	*distinct = offers->count;
	if (n > offers->count)
		n = offers->count;
	if (reserve(hits, hits->count + n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		hits->list[hits->count++] = offers->list[i].hit;
	offers->count = 0;
	return 0;
}

void
hits_free(struct store_hits *hits)
{
	if (hits->memory) {
		arena_free(&hits->memory->arena);
		offers_free(&hits->memory->offers);
	}
	free(hits->memory);
	free(hits->list);
	*hits = (struct store_hits){0};
}
