#ifndef NAP_DRAFT_H
#define NAP_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"

/*
 * Names that are to become a run (run.h): copies, so that nothing else need
 * be looked at, and locked, while the run is made.
 */
struct draft {
	struct draft_name {
		uint64_t at; /* in text */
		uint32_t index; /* in its segment */
		uint16_t len;
		uint16_t base; /* of the path, what precedes the basename */
	} * names;
	char *text;
	size_t text_end;
	size_t text_room;
	uint32_t count;
	uint32_t room;
};

#define DRAFT_NAMES_MAX ((uint32_t)1 << 20)

/* A zeroed struct is an empty draft. */
void draft_free(struct draft *d);

/* Copy a path of at most NAMES_PATH_MAX bytes. 0, or -1 with ENOMEM. */
int draft_add(struct draft *d, uint32_t index, struct slice path);

static inline struct slice
draft_path(const struct draft *d, uint32_t i)
{
	return slice_of(d->text + d->names[i].at, d->names[i].len);
}

static inline struct slice
draft_base(const struct draft *d, uint32_t i)
{
	return slice_skip(draft_path(d, i), d->names[i].base);
}

/*
 * The numbers of the names in the order of rank.h within a class, to be freed;
 * NULL with ENOMEM.
 */
uint32_t *draft_order(const struct draft *d);

#endif
