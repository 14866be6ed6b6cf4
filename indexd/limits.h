#ifndef NAP_LIMITS_H
#define NAP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

/*
 * What a client may take. Each limit is enforced in one place, named at its
 * right; options change those that have one.
 */
struct limits {
	uint64_t conns; /* per address, loopback spared (worker) */
	uint64_t peers; /* registered in all (session) */
	uint64_t total; /* connections in all, as descriptors allow (worker) */
	uint64_t files; /* per peer (store) */
	const struct addr_block *trusted; /* spared, may say host= */
	size_t trusted_count;
};

#define LIMITS_DEFAULT                                             \
	{                                                          \
		.conns = 64, .total = UINT64_MAX, .peers = 100000, \
		.files = 1000000                                   \
	}

/* The paths of one peer, together (store). */
#define LIMITS_PEER_BYTES (256 * 1024 * 1024)
/* Descriptors that are not for connections. */
#define LIMITS_DESCRIPTORS_KEPT 32
/* A fresh connection that has not said HELLO may be silent that long. */
#define LIMITS_IDLE_MS 60000
/* A version-2 peer is asked after that much silence, and then has so long. */
#define LIMITS_PING_MS 15000
#define LIMITS_ANSWER_MS 30000
/* Unsent answers past this stop the reading of requests (PROTOCOL.md §1.4). */
#define LIMITS_UNSENT_BYTES (256 * 1024)
/* One answer: rows past it are left out, which END's counts tell. */
#define LIMITS_ANSWER_BYTES (2 * 1024 * 1024)
/* A SEARCH answer on a seed connection: what its client reads at once. */
#define LIMITS_SEED_ANSWER_BYTES 1400

static inline bool
limits_trusts(const struct limits *l, const struct addr *a)
{
	for (size_t i = 0; i < l->trusted_count; i++)
		if (addr_block_has(&l->trusted[i], a))
			return true;
	return false;
}

#endif
