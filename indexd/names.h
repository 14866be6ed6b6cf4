#ifndef NAP_NAMES_H
#define NAP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/hash.h"
#include "lib/slice.h"
#include "segment.h"
#include "table.h"

#define NAMES_NONE TABLE_NONE

/* A number is the slot of a segment and an index in it. */
#define NAMES_INDEX_BITS 20
#define NAMES_SLOTS 4095

/*
 * The different paths of a shard, each stored once and known by a number. A
 * number is not given out again before the segment of the name has gone, and
 * no name moves until the generation changes.
 */
struct names {
	struct segment *slots[NAMES_SLOTS];
	struct segment *head; /* takes the new names; NULL when there is none */
	struct table table;
	uint64_t generation;
	uint64_t serials; /* given out */
	uint32_t segment_max; /* names of a segment */
	uint32_t live;
	uint64_t added; /* names so far, and once more when they moved */
	uint32_t waiting; /* names in the tails of segments */
	uint32_t slot_end; /* slots from here on are free */
};

static inline struct segment *
names_segment(const struct names *n, uint32_t id)
{
	return n->slots[id >> NAMES_INDEX_BITS];
}

static inline uint32_t
names_index(uint32_t id)
{
	return id & (SEGMENT_NAMES_MAX - 1);
}

static inline uint32_t
names_number(const struct segment *s, uint32_t index)
{
	return s->slot << NAMES_INDEX_BITS | index;
}

static inline struct name *
names_at(const struct names *n, uint32_t id)
{
	return segment_at(names_segment(n, id), names_index(id));
}

/* The path, valid until a name is added or the generation changes. */
static inline struct slice
names_path(const struct names *n, uint32_t id)
{
	return segment_path(names_segment(n, id), names_index(id));
}

/* The tag of a path of 1 to NAMES_PATH_MAX bytes. */
static inline uint32_t
names_tag(const struct hash_key *key, struct slice path)
{
	return (uint32_t)(hash_bytes(key, path.ptr, path.len) >> 32);
}

/* Segments have at most segment_max names, itself at most SEGMENT_NAMES_MAX. */
void names_init(struct names *n, uint32_t segment_max);
void names_free(struct names *n);

/* The number of a path, or NAMES_NONE. */
uint32_t names_find(const struct names *n, uint32_t tag, struct slice path);

/*
 * A number for a path that has none; the caller sets its head before it does
 * anything else. NAMES_NONE with ENOMEM.
 */
uint32_t names_add(struct names *n, uint32_t tag, struct slice path);

/* The number dies. */
void names_drop(struct names *n, uint32_t id);

/*
 * Give a live name another number, in the segment at the head: the new one, or
 * NAMES_NONE with ENOMEM and nothing changed. Another generation begins.
 */
uint32_t names_move(struct names *n, uint32_t id);

/* The segment after the one with this serial, in the order of serials. */
struct segment *names_next(const struct names *n, uint64_t serial);

/* A segment whose live names had better move: sealed now; NULL: there's none. */
struct segment *names_sparse(struct names *n);

/* A run of names that were in the tail is in its place. */
static inline void
names_indexed(struct names *n, uint32_t count)
{
	n->waiting -= count;
}

/*
 * Take a segment without live names out, for the caller to free. Another
 * generation begins.
 */
void names_remove(struct names *n, struct segment *s);

uint64_t names_bytes(const struct names *n);

#endif
