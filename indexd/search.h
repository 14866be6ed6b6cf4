#ifndef NAP_SEARCH_H
#define NAP_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "match.h"
#include "probe.h"
#include "rank.h"
#include "shard.h"
#include "sieve.h"

/* A search by words through one shard after the other. */
struct search {
	const struct match *match;
	struct sieve sieve;
	size_t limit; /* paths wanted */
	bool via_shared; /* peers are at the address where others are shown */
	struct arena *arena; /* owns the paths found */
	struct ranks found; /* the best of each shard, in no order */
	uint64_t ceiling; /* paths with a higher key are of no use */
	bool cut; /* there were more */
	bool skipped; /* some of those were not counted */
	uint64_t alone; /* hits that no other shard has */
	uint64_t split; /* in one shard, hits that others may have: the most */
	unsigned split_shards; /* that have such hits */
	struct probe probe;
};

/* What is not named here begins as 0. */
void search_init(struct search *s, const struct match *match, size_t limit);
void search_free(struct search *s);

/*
 * Add what a shard has. 0, or -1 with ENOMEM, EAGAIN (store_view), EBUSY when
 * names come and go faster than it can search.
 */
int search_shard(struct search *s, struct shard *sh);

#endif
