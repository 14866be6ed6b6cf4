#ifndef NAP_NAMES_H
#define NAP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "lib/slice.h"
#include "region.h"
#include "table.h"

#define NAMES_NONE TABLE_NONE

/* The longest path. */
#define NAMES_PATH_MAX 4096

/*
 * The different paths of a shard, each stored once and known by a number. A
 * number is not given out again before the generation changes, which is when
 * numbers and text move.
 */
struct names {
	struct region list;
	struct region text;
	struct table table;
	size_t text_end;
	size_t text_dead;
	uint64_t generation;
	uint32_t end; /* numbers below have been given out */
	uint32_t live;
};

struct name {
	uint32_t head; /* its first listing, NAMES_NONE once dropped */
	uint32_t tag;
	uint64_t place; /* where its text is: offset, a flag, length */
};

#define NAMES_FLAG ((uint64_t)1 << 15)

static inline struct name *
names_at(const struct names *n, uint32_t id)
{
	return (struct name *)(void *)n->list.base + id;
}

/* The path, valid until a name is added or the generation changes. */
static inline struct slice
names_path(const struct names *n, uint32_t id)
{
	uint64_t place = names_at(n, id)->place;

	return slice_of(n->text.base + (place >> 16), place & (NAMES_FLAG - 1));
}

/* The tag of a path of 1 to NAMES_PATH_MAX bytes. */
static inline uint32_t
names_tag(const struct hash_key *key, struct slice path)
{
	return (uint32_t)(hash_bytes(key, path.ptr, path.len) >> 32);
}

void names_free(struct names *n);

/* The number of a path, or NAMES_NONE. */
uint32_t names_find(const struct names *n, uint32_t tag, struct slice path);

/*
 * A number for a path that has none; the caller sets its head before it finds
 * or compacts. NAMES_NONE with ENOMEM.
 */
uint32_t names_add(struct names *n, uint32_t tag, struct slice path);

/* The number dies; its memory waits for the next names_compact. */
void names_drop(struct names *n, uint32_t id);

/* Whether names_compact is worth its while. */
bool names_sparse(const struct names *n);

/*
 * Close up behind the dead names and give memory back. Another generation
 * begins. moved is called after each number that changes.
 */
void names_compact(
    struct names *n, void (*moved)(void *, uint32_t, uint32_t), void *context);

#endif
