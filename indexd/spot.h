#ifndef NAP_SPOT_H
#define NAP_SPOT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/hash.h"

/*
 * Which addresses have several peers. A search that meets a peer alone at its
 * address need not ask whether it has counted its files already. All loopback
 * addresses are one, because they are shown alike.
 */
struct spots;
struct spot;

/* For peers of so many shards; NULL with errno. */
struct spots *spots_new(unsigned shards, const struct hash_key *key);
void spots_free(struct spots *s);

/*
 * A peer of a shard serves at this address and port, which is not 0. The spot
 * lives until it has been left as often as entered. NULL with ENOMEM.
 */
struct spot *spot_enter(struct spots *s, const struct addr *at, unsigned shard);
void spot_leave(struct spots *s, struct spot *spot, unsigned shard);

/* Whether several peers are there now, and whether in several shards. */
bool spot_shared(const struct spot *spot);
bool spot_split(const struct spot *spot);

/* Whether a peer that is not on loopback is at the host, at any port. */
bool spots_have_host(struct spots *s, const struct addr *host);

/* The memory held. */
uint64_t spots_bytes(struct spots *s);

#endif
