#ifndef NAP_STORE_H
#define NAP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/digest.h"
#include "lib/slice.h"

/*
 * The index engine: which live peers share which files. It knows neither
 * sockets nor protocol, and keeps nothing on disk.
 *
 * A store is cut into shards. A peer lives in one shard for life, and belongs
 * to the thread that joined it; peers of different shards change at the same
 * time. Any thread may search, which reads all shards. Each call takes the
 * locks it needs and returns without them.
 */
struct store;
struct store_peer;

/* A size or a time that nobody told. */
#define STORE_NO_SIZE UINT64_MAX
#define STORE_NO_TIME INT64_MIN

/*
 * shards is 1 to 64. For each a thread of the store's own indexes names behind
 * the scenes and gives memory back. NULL with errno. store_free(NULL) is legal;
 * every peer must have left.
 */
struct store *store_new(unsigned shards);
void store_free(struct store *s);

/*
 * How names are cut up. In small parts, few names meet all that many would: for
 * tests.
 */
struct store_shape {
	uint32_t segment_max; /* names that stand together, at most 2^20 */
	uint32_t run_min; /* so many are worth an index of their own */
	uint32_t sketched_max; /* may have but a sketch, or half of all names */
	bool hasty; /* nothing is done that can wait */
};

struct store *store_new_shaped(
    unsigned shards, const struct store_shape *shape);

/* Wait until nothing is left to do behind the scenes. */
void store_settle(struct store *s);

struct store_peer_spec {
	struct addr at; /* where it connected from, and the port it serves on */
	bool local_only; /* it serves on loopback alone */
	uint64_t max_files; /* more are refused */
	uint64_t max_bytes; /* of their paths, likewise; 0: any */
};

/*
 * A peer with no files yet, which ranks as unreachable until told otherwise;
 * shard is below their number. NULL with ENOMEM.
 */
struct store_peer *store_join(
    struct store *s, unsigned shard, const struct store_peer_spec *spec);

/*
 * Nobody sees the peer and its listings any more when this returns; the memory
 * comes back behind the scenes. NULL is legal.
 */
void store_leave(struct store_peer *peer);

struct store_change {
	bool add; /* else delete; deleting what is not there is nothing */
	struct slice path; /* 1 to 4096 bytes; copied */
	uint64_t size;
	int64_t mtime;
	struct digest digest;
};

/*
 * Carry out changes in their order, under one lock. A path that the peer has
 * already is replaced. Returns how many were refused (past a maximum, or no
 * memory); the rest is searchable.
 */
size_t store_apply(
    struct store_peer *peer, const struct store_change *changes, size_t count);

/*
 * Whether so many of the peer's and its neighbours' changes wait for work
 * behind the scenes that more had better wait too.
 */
bool store_crowded(const struct store_peer *peer);

/* How many files the peer has now. */
uint64_t store_files(const struct store_peer *peer);

/* What ranking asks of a peer (naputils(7), What FIND finds); thread-safe. */
void store_set_load(struct store_peer *peer, uint32_t busy, uint32_t slots);
void store_set_reachable(struct store_peer *peer, bool reachable);

/* How long a search may take; one that takes longer is given up with EAGAIN. */
enum store_haste {
	STORE_ANY, /* as long as it takes */
	STORE_SOON, /* some ten milliseconds */
	STORE_NOW /* a fraction of one */
};

/*
 * Through whose eyes the index is seen. A peer on loopback is shown to a client
 * elsewhere at the address where that client reached the index, to a client on
 * loopback at via as well; a local_only one is shown to clients on loopback
 * alone, at its own address. Port 0 and link-local addresses are never shown.
 */
struct store_view {
	struct addr client; /* with the port it serves on, or 0 */
	struct addr via; /* where it reached the index */
	bool v4_only; /* show IPv4 addresses alone */
	bool hide_self; /* do not show client itself (address and port) */
	enum store_haste haste;
};

/* One file of one peer, as the view shows it. */
struct store_hit {
	struct slice path;
	struct addr at;
	uint64_t size;
	int64_t mtime;
	struct digest digest;
	unsigned rank; /* the class, 1 to 5; 0 when not from store_find */
};

/* An answer; it owns what its hits point to and may be used again. */
struct store_hits {
	struct store_hit *list;
	size_t count;
	uint64_t matches; /* without the limit; of many, not all are counted */
	bool more; /* matches is a lower bound */
	struct store_hits_memory *memory;
};

/* hits begins zeroed; this gives its memory back and zeroes it. */
void store_hits_free(struct store_hits *hits);

/*
 * Every peer with a file of exactly this path, best first. Several peers that
 * are shown at one address with one path are one hit, here and below: the
 * one whose connection ranks best, then the newest. 0, or -1 with ENOMEM.
 */
int store_exact(struct store *s, struct slice path,
    const struct store_view *view, struct store_hits *hits);

struct store_query {
	struct slice words; /* as the user gave them */
	const struct slice *not_words;
	size_t not_count;
	struct slice ext; /* extensions, separated by commas; empty: any */
	uint64_t over; /* inclusive; 0: any size, the unknown one too */
	uint64_t under; /* inclusive; UINT64_MAX: any size */
	size_t limit; /* hits at most; 0: count only */
};

/*
 * The files that match (naputils(7), What FIND finds), ranked before the limit
 * cuts. A file that goes meanwhile may be counted though it is not in the list.
 * 0, or -1 with EINVAL when words holds no word, E2BIG when it, not_words or ext
 * hold more than 32, EBUSY when names come and go too fast, ENOMEM.
 */
int store_find(struct store *s, const struct store_query *query,
    const struct store_view *view, struct store_hits *hits);

/*
 * Every peer that has this content, at most limit hits: the better peer first,
 * and of its files the better path. 0, or -1 with ENOMEM.
 */
int store_hash(struct store *s, const struct digest *digest, size_t limit,
    const struct store_view *view, struct store_hits *hits);

struct store_stats {
	uint64_t peers;
	uint64_t unreachable; /* of them */
	uint64_t names; /* different paths, counted once a shard */
	uint64_t listings;
	uint64_t bytes; /* memory held for all of it */
	uint64_t pending; /* names to be indexed, listings to be buried */
};

void store_stat(struct store *s, struct store_stats *stats);

#endif
