#ifndef NAP_TALLY_H
#define NAP_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "sieve.h"

/* How many hits the names of a shard are, before they are made into hits. */
struct tally {
	struct sieve sieve;
	bool via_shared; /* peers are at the address where others are shown */
	uint64_t alone; /* hits that no other shard has */
	uint64_t split; /* hits that another shard may have too */
	uint64_t listings; /* looked at */
	struct tally_seen *seen; /* of the name at hand */
	size_t seen_count;
	size_t seen_room;
};

void tally_free(struct tally *t);

/*
 * Count the hits of a name, whose first listing this is. Returns whether there
 * are any, or -1 with ENOMEM.
 */
int tally_name(struct tally *t, const struct catalog *c, uint32_t listing);

#endif
