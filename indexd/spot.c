#include "spot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 64u

struct spot {
	struct spot *next;
	struct spot *host; /* the same with port 0, for all its ports */
	struct addr at;
	uint32_t total;
	_Atomic bool shared;
	_Atomic bool split;
	uint32_t per_shard[];
};

struct spots {
	pthread_mutex_t lock;
	struct hash_key key;
	unsigned shards;
	size_t count;
	size_t size; /* a power of two */
	struct spot **buckets;
};

struct spots *
spots_new(unsigned shards, const struct hash_key *key)
{
	struct spots *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->buckets = calloc(BUCKETS_MIN, sizeof *s->buckets);
	if (!s->buckets) {
		free(s);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	s->key = *key;
	s->shards = shards;
	s->size = BUCKETS_MIN;
	return s;
}

void
spots_free(struct spots *s)
{
	if (!s)
		return;
	pthread_mutex_destroy(&s->lock);
	free(s->buckets);
	free(s);
}

/* The form under which an address is kept. */
static struct addr
kept_form(const struct addr *at, uint16_t port)
{
	struct addr kept = {.port = port};

	if (addr_is_loopback(at))
		kept.ip[15] = 1;
	else
		memcpy(kept.ip, at->ip, sizeof kept.ip);
	return kept;
}

static struct spot **
bucket_of(struct spots *s, const struct addr *kept)
{
	uint8_t bytes[sizeof kept->ip + sizeof kept->port];
	uint64_t hash;

	memcpy(bytes, kept->ip, sizeof kept->ip);
	memcpy(bytes + sizeof kept->ip, &kept->port, sizeof kept->port);
	hash = hash_bytes(&s->key, bytes, sizeof bytes);
	return &s->buckets[hash & (s->size - 1)];
}

static struct spot *
find(struct spots *s, const struct addr *kept)
{
	struct spot *spot = *bucket_of(s, kept);

	while (spot && !addr_eq(&spot->at, kept))
		spot = spot->next;
	return spot;
}

static void
hang(struct spots *s, struct spot *spot)
{
	struct spot **bucket = bucket_of(s, &spot->at);

	spot->next = *bucket;
	*bucket = spot;
}

/* Long chains are slow, not wrong: no memory is no error. */
static void
resize(struct spots *s, size_t size)
{
	struct spot **old = s->buckets, **fresh, *spot, *next;
	size_t old_size = s->size;

	fresh = calloc(size, sizeof(struct spot *));
	if (!fresh)
		return;
	s->buckets = fresh;
	s->size = size;
	for (size_t i = 0; i < old_size; i++)
		for (spot = old[i]; spot; spot = next) {
			next = spot->next;
			hang(s, spot);
		}
	free(old);
}

static void
fit(struct spots *s)
{
	if (s->count > s->size)
		resize(s, s->size * 2);
	else if (s->size > BUCKETS_MIN && s->count < s->size / 8)
		resize(s, s->size / 4);
}

static size_t
spot_bytes(const struct spots *s)
{
	return sizeof(struct spot) + s->shards * sizeof(uint32_t);
}

static struct spot *
find_or_add(struct spots *s, const struct addr *kept)
{
	struct spot *spot = find(s, kept);

	if (spot)
		return spot;
	spot = calloc(1, spot_bytes(s));
	if (!spot)
		return NULL;
	spot->at = *kept;
	hang(s, spot);
	s->count++;
	fit(s);
	return spot;
}

static void
drop_empty(struct spots *s, struct spot *spot)
{
	struct spot **link = bucket_of(s, &spot->at);

	if (spot->total > 0)
		return;
	while (*link != spot)
		link = &(*link)->next;
	*link = spot->next;
	free(spot);
	s->count--;
	fit(s);
}

static void
publish(struct spots *s, struct spot *spot)
{
	unsigned shards = 0;

	for (unsigned i = 0; i < s->shards; i++)
		shards += spot->per_shard[i] > 0;
	atomic_store_explicit(
	    &spot->shared, spot->total > 1, memory_order_relaxed);
	atomic_store_explicit(&spot->split, shards > 1, memory_order_relaxed);
}

static struct spot *
enter(struct spots *s, const struct addr *at, unsigned shard)
{
	struct addr kept = kept_form(at, at->port), host = kept_form(at, 0);
	struct spot *spot = find_or_add(s, &kept);

	if (!spot)
		return NULL;
	if (!spot->host)
		spot->host = find_or_add(s, &host);
	if (!spot->host) {
		drop_empty(s, spot);
		return NULL;
	}
	spot->host->total++;
	spot->total++;
	spot->per_shard[shard]++;
	publish(s, spot);
	return spot;
}

struct spot *
spot_enter(struct spots *s, const struct addr *at, unsigned shard)
{
	struct spot *spot;

	pthread_mutex_lock(&s->lock);
	spot = enter(s, at, shard);
	pthread_mutex_unlock(&s->lock);
	return spot;
}

void
spot_leave(struct spots *s, struct spot *spot, unsigned shard)
{
	struct spot *host = spot->host;

	pthread_mutex_lock(&s->lock);
	spot->per_shard[shard]--;
	spot->total--;
	publish(s, spot);
	host->total--;
	drop_empty(s, spot);
	drop_empty(s, host);
	pthread_mutex_unlock(&s->lock);
}

bool
spot_shared(const struct spot *spot)
{
	return atomic_load_explicit(&spot->shared, memory_order_relaxed);
}

bool
spot_split(const struct spot *spot)
{
	return atomic_load_explicit(&spot->split, memory_order_relaxed);
}

bool
spots_have_host(struct spots *s, const struct addr *host)
{
	struct addr kept = kept_form(host, 0);
	bool have;

	if (addr_is_loopback(host))
		return false;
	pthread_mutex_lock(&s->lock);
	have = find(s, &kept) != NULL;
	pthread_mutex_unlock(&s->lock);
	return have;
}

uint64_t
spots_bytes(struct spots *s)
{
	uint64_t bytes;

	pthread_mutex_lock(&s->lock);
	bytes = sizeof *s + s->size * sizeof(struct spot *) +
	    s->count * (uint64_t)spot_bytes(s);
	pthread_mutex_unlock(&s->lock);
	return bytes;
}
