#ifndef NAP_SCAN_H
#define NAP_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "match.h"
#include "rank.h"
#include "shard.h"
#include "sieve.h"

/* A search through all names, shard after shard. */
struct scan {
	const struct match *match;
	struct sieve sieve;
	size_t limit; /* paths wanted of each shard, not 0 */
	bool via_shared; /* peers are at the address where others are shown */
	struct arena *arena; /* owns the paths found */
	struct ranks found; /* the best of each shard, in no order */
	bool cut; /* there were more */
	uint64_t alone; /* hits that no other shard has */
	uint64_t
	    split; /* in the shard that has most, hits that others may have */
	unsigned split_shards; /* that have such hits */
};

/* Add what a shard has. 0, or -1 with ENOMEM. */
int scan_shard(struct scan *s, struct shard *sh);

#endif
