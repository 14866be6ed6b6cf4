#ifndef NAP_CATALOG_H
#define NAP_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "content.h"
#include "lib/slice.h"
#include "names.h"
#include "peer.h"
#include "slab.h"
#include "store.h"
#include "table.h"

/*
 * What a shard holds: names, peers, and listings, each of which says that a
 * peer has a name and stands in the chains of both. One thread at a time may
 * change it, and none may read it meanwhile.
 */
struct catalog {
	struct names names;
	struct slab listings;
	struct slab peers;
	struct contents contents;
	struct table pairs; /* peer and name -> listing, for names of many */
	struct hash_key key;
};

#define CATALOG_NONE SLAB_NONE

struct listing {
	uint32_t name;
	uint32_t peer;
	uint32_t name_next;
	uint32_t name_prev;
	uint32_t peer_next;
	uint32_t peer_prev;
	uint32_t content;
	uint64_t size;
	int64_t mtime;
} __attribute__((packed, aligned(4)));

static inline struct listing *
catalog_listing(const struct catalog *c, uint32_t id)
{
	return slab_at(&c->listings, id);
}

/* The peer of a listing. */
const struct store_peer *catalog_peer(
    const struct catalog *c, const struct listing *listing);

/* Segments have at most segment_max names (names.h). */
void catalog_init(
    struct catalog *c, const struct hash_key *key, uint32_t segment_max);
void catalog_free(struct catalog *c);

/* Give the peer its id. 0, or -1 with ENOMEM. */
int catalog_join(struct catalog *c, struct store_peer *peer);

/* A peer without listings goes. */
void catalog_leave(struct catalog *c, struct store_peer *peer);

/*
 * Add or replace a listing; tag is the path's. 0, or -1 when the peer has as
 * many as it may or memory is short, and nothing has changed.
 */
int catalog_add(struct catalog *c, struct store_peer *peer, uint32_t tag,
    const struct store_change *change);

/* The peer's listing of a path, or CATALOG_NONE. */
uint32_t catalog_find(const struct catalog *c, const struct store_peer *peer,
    uint32_t tag, struct slice path);

void catalog_drop(struct catalog *c, uint32_t id);

/*
 * Take a step of giving memory back where it is worth it: move or pass over
 * some budget records. *emptied is a segment that has left, for the caller to
 * free, or NULL. Returns whether more is to be done.
 */
bool catalog_tidy(struct catalog *c, unsigned budget, struct segment **emptied);

uint64_t catalog_bytes(const struct catalog *c);

#endif
