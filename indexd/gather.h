#ifndef NAP_GATHER_H
#define NAP_GATHER_H

#include <stdbool.h>
#include <stddef.h>

#include "hits.h"
#include "shard.h"
#include "sieve.h"

/* A collection of listings from all shards, as offers of hits. */
struct gather {
	struct shard *shards;
	unsigned count;
	const struct hash_key *key;
	struct sieve sieve;
	struct store_hits *hits;
};

/*
 * Offer whoever has path, which the hits will point to. 0, or -1 with ENOMEM, or
 * EAGAIN (store_view).
 */
int gather_path(const struct gather *g, struct slice path, unsigned rank);

/*
 * Offer who has this content, the best limit of those that were looked at, which
 * a bound keeps from taking long; *all tells whether those are all. 0, or -1
 * likewise.
 */
int gather_content(const struct gather *g, const struct digest *digest,
    size_t limit, bool *all);

#endif
