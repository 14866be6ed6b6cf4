#include "shard.h"

/* Listings that a leaving peer loses under one lock. */
#define LEAVE_BATCH 4096

/* Changes whose names are looked up together. */
#define APPLY_GROUP 32

void
shard_init(struct shard *sh, unsigned number, const struct hash_key *key)
{
	pthread_mutex_init(&sh->gate, NULL);
	pthread_rwlock_init(&sh->lock, NULL);
	sh->number = number;
	atomic_init(&sh->unreachable, 0);
	catalog_init(&sh->catalog, key);
}

void
shard_free(struct shard *sh)
{
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

/* Whether listings remain. */
static bool
lose_some(struct shard *sh, struct store_peer *peer)
{
	struct catalog *c = &sh->catalog;
	unsigned n = 0;
	bool more;

	shard_write(sh);
	peer->gone = true;
	while (peer->head != CATALOG_NONE && n++ < LEAVE_BATCH)
		catalog_drop(c, peer->head);
	more = peer->head != CATALOG_NONE;
	if (!more) {
		catalog_leave(c, peer);
		catalog_tidy(c);
	}
	shard_unlock(sh);
	return more;
}

void
shard_leave(struct shard *sh, struct store_peer *peer)
{
	while (lose_some(sh, peer))
		continue;
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

static size_t
apply_group(struct catalog *c, struct store_peer *peer,
    const struct store_change *changes, size_t count)
{
	uint32_t tags[APPLY_GROUP] = {0};
	size_t i, refused = 0;

	for (i = 0; i < count; i++) {
		if (!is_path(changes[i].path))
			continue;
		tags[i] = names_tag(&c->key, changes[i].path);
		table_prefetch(&c->names.table, tags[i]);
	}
	for (i = 0; i < count; i++)
		refused += apply(c, peer, tags[i], &changes[i]) < 0;
	return refused;
}

size_t
shard_apply(struct shard *sh, struct store_peer *peer,
    const struct store_change *changes, size_t count)
{
	size_t n, refused = 0;

	shard_write(sh);
	for (; count > 0; changes += n, count -= n) {
		n = count < APPLY_GROUP ? count : APPLY_GROUP;
		refused += apply_group(&sh->catalog, peer, changes, n);
	}
	catalog_tidy(&sh->catalog);
	shard_unlock(sh);
	return refused;
}

void
shard_stat(struct shard *sh, struct store_stats *stats)
{
	const struct catalog *c = &sh->catalog;

	shard_read(sh);
	stats->peers += c->peers.live;
	stats->unreachable += atomic_load(&sh->unreachable);
	stats->names += c->names.live;
	stats->listings += c->listings.live;
	stats->bytes += catalog_bytes(c) +
	    c->peers.live * (uint64_t)sizeof(struct store_peer);
	shard_unlock(sh);
}
