#include "crowd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "clock.h"
#include "hash.h"

#define BUCKETS 1024

/* What is counted together: an IPv4 address, or an IPv6 network. */
struct host {
	struct host *next;
	uint8_t ip[16];
	uint64_t count;
};

struct crowd {
	pthread_mutex_t lock;
	uint64_t max;
	uint64_t max_each;
	uint64_t count;
	int64_t quiet_since; /* while there is none */
	struct hash_key key; /* so that no one can fill one bucket on purpose */
	struct host *buckets[BUCKETS];
};

struct crowd *
crowd_new(uint64_t max, uint64_t max_each)
{
	struct crowd *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->max = max;
	c->max_each = max_each;
	c->quiet_since = clock_ms();
	if (hash_key_new(&c->key) < 0) {
		free(c);
		return NULL;
	}
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
crowd_limit(struct crowd *c, uint64_t max, uint64_t max_each)
{
	pthread_mutex_lock(&c->lock);
	c->max = max;
	c->max_each = max_each;
	pthread_mutex_unlock(&c->lock);
}

static void
free_bucket(struct host *host)
{
	while (host) {
		struct host *next = host->next;

		free(host);
		host = next;
	}
}

void
crowd_free(struct crowd *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		free_bucket(c->buckets[i]);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

void
crowd_host(const struct addr *peer, uint8_t ip[16])
{
	const size_t kept = CROWD_PREFIX_BITS / 8;

	memcpy(ip, peer->ip, 16);
	if (!addr_is_v4(peer))
		memset(ip + kept, 0, 16 - kept);
}

static struct host **
bucket_of(struct crowd *c, const uint8_t ip[16])
{
	return &c->buckets[hash_bytes(&c->key, ip, 16) % BUCKETS];
}

/* Where the pointer to the host stands, or would. */
static struct host **
find(struct crowd *c, const uint8_t ip[16])
{
	struct host **at = bucket_of(c, ip);

	while (*at && memcmp((*at)->ip, ip, 16) != 0)
		at = &(*at)->next;
	return at;
}

static bool
add(struct host **at, const uint8_t ip[16])
{
	*at = calloc(1, sizeof **at);
	if (*at)
		memcpy((*at)->ip, ip, 16);
	return *at;
}

static bool
enter(struct crowd *c, const uint8_t ip[16], bool spared)
{
	struct host **at = find(c, ip);

	if (c->count >= c->max || (!*at && !add(at, ip)))
		return false;
	if ((*at)->count >= c->max_each && !spared)
		return false;
	(*at)->count++;
	c->count++;
	return true;
}

bool
crowd_enter(struct crowd *c, const struct addr *peer, bool spared)
{
	uint8_t ip[16];
	bool entered;

	crowd_host(peer, ip);
	pthread_mutex_lock(&c->lock);
	entered = enter(c, ip, spared);
	pthread_mutex_unlock(&c->lock);
	return entered;
}

void
crowd_leave(struct crowd *c, const struct addr *peer)
{
	struct host **at, *host;
	uint8_t ip[16];

	crowd_host(peer, ip);
	pthread_mutex_lock(&c->lock);
	at = find(c, ip);
	host = *at;
	if (--c->count == 0)
		c->quiet_since = clock_ms();
	if (--host->count == 0) {
		*at = host->next;
		free(host);
	}
	pthread_mutex_unlock(&c->lock);
}

uint64_t
crowd_count(struct crowd *c)
{
	uint64_t count;

	pthread_mutex_lock(&c->lock);
	count = c->count;
	pthread_mutex_unlock(&c->lock);
	return count;
}

int64_t
crowd_quiet_ms(struct crowd *c)
{
	int64_t ms = 0;

	pthread_mutex_lock(&c->lock);
	if (c->count == 0)
		ms = clock_ms() - c->quiet_since;
	pthread_mutex_unlock(&c->lock);
	return ms;
}
