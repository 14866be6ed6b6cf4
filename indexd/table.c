#include "table.h"

#include <errno.h>
#include <stdbool.h>

#define SLOTS_MIN 512u

/* Numbers are kept one up, so that 0 is an empty slot. */
struct slot {
	uint32_t tag;
	uint32_t id_up;
};

static struct table_part *
part_of(struct table *t, uint32_t tag)
{
	return &t->part[tag % TABLE_PARTS];
}

static struct slot *
slots_of(const struct table_part *p)
{
	return (struct slot *)(void *)p->slots.base;
}

/* The tag scaled to the size, so that a resized part keeps its order. */
static inline uint32_t
home(uint32_t tag, uint32_t size)
{
	return (uint32_t)((uint64_t)tag * size >> 32);
}

static inline uint32_t
after(uint32_t at, uint32_t size)
{
	return at + 1 == size ? 0 : at + 1;
}

void
table_free(struct table *t)
{
	for (unsigned i = 0; i < TABLE_PARTS; i++)
		region_free(&t->part[i].slots);
	*t = (struct table){0};
}

static void
put(struct slot *slots, uint32_t size, struct slot slot)
{
	uint32_t at = home(slot.tag, size);

	while (slots[at].id_up)
		at = after(at, size);
	slots[at] = slot;
}

static int
resize(struct table *t, struct table_part *p, uint32_t size)
{
	struct region fresh;
	struct slot *slots = slots_of(p);

	size = (size + SLOTS_MIN - 1) / SLOTS_MIN * SLOTS_MIN;
	if (region_map(&fresh, (size_t)size * sizeof *slots) < 0)
		return -1;
	for (uint32_t i = 0; i < p->size; i++)
		if (slots[i].id_up)
			put((void *)fresh.base, size, slots[i]);
	t->bytes += fresh.bytes;
	t->bytes -= p->slots.bytes;
	region_free(&p->slots);
	p->slots = fresh;
	p->size = size;
	return 0;
}

int
table_add(struct table *t, uint32_t tag, uint32_t id)
{
	struct table_part *p = part_of(t, tag);

	if (p->used >= p->size / 5 * 4) {
		if (p->size > UINT32_MAX / 2) {
			errno = ENOMEM;
			return -1;
		}
		if (resize(t, p, p->size + p->size / 4 + 1) < 0)
			return -1;
	}
	put(slots_of(p), p->size, (struct slot){tag, id + 1});
	p->used++;
	return 0;
}

/* Where id stands, or the size of the part. */
static uint32_t
seek(const struct table_part *p, uint32_t tag, uint32_t id)
{
	const struct slot *slots = slots_of(p);
	uint32_t at;

	if (p->size == 0)
		return 0;
	for (at = home(tag, p->size); slots[at].id_up; at = after(at, p->size))
		if (slots[at].id_up == id + 1 && slots[at].tag == tag)
			return at;
	return p->size;
}

/* Whether a slot whose home is h, found at at, may not move to the hole. */
static bool
stays(uint32_t hole, uint32_t h, uint32_t at)
{
	if (hole <= at)
		return hole < h && h <= at;
	return hole < h || h <= at;
}

/* Close the gap, so that no walk ends early and no tombstone is needed. */
static void
close_gap(struct table_part *p, uint32_t hole)
{
	struct slot *slots = slots_of(p);
	uint32_t at = hole;

	for (;;) {
		at = after(at, p->size);
		if (!slots[at].id_up)
			break;
		if (stays(hole, home(slots[at].tag, p->size), at))
			continue;
		slots[hole] = slots[at];
		hole = at;
	}
	slots[hole] = (struct slot){0};
}

/* What is empty stays: pages come and go at a price (table_trim). */
static void
shrink(struct table *t, struct table_part *p)
{
	/* A part that stays large is a loss of memory alone. */
	if (p->size > SLOTS_MIN && p->used < p->size / 3)
		(void)resize(t, p, p->used + p->used / 2 + 1);
}

void
table_drop(struct table *t, uint32_t tag, uint32_t id)
{
	struct table_part *p = part_of(t, tag);
	uint32_t at = seek(p, tag, id);

	if (at == p->size)
		return;
	close_gap(p, at);
	p->used--;
	shrink(t, p);
}

void
table_trim(struct table *t)
{
	struct table_part *p;

	for (unsigned i = 0; i < TABLE_PARTS; i++) {
		p = &t->part[i];
		if (p->used > 0)
			continue;
		t->bytes -= p->slots.bytes;
		region_free(&p->slots);
		p->size = 0;
	}
}

void
table_rename(struct table *t, uint32_t tag, uint32_t id, uint32_t to)
{
	struct table_part *p = part_of(t, tag);
	uint32_t at = seek(p, tag, id);

	if (at < p->size)
		slots_of(p)[at].id_up = to + 1;
}

struct table_walk
table_walk(const struct table *t, uint32_t tag)
{
	const struct table_part *p = &t->part[tag % TABLE_PARTS];

	return (struct table_walk){p, tag, home(tag, p->size)};
}

uint32_t
table_next(struct table_walk *w)
{
	const struct slot *slots = slots_of(w->part);
	struct slot slot;

	if (w->part->size == 0)
		return TABLE_NONE;
	while (slots[w->at].id_up) {
		slot = slots[w->at];
		w->at = after(w->at, w->part->size);
		if (slot.tag == w->tag)
			return slot.id_up - 1;
	}
	return TABLE_NONE;
}

void
table_prefetch(const struct table *t, uint32_t tag)
{
	const struct table_part *p = &t->part[tag % TABLE_PARTS];

	if (p->size > 0)
		__builtin_prefetch(slots_of(p) + home(tag, p->size));
}
