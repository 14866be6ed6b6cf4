#ifndef NAP_TESTS_NAIVE_H
#define NAP_TESTS_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "indexd/store.h"

/*
 * The index as naputils(7) describes it (Addresses, What FIND finds), without a
 * thought for speed: lists, walked from end to end. The store is held against
 * it. Memory that runs out ends the test.
 */
struct naive_peer {
	struct store_peer_spec spec;
	bool here;
	bool reachable;
	uint32_t busy;
	uint32_t slots;
	uint64_t files;
};

struct naive_file {
	size_t peer;
	struct store_change what; /* path is ours */
};

#define NAIVE_PEERS 16
#define NAIVE_ADDRESSES 64

struct naive {
	struct naive_peer peers[NAIVE_PEERS];
	struct naive_file *files;
	size_t count;
	size_t room;
	/* The order of addresses that nothing else decides, as it was seen. */
	struct addr seen[2][NAIVE_ADDRESSES];
	size_t seen_count[2];
	bool first[NAIVE_ADDRESSES][NAIVE_ADDRESSES][NAIVE_ADDRESSES];
};

void naive_free(struct naive *n);

void naive_join(
    struct naive *n, size_t peer, const struct store_peer_spec *spec);
void naive_leave(struct naive *n, size_t peer);

/* Whether the change is taken. */
bool naive_apply(
    struct naive *n, size_t peer, const struct store_change *change);

/* Which files are asked for: exactly one of the first three is set. */
struct naive_query {
	const struct slice *path;
	const struct digest *digest;
	const struct store_query *words;
	const struct store_view *view;
	size_t limit;
};

/* The hit that a query has at an address, the better of two; false: none. */
bool naive_hit(const struct naive *n, const struct naive_query *query,
    const struct addr *at, struct store_hit *hit);

/* Whether hits are the answer; a sentence on standard output if not. */
bool naive_agrees(struct naive *n, const struct naive_query *query,
    const struct store_hits *hits);

#endif
