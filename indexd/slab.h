#ifndef NAP_SLAB_H
#define NAP_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "region.h"

/* No record; also what the first field of a record must never hold. */
#define SLAB_NONE UINT32_MAX

/*
 * Records of one size, known by number. Each begins with two uint32_t: the
 * first is anything but SLAB_NONE while the record is in use, and both are the
 * slab's while it is free. Pointers hold until the next slab_new or
 * slab_close_up.
 */
struct slab {
	struct region region;
	size_t size;
	uint32_t end; /* records below are in use or free */
	uint32_t low; /* free ones below are listed; end unless closing up */
	uint32_t live;
	uint32_t free;
};

void slab_init(struct slab *s, size_t size);
void slab_free(struct slab *s);

/*
 * A record, its first field 0 and the rest not cleared; SLAB_NONE with ENOMEM.
 */
uint32_t slab_new(struct slab *s);

void slab_drop(struct slab *s, uint32_t id);

static inline void *
slab_at(const struct slab *s, uint32_t id)
{
	return s->region.base + (size_t)id * s->size;
}

/*
 * Whether there are so many holes that closing them up is worth its while, or
 * it has begun and is not over.
 */
bool slab_sparse(const struct slab *s);

/*
 * Take one step of closing up: budget times, pass over one record or move one
 * from the end into a hole before it; and give back memory behind the end.
 * moved is called after each move, and may not add or drop records. Does
 * nothing in a slab that is not sparse. Between steps the slab may be used as
 * ever. Returns whether more is to be done; step upon step with no change
 * between, it comes to an end.
 */
bool slab_close_up(struct slab *s, unsigned budget,
    void (*moved)(void *, uint32_t from, uint32_t to), void *context);

#endif
