#ifndef NAP_VIEW_H
#define NAP_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/hash.h"
#include "store.h"

/* Whether the view shows a peer, and at which address. */
bool view_shows(const struct store_view *view, const struct store_peer *peer,
    struct addr *shown);

/*
 * What makes one peer a better source than another, in order: naputils(7), What
 * FIND finds.
 */
struct view_standing {
	bool unreachable;
	bool own; /* on the asker's own host */
	bool full; /* no free slots */
	uint32_t busy;
	uint32_t slots;
	uint64_t mix; /* breaks ties differently for each client */
};

/* The standing of a peer that the view shows at this address. */
struct view_standing view_standing(const struct store_view *view,
    const struct hash_key *key, const struct store_peer *peer,
    const struct addr *shown);

/* Below 0 when a is the better source, above when b is, 0 for a tie. */
int view_standing_cmp(
    const struct view_standing *a, const struct view_standing *b);

#endif
