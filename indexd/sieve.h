#ifndef NAP_SIEVE_H
#define NAP_SIEVE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog.h"
#include "store.h"
#include "view.h"

/* What a listing must pass to be a hit, whatever its path. */
struct sieve {
	const struct store_view *view;
	uint64_t over; /* inclusive, both; a file of unknown size passes when */
	uint64_t under; /* they are 0 and UINT64_MAX */
};

/* Whether the listing of a peer passes, and where the peer is shown then. */
static inline bool
sieve_passes(const struct sieve *s, const struct listing *listing,
    const struct store_peer *peer, struct addr *shown)
{
	bool any_size = s->over == 0 && s->under == UINT64_MAX;

	if (peer->gone)
		return false;
	if (!any_size && listing->size == STORE_NO_SIZE)
		return false;
	if (listing->size < s->over || listing->size > s->under)
		return false;
	return view_shows(s->view, peer, shown);
}

#endif
