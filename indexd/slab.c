#include "slab.h"

#include <errno.h>
#include <string.h>

/* Holes that are never worth a move. */
#define HOLES_MIN 256

struct cell {
	uint32_t state;
	uint32_t next_free;
};

void
slab_init(struct slab *s, size_t size)
{
	*s = (struct slab){.size = size, .free = SLAB_NONE};
}

void
slab_free(struct slab *s)
{
	region_free(&s->region);
	slab_init(s, s->size);
}

static struct cell
cell_at(const struct slab *s, uint32_t id)
{
	struct cell cell;

	memcpy(&cell, slab_at(s, id), sizeof cell);
	return cell;
}

uint32_t
slab_new(struct slab *s)
{
	uint32_t id = s->free;

	if (id != SLAB_NONE) {
		s->free = cell_at(s, id).next_free;
		s->live++;
		return id;
	}
	if (s->end == SLAB_NONE) {
		errno = ENOMEM;
		return SLAB_NONE;
	}
	if (region_reserve(&s->region, ((size_t)s->end + 1) * s->size) < 0)
		return SLAB_NONE;
	s->live++;
	return s->end++;
}

void
slab_drop(struct slab *s, uint32_t id)
{
	struct cell cell = {SLAB_NONE, s->free};

	memcpy(slab_at(s, id), &cell, sizeof cell);
	s->free = id;
	s->live--;
}

bool
slab_sparse(const struct slab *s)
{
	uint32_t holes = s->end - s->live;

	if (s->live == 0)
		return s->end > 0;
	return holes >= HOLES_MIN && holes > s->live / 2;
}

static bool
is_free(const struct slab *s, uint32_t id)
{
	return cell_at(s, id).state == SLAB_NONE;
}

void
slab_compact(
    struct slab *s, void (*moved)(void *, uint32_t, uint32_t), void *context)
{
	uint32_t hole = 0, from = s->end;

	while (hole < s->live) {
		if (!is_free(s, hole)) {
			hole++;
			continue;
		}
		do
			from--;
		while (is_free(s, from));
		memcpy(slab_at(s, hole), slab_at(s, from), s->size);
		moved(context, from, hole++);
	}
	s->end = s->live;
	s->free = SLAB_NONE;
	region_trim(&s->region, (size_t)s->end * s->size);
}
