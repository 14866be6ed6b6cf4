#ifndef NAP_TABLE_H
#define NAP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "region.h"

/* Small tables that grow one at a time, so that growth never stalls. */
#define TABLE_PARTS 64

/* A number that is never stored. */
#define TABLE_NONE UINT32_MAX

/*
 * Numbers under 32-bit tags, which are the upper halves of good hashes. What
 * the numbers mean and whether two are the same is the caller's business. A
 * zeroed struct is an empty table.
 */
struct table {
	struct table_part {
		struct region slots;
		uint32_t size;
		uint32_t used;
	} part[TABLE_PARTS];
	size_t bytes;
};

void table_free(struct table *t);

/* 0, or -1 with ENOMEM. */
int table_add(struct table *t, uint32_t tag, uint32_t id);

/* Forget id, if it is there; id becomes another number in its place. */
void table_drop(struct table *t, uint32_t tag, uint32_t id);
void table_rename(struct table *t, uint32_t tag, uint32_t id, uint32_t to);

/*
 * Give back the memory of parts that are empty, which table_drop keeps: it may
 * soon be wanted again, and unmapping it interrupts all processors.
 */
void table_trim(struct table *t);

/* A walk over what is stored under a tag; the table must not change. */
struct table_walk {
	const struct table_part *part;
	uint32_t tag;
	uint32_t at;
};

struct table_walk table_walk(const struct table *t, uint32_t tag);

/* The next number, or TABLE_NONE. */
uint32_t table_next(struct table_walk *w);

/* The slot of tag will be wanted soon. */
void table_prefetch(const struct table *t, uint32_t tag);

#endif
