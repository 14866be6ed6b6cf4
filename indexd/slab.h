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
 * slab's while it is free. Pointers hold until the next slab_new.
 */
struct slab {
	struct region region;
	size_t size;
	uint32_t end; /* records below are in use or in the free list */
	uint32_t live;
	uint32_t free;
};

void slab_init(struct slab *s, size_t size);
void slab_free(struct slab *s);

/* A record, not cleared; SLAB_NONE with ENOMEM. */
uint32_t slab_new(struct slab *s);

void slab_drop(struct slab *s, uint32_t id);

static inline void *
slab_at(const struct slab *s, uint32_t id)
{
	return s->region.base + (size_t)id * s->size;
}

/* Whether slab_compact is worth its while. */
bool slab_sparse(const struct slab *s);

/*
 * Move records into the holes before them and give memory back. moved is called
 * after each move.
 */
void slab_compact(
    struct slab *s, void (*moved)(void *, uint32_t, uint32_t), void *context);

#endif
