#ifndef NAP_LIMITS_H
#define NAP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

/*
 * What a client may take. Each limit is enforced in one place, named at its
 * right; options change those that have one.
 *
 * Memory stays below the sum of: what peers have registered (peers times
 * LIMITS_PEER_BYTES, but for the trusted, and the index of it, as much again),
 * LIMITS_UNSENT_WORKER and three answers for each worker, two of which are its
 * searchers', and for each connection LIMITS_INPUT_BYTES. Only the first of them
 * may be large.
 */
struct limits {
	uint64_t conns; /* per address, loopback spared (worker) */
	uint64_t peers; /* registered in all (session) */
	uint64_t total; /* connections in all, as descriptors allow (worker) */
	uint64_t files; /* per peer (store) */
	uint64_t dials; /* back to peers, under way in each worker (dialler) */
	int64_t dial_ms; /* how long one may take (dialler) */
	uint64_t find_rate; /* searches per address and second (rates) */
	uint64_t add_rate; /* lines that register, likewise (rates) */
	int64_t idle_ms; /* of silence without HELLO (session) */
	int64_t ping_ms; /* of silence until a version-2 peer is asked (same) */
	int64_t answer_ms; /* that it then has (same) */
	int64_t stall_ms; /* that answers may make no progress (conn) */
	const struct addr_block *trusted; /* spared, may say host= */
	size_t trusted_count;
};

#define LIMITS_DEFAULT                                                  \
	{                                                               \
		.conns = 64, .total = UINT64_MAX, .peers = 100000,      \
		.files = 1000000, .dials = 64, .dial_ms = 3000,         \
		.find_rate = 200, .add_rate = 100000, .idle_ms = 60000, \
		.ping_ms = 15000, .answer_ms = 30000, .stall_ms = 30000 \
	}

/*
 * Who was quiet for so long may do as much at once as the rates allow for that
 * time: by default a peer registers as many files as it may have, or a script
 * asks 2,000 times, before anyone is slowed.
 */
#define LIMITS_BURST_MS 10000
/* A search that takes longer counts as so many that take this long (command). */
#define LIMITS_FIND_US 1000
/*
 * Microseconds of work for an address in a second by which it does not fall
 * behind others (command).
 */
#define LIMITS_TURN_RATE 10000
/*
 * The lowest rate of registering. What a turn has taken is waited for after it:
 * at less, the connections of an address might wait together for longer than a
 * silent peer lives.
 */
#define LIMITS_ADD_RATE_LEAST 1000

/* The paths of one peer, together (store). */
#define LIMITS_PEER_BYTES (256 * 1024 * 1024)
/* Unsent answers past this stop the reading of requests (naputils(7), Silence) */
#define LIMITS_UNSENT_BYTES (256 * 1024)
/*
 * Unsent answers to all clients of one worker together (clients). Past half of
 * it who has any is not read; past all of it who takes none is cut off.
 */
#define LIMITS_UNSENT_WORKER (64 * 1024 * 1024)
/* One answer: rows past it are left out, which END's counts tell. */
#define LIMITS_ANSWER_BYTES (2 * 1024 * 1024)
/* A SEARCH answer on a seed connection: what its client reads at once. */
#define LIMITS_SEED_ANSWER_BYTES 1400
/* A request line must fit, and registrations want large batches. */
#define LIMITS_INPUT_BYTES (64 * 1024)

/*
 * Divide so many descriptors of a process with so many workers between what it
 * needs itself, connections and dials.
 */
void limits_share_out(struct limits *l, uint64_t descriptors, unsigned workers);

/* Whether they are the same, wherever the trusted are kept. */
bool limits_equal(const struct limits *a, const struct limits *b);

/* Whether the limits of an address do not hold for this one. */
bool limits_spare(const struct limits *l, const struct addr *a);

/* Whether the operator trusts it. */
bool limits_trust(const struct limits *l, const struct addr *a);

#endif
