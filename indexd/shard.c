#include "shard.h"

#include <stdlib.h>

#include "plan.h"

/* Changes that are made under one lock, and whose names are fetched at once. */
#define APPLY_AT_ONCE 128
#define APPLY_GROUP 32

/*
 * Names that may wait to be indexed, with and without searches lately, and
 * listings to be buried.
 */
#define WAITING_SOUGHT 16000u
#define WAITING_MAX 500000u
#define GONE_MAX 1000000u

void
shard_init(struct shard *sh, unsigned number, const struct hash_key *key,
    const struct store_shape *shape)
{
	pthread_mutex_init(&sh->gate, NULL);
	pthread_rwlock_init(&sh->lock, NULL);
	sh->number = number;
	atomic_init(&sh->unreachable, 0);
	atomic_init(&sh->cramped, false);
	atomic_init(&sh->sought, 0);
	sh->shape = *shape;
	catalog_init(&sh->catalog, key, shape->segment_max);
}

void
shard_free(struct shard *sh)
{
	struct store_peer *peer;

	while ((peer = sh->gone)) {
		sh->gone = peer->gone_next;
		free(peer);
	}
	catalog_free(&sh->catalog);
	pthread_rwlock_destroy(&sh->lock);
	pthread_mutex_destroy(&sh->gate);
}

void
shard_read(struct shard *sh)
{
	pthread_mutex_lock(&sh->gate);
	pthread_rwlock_rdlock(&sh->lock);
	pthread_mutex_unlock(&sh->gate);
}

void
shard_write(struct shard *sh)
{
	pthread_mutex_lock(&sh->gate);
	pthread_rwlock_wrlock(&sh->lock);
	pthread_mutex_unlock(&sh->gate);
}

void
shard_unlock(struct shard *sh)
{
	pthread_rwlock_unlock(&sh->lock);
}

int
shard_join(struct shard *sh, struct store_peer *peer)
{
	int result;

	shard_write(sh);
	result = catalog_join(&sh->catalog, peer);
	shard_unlock(sh);
	return result;
}

void
shard_leave(struct shard *sh, struct store_peer *peer)
{
	shard_write(sh);
	peer->gone = true;
	peer->gone_next = sh->gone;
	sh->gone = peer;
	sh->gone_peers++;
	sh->gone_files += peer->files;
	shard_unlock(sh);
}

static bool
is_path(struct slice path)
{
	return path.len > 0 && path.len <= NAMES_PATH_MAX;
}

/* 0, or -1 when the change is refused. */
static int
apply(struct catalog *c, struct store_peer *peer, uint32_t tag,
    const struct store_change *change)
{
	uint32_t id;

	if (!is_path(change->path))
		return change->add ? -1 : 0;
	if (change->add)
		return catalog_add(c, peer, tag, change);
	id = catalog_find(c, peer, tag, change->path);
	if (id != CATALOG_NONE)
		catalog_drop(c, id);
	return 0;
}

/* Whether more names would wait, and none can be indexed. */
static bool
is_full(const struct shard *sh)
{
	return atomic_load(&sh->cramped) &&
	    sh->catalog.names.waiting > WAITING_SOUGHT;
}

static size_t
apply_group(struct shard *sh, struct store_peer *peer,
    const struct store_change *changes, size_t count)
{
	struct catalog *c = &sh->catalog;
	bool full = is_full(sh);
	uint32_t tags[APPLY_GROUP] = {0};
	size_t i, refused = 0;

	for (i = 0; i < count; i++) {
		if (!is_path(changes[i].path))
			continue;
		tags[i] = names_tag(&c->key, changes[i].path);
		table_prefetch(&c->names.table, tags[i]);
	}
	for (i = 0; i < count; i++)
		refused += (full && changes[i].add) ||
		    apply(c, peer, tags[i], &changes[i]) < 0;
	return refused;
}

static size_t
apply_locked(struct shard *sh, struct store_peer *peer,
    const struct store_change *changes, size_t count)
{
	size_t n, refused = 0;

	shard_write(sh);
	for (; count > 0; changes += n, count -= n) {
		n = count < APPLY_GROUP ? count : APPLY_GROUP;
		refused += apply_group(sh, peer, changes, n);
	}
	shard_unlock(sh);
	return refused;
}

size_t
shard_apply(struct shard *sh, struct store_peer *peer,
    const struct store_change *changes, size_t count)
{
	size_t n, refused = 0;

	for (; count > 0; changes += n, count -= n) {
		n = count < APPLY_AT_ONCE ? count : APPLY_AT_ONCE;
		refused += apply_locked(sh, peer, changes, n);
	}
	return refused;
}

bool
shard_crowded(struct shard *sh)
{
	uint32_t most = atomic_load(&sh->sought) > 0 ? WAITING_SOUGHT
						     : WAITING_MAX;
	bool crowded;

	shard_read(sh);
	crowded = sh->gone_files > GONE_MAX ||
	    (sh->catalog.names.waiting > most && !atomic_load(&sh->cramped));
	shard_unlock(sh);
	return crowded;
}

uint64_t
shard_added(struct shard *sh)
{
	uint64_t added;

	shard_read(sh);
	added = sh->catalog.names.added;
	shard_unlock(sh);
	return added;
}

bool
shard_sketchy(struct shard *sh)
{
	const struct names *names = &sh->catalog.names;
	uint32_t sketched = 0, most;
	const struct segment *s;

	shard_read(sh);
	for (s = names_next(names, 0); s; s = names_next(names, s->serial))
		sketched += segment_sketched(s);
	most = names->live / 2;
	shard_unlock(sh);
	if (most < sh->shape.sketched_max)
		most = sh->shape.sketched_max;
	return sketched > most;
}

/* How many names are to be indexed. */
static uint64_t
to_index(const struct shard *sh)
{
	const struct names *names = &sh->catalog.names;
	const struct segment *s;
	uint64_t sum = 0;
	struct plan plan;

	for (s = names_next(names, 0); s; s = names_next(names, s->serial))
		if (plan_leisure(s, sh->shape.run_min, &plan))
			sum += plan.end - plan.from;
	return sum;
}

void
shard_stat(struct shard *sh, struct store_stats *stats)
{
	const struct catalog *c = &sh->catalog;

	shard_read(sh);
	stats->peers += c->peers.live - sh->gone_peers;
	stats->unreachable += atomic_load(&sh->unreachable);
	stats->names += c->names.live;
	stats->listings += c->listings.live - sh->gone_files;
	stats->pending += sh->gone_files + to_index(sh);
	stats->bytes += catalog_bytes(c) +
	    c->peers.live * (uint64_t)sizeof(struct store_peer);
	shard_unlock(sh);
}
