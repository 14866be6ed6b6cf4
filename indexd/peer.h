#ifndef NAP_PEER_H
#define NAP_PEER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

struct shard;
struct spot;
struct store;

/*
 * A peer. Everything but load and reachable is written under the lock of its
 * shard, by the thread that it belongs to.
 */
struct store_peer {
	struct store *store;
	struct shard *shard;
	struct spot *spot;
	struct addr at;
	bool local_only;
	bool gone; /* it has left, and searches pass its listings over */
	struct store_peer *gone_next;
	_Atomic bool reachable;
	uint32_t id; /* in its shard */
	uint32_t head; /* its first listing */
	uint64_t files;
	uint64_t bytes; /* of their paths */
	uint64_t max_files;
	uint64_t max_bytes;
	_Atomic uint64_t load;
};

/* Transfers under way, and at most; 0 when that is not known. */
struct peer_load {
	uint32_t busy;
	uint32_t slots;
};

static inline struct peer_load
peer_load(const struct store_peer *p)
{
	uint64_t load = atomic_load_explicit(&p->load, memory_order_relaxed);

	return (struct peer_load){(uint32_t)(load >> 32), (uint32_t)load};
}

static inline void
peer_set_load(struct store_peer *p, struct peer_load load)
{
	atomic_store_explicit(&p->load, (uint64_t)load.busy << 32 | load.slots,
	    memory_order_relaxed);
}

static inline bool
peer_reachable(const struct store_peer *p)
{
	return atomic_load_explicit(&p->reachable, memory_order_relaxed);
}

#endif
