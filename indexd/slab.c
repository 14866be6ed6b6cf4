#include "slab.h"

#include <errno.h>
#include <string.h>

/* Holes that are never worth a move. */
#define HOLES_MIN 256

/*
 * Records that a new one looks at for a hole while they are being closed up:
 * more than the one that it may add, so that this ends whatever comes.
 */
#define LOOKS 8

/* Memory goes back in pieces of so many records, a call to the system each. */
#define PIECE 1024

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

static bool
is_free(const struct slab *s, uint32_t id)
{
	return cell_at(s, id).state == SLAB_NONE;
}

/* A hole, which is no longer free then: a listed one, or within some looks. */
static uint32_t
take_hole(struct slab *s, unsigned looks)
{
	uint32_t id = s->free;

	if (id != SLAB_NONE) {
		s->free = cell_at(s, id).next_free;
		return id;
	}
	for (; looks > 0 && s->low < s->end; looks--) {
		id = s->low++;
		if (is_free(s, id))
			return id;
	}
	return SLAB_NONE;
}

static uint32_t
append(struct slab *s)
{
	if (s->end == SLAB_NONE) {
		errno = ENOMEM;
		return SLAB_NONE;
	}
	if (region_reserve(&s->region, ((size_t)s->end + 1) * s->size) < 0)
		return SLAB_NONE;
	if (s->low == s->end)
		s->low++;
	return s->end++;
}

uint32_t
slab_new(struct slab *s)
{
	uint32_t id = take_hole(s, LOOKS);

	if (id == SLAB_NONE)
		id = append(s);
	if (id == SLAB_NONE)
		return SLAB_NONE;
	memset(slab_at(s, id), 0, sizeof(uint32_t));
	s->live++;
	return id;
}

void
slab_drop(struct slab *s, uint32_t id)
{
	struct cell cell = {SLAB_NONE, SLAB_NONE};

	if (id < s->low) {
		cell.next_free = s->free;
		s->free = id;
	}
	memcpy(slab_at(s, id), &cell, sizeof cell);
	s->live--;
}

bool
slab_sparse(const struct slab *s)
{
	uint32_t holes = s->end - s->live;

	if (s->low < s->end || s->live == 0)
		return s->end > 0;
	return holes >= HOLES_MIN && holes > s->live / 2;
}

/* No hole is listed any more: all are found on the way up. */
static void
begin(struct slab *s)
{
	s->free = SLAB_NONE;
	s->low = 0;
}

/* Bring low and end nearer to each other by a record at least. */
static void
advance(
    struct slab *s, void (*moved)(void *, uint32_t, uint32_t), void *context)
{
	uint32_t from = s->end - 1, to;

	if (is_free(s, from)) {
		s->end--;
		return;
	}
	to = take_hole(s, 1);
	if (to == SLAB_NONE)
		return;
	s->end--;
	memcpy(slab_at(s, to), slab_at(s, from), s->size);
	moved(context, from, to);
}

bool
slab_close_up(struct slab *s, unsigned budget,
    void (*moved)(void *, uint32_t, uint32_t), void *context)
{
	uint32_t piece = s->end / PIECE;

	if (!slab_sparse(s))
		return false;
	if (s->low == s->end)
		begin(s);
	for (; budget > 0 && s->low < s->end; budget--)
		advance(s, moved, context);
	if (s->low == s->end || s->end / PIECE < piece)
		region_trim(&s->region, (size_t)s->end * s->size);
	return slab_sparse(s);
}
