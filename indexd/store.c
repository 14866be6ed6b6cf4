#include "store.h"

#include <errno.h>
#include <stdlib.h>

#include "gather.h"
#include "hash.h"
#include "hits.h"
#include "match.h"
#include "scan.h"
#include "shard.h"
#include "spot.h"

/* More are of no use: each search asks all. */
#define SHARDS_MAX 64

/* Paths of a shard that are looked at to the end though fewer are wanted. */
#define PATHS_MIN 256

struct store {
	struct hash_key key;
	struct spots *spots;
	unsigned count;
	struct shard shards[];
};

struct store *
store_new(unsigned shards)
{
	struct store *s;

	if (shards < 1 || shards > SHARDS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	s = calloc(1, sizeof *s + shards * sizeof s->shards[0]);
	if (!s)
		return NULL;
	if (hash_key_new(&s->key) < 0)
		goto fail;
	s->spots = spots_new(shards, &s->key);
	if (!s->spots)
		goto fail;
	s->count = shards;
	for (unsigned i = 0; i < shards; i++)
		shard_init(&s->shards[i], i, &s->key);
	return s;
fail:
	free(s);
	return NULL;
}

void
store_free(struct store *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->count; i++)
		shard_free(&s->shards[i]);
	spots_free(s->spots);
	free(s);
}

static struct store_peer *
new_peer(struct store *s, unsigned shard, const struct store_peer_spec *spec)
{
	struct store_peer *peer = calloc(1, sizeof *peer);

	if (!peer)
		return NULL;
	peer->shard = &s->shards[shard];
	peer->spots = s->spots;
	peer->at = spec->at;
	peer->local_only = spec->local_only;
	peer->max_files = spec->max_files;
	peer->max_bytes = spec->max_bytes ? spec->max_bytes : UINT64_MAX;
	if (peer->at.port == 0)
		return peer;
	peer->spot = spot_enter(s->spots, &peer->at, shard);
	if (!peer->spot) {
		free(peer);
		return NULL;
	}
	return peer;
}

static void
free_peer(struct store_peer *peer)
{
	if (peer->spot)
		spot_leave(peer->spots, peer->spot, peer->shard->number);
	free(peer);
}

struct store_peer *
store_join(struct store *s, unsigned shard, const struct store_peer_spec *spec)
{
	struct store_peer *peer = new_peer(s, shard % s->count, spec);

	if (!peer)
		return NULL;
	if (shard_join(peer->shard, peer) < 0) {
		free_peer(peer);
		return NULL;
	}
	atomic_fetch_add(&peer->shard->unreachable, 1);
	return peer;
}

void
store_leave(struct store_peer *peer)
{
	if (!peer)
		return;
	shard_leave(peer->shard, peer);
	store_set_reachable(peer, true);
	free_peer(peer);
}

size_t
store_apply(
    struct store_peer *peer, const struct store_change *changes, size_t count)
{
	return shard_apply(peer->shard, peer, changes, count);
}

uint64_t
store_files(const struct store_peer *peer)
{
	return peer->files;
}

void
store_set_load(struct store_peer *peer, uint32_t busy, uint32_t slots)
{
	peer_set_load(peer, (struct peer_load){busy, slots});
}

void
store_set_reachable(struct store_peer *peer, bool reachable)
{
	bool before = atomic_exchange(&peer->reachable, reachable);

	if (before && !reachable)
		atomic_fetch_add(&peer->shard->unreachable, 1);
	else if (!before && reachable)
		atomic_fetch_sub(&peer->shard->unreachable, 1);
}

void
store_hits_free(struct store_hits *hits)
{
	hits_free(hits);
}

static struct gather
gather_from(
    struct store *s, const struct store_view *view, struct store_hits *hits)
{
	return (struct gather){
	    .shards = s->shards,
	    .count = s->count,
	    .key = &s->key,
	    .sieve = {.view = view, .under = UINT64_MAX},
	    .hits = hits,
	};
}

int
store_exact(struct store *s, struct slice path, const struct store_view *view,
    struct store_hits *hits)
{
	struct gather g = gather_from(s, view, hits);
	size_t distinct;

	if (hits_begin(hits) < 0)
		return -1;
	if (path.len == 0 || path.len > NAMES_PATH_MAX)
		return 0;
	if (arena_keep(&hits->memory->arena, &path) < 0 ||
	    gather_path(&g, path, 0) < 0 ||
	    hits_settle(hits, SIZE_MAX, &distinct) < 0)
		return -1;
	hits->matches = distinct;
	return 0;
}

int
store_hash(struct store *s, const struct digest *digest, size_t limit,
    const struct store_view *view, struct store_hits *hits)
{
	struct gather g = gather_from(s, view, hits);
	size_t distinct;
	bool all;

	if (hits_begin(hits) < 0 ||
	    gather_content(&g, digest, limit, &all) < 0 ||
	    hits_settle(hits, limit, &distinct) < 0)
		return -1;
	hits->matches = distinct;
	hits->more = !all;
	return 0;
}

/* What the scan counted, when not every path was gathered. */
static void
take_counts(const struct scan *scan, struct store_hits *hits)
{
	hits->matches = scan->alone + scan->split;
	hits->more = scan->split_shards > 1;
	if (hits->matches < hits->count)
		hits->matches = hits->count;
}

/* Turn the paths found into hits. */
static int
expand(const struct gather *g, const struct scan *scan, size_t limit)
{
	struct store_hits *hits = g->hits;
	const struct rank *rank;
	size_t distinct;

	for (size_t i = 0; i < scan->found.count; i++) {
		if (scan->cut && hits->count == limit)
			break;
		rank = &scan->found.list[i];
		if (gather_path(g, rank->path, rank_class(rank)) < 0 ||
		    hits_settle(hits, limit, &distinct) < 0)
			return -1;
		hits->matches += distinct;
	}
	if (scan->cut)
		take_counts(scan, hits);
	return 0;
}

static int
scan_all(struct store *s, struct scan *scan)
{
	for (unsigned i = 0; i < s->count; i++)
		if (scan_shard(scan, &s->shards[i]) < 0)
			return -1;
	ranks_sort(&scan->found);
	return 0;
}

int
store_find(struct store *s, const struct store_query *query,
    const struct store_view *view, struct store_hits *hits)
{
	struct gather g = gather_from(s, view, hits);
	struct scan scan = {
	    .limit = query->limit > PATHS_MIN ? query->limit : PATHS_MIN,
	    .via_shared = spots_have_host(s->spots, &view->via),
	};
	struct match match;
	int result = -1;

	if (hits_begin(hits) < 0 || match_new(&match, query) < 0)
		return -1;
	g.sieve.over = query->over;
	g.sieve.under = query->under;
	scan.match = &match;
	scan.sieve = g.sieve;
	scan.arena = &hits->memory->arena;
	if (scan_all(s, &scan) == 0)
		result = expand(&g, &scan, query->limit);
	ranks_free(&scan.found);
	match_free(&match);
	return result;
}

void
store_stat(struct store *s, struct store_stats *stats)
{
	*stats = (struct store_stats){
	    .bytes = sizeof *s + s->count * sizeof s->shards[0]};
	stats->bytes += spots_bytes(s->spots);
	for (unsigned i = 0; i < s->count; i++)
		shard_stat(&s->shards[i], stats);
}
