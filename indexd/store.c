#include "store.h"

#include <errno.h>
#include <stdlib.h>

#include "gather.h"
#include "hits.h"
#include "keeper.h"
#include "lib/hash.h"
#include "match.h"
#include "search.h"
#include "shard.h"
#include "spot.h"

/* More are of no use: each search asks all. */
#define SHARDS_MAX 64

/* Names of a shard that are worth a run, and that may have but a sketch. */
#define RUN_MIN 4096
#define SKETCHED_MAX ((uint32_t)1 << 20)

/* Paths that are made into hits for who is in a hurry. */
#define HURRIED_PATHS 128

struct store {
	struct hash_key key;
	struct spots *spots;
	unsigned count;
	struct shard shards[];
};

struct store *
store_new_shaped(unsigned shards, const struct store_shape *shape)
{
	struct store *s;
	struct shard *sh;

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
	while (s->count < shards) {
		sh = &s->shards[s->count];
		shard_init(sh, s->count++, &s->key, shape);
		sh->keeper = keeper_new(sh);
		if (!sh->keeper)
			goto fail;
	}
	return s;
fail:
	store_free(s);
	return NULL;
}

struct store *
store_new(unsigned shards)
{
	static const struct store_shape shape = {
	    .segment_max = SEGMENT_NAMES_MAX,
	    .run_min = RUN_MIN,
	    .sketched_max = SKETCHED_MAX,
	};

	return store_new_shaped(shards, &shape);
}

void
store_free(struct store *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->count; i++) {
		keeper_free(s->shards[i].keeper);
		shard_free(&s->shards[i]);
	}
	spots_free(s->spots);
	free(s);
}

void
store_settle(struct store *s)
{
	for (unsigned i = 0; i < s->count; i++) {
		keeper_call(s->shards[i].keeper);
		keeper_settle(s->shards[i].keeper);
	}
}

static struct store_peer *
new_peer(struct store *s, unsigned shard, const struct store_peer_spec *spec)
{
	struct store_peer *peer = calloc(1, sizeof *peer);

	if (!peer)
		return NULL;
	peer->store = s;
	peer->shard = &s->shards[shard];
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
leave_spot(struct store *s, struct spot *spot, const struct shard *sh)
{
	if (spot)
		spot_leave(s->spots, spot, sh->number);
}

struct store_peer *
store_join(struct store *s, unsigned shard, const struct store_peer_spec *spec)
{
	struct store_peer *peer = new_peer(s, shard % s->count, spec);

	if (!peer)
		return NULL;
	if (shard_join(peer->shard, peer) < 0) {
		leave_spot(s, peer->spot, peer->shard);
		free(peer);
		return NULL;
	}
	atomic_fetch_add(&peer->shard->unreachable, 1);
	return peer;
}

void
store_leave(struct store_peer *peer)
{
	struct store *s;
	struct shard *sh;
	struct spot *spot;

	if (!peer)
		return;
	s = peer->store;
	sh = peer->shard;
	spot = peer->spot;
	store_set_reachable(peer, true);
	shard_leave(sh, peer);
	leave_spot(s, spot, sh);
	keeper_call(sh->keeper);
}

size_t
store_apply(
    struct store_peer *peer, const struct store_change *changes, size_t count)
{
	size_t refused = shard_apply(peer->shard, peer, changes, count);

	keeper_call(peer->shard->keeper);
	return refused;
}

bool
store_crowded(const struct store_peer *peer)
{
	return shard_crowded(peer->shard);
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

/* What the search counted, when not every path was gathered. */
static void
take_counts(const struct search *search, struct store_hits *hits)
{
	hits->matches = search->alone + search->split;
	hits->more = search->skipped || search->split_shards > 1;
	if (hits->matches < hits->count)
		hits->matches = hits->count;
}

/* Turn the paths found into hits. */
static int
expand(const struct gather *g, const struct search *search)
{
	struct store_hits *hits = g->hits;
	const struct rank *rank;
	size_t distinct;

	for (size_t i = 0; i < search->found.count; i++) {
		if (search->cut && hits->count == search->limit)
			break;
		rank = &search->found.list[i];
		if (gather_path(g, rank->path, rank_class(rank)) < 0 ||
		    hits_settle(hits, search->limit, &distinct) < 0)
			return -1;
		hits->matches += distinct;
	}
	if (search->cut)
		take_counts(search, hits);
	return 0;
}

/* Whether to make them into hits takes too long for who asks. */
static bool
too_many(const struct search *search)
{
	return search->sieve.view->haste == STORE_NOW &&
	    search->limit > HURRIED_PATHS &&
	    search->found.count > HURRIED_PATHS;
}

static int
search_all(struct store *s, struct search *search)
{
	for (unsigned i = 0; i < s->count; i++)
		if (search_shard(search, &s->shards[i]) < 0)
			return -1;
	if (too_many(search)) {
		errno = EAGAIN;
		return -1;
	}
	ranks_sort(&search->found);
	return 0;
}

int
store_find(struct store *s, const struct store_query *query,
    const struct store_view *view, struct store_hits *hits)
{
	struct gather g = gather_from(s, view, hits);
	struct search search;
	struct match match;
	int result = -1;

	if (hits_begin(hits) < 0 || match_new(&match, query) < 0)
		return -1;
	g.sieve.over = query->over;
	g.sieve.under = query->under;
	search_init(&search, &match, query->limit);
	search.sieve = g.sieve;
	search.via_shared = spots_have_host(s->spots, &view->via);
	search.arena = &hits->memory->arena;
	if (search_all(s, &search) == 0)
		result = expand(&g, &search);
	search_free(&search);
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
