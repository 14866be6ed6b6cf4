#include "admit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/addr.h"
#include "limits.h"

/* What is counted together: an IPv4 address, or an IPv6 network. */
struct host {
	struct host *next;
	uint8_t ip[16];
	uint64_t conns;
};

#define BUCKETS 4096

struct admit {
	const struct limits *limits;
	pthread_mutex_t lock;
	uint64_t seed; /* so that no one can fill one bucket on purpose */
	uint64_t conns;
	struct host *buckets[BUCKETS];
};

struct admit *
admit_new(const struct limits *limits)
{
	struct admit *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->limits = limits;
	if (getrandom(&a->seed, sizeof a->seed, 0) < 0) {
		free(a);
		return NULL;
	}
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

void
admit_free(struct admit *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (a->buckets[i]) {
			struct host *host = a->buckets[i];

			a->buckets[i] = host->next;
			free(host);
		}
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static void
host_of(const struct addr *client, uint8_t ip[16])
{
	memcpy(ip, client->ip, 16);
	if (!addr_is_v4(client))
		memset(ip + LIMITS_V6_PREFIX_BITS / 8, 0,
		    16 - LIMITS_V6_PREFIX_BITS / 8);
}

static struct host **
bucket_of(struct admit *a, const uint8_t ip[16])
{
	uint64_t half[2], mix;

	memcpy(half, ip, sizeof half);
	mix = (half[0] ^ a->seed) * 0x9e3779b97f4a7c15u;
	mix ^= mix >> 32;
	mix = (mix ^ half[1] ^ (a->seed << 1)) * 0xd6e8feb86659fd93u;
	return &a->buckets[(mix >> 40) % BUCKETS];
}

/* Where the pointer to the host stands, or would. */
static struct host **
find_host(struct admit *a, const uint8_t ip[16])
{
	struct host **at = bucket_of(a, ip);

	while (*at && memcmp((*at)->ip, ip, 16) != 0)
		at = &(*at)->next;
	return at;
}

static struct host *
add_host(struct host **at, const uint8_t ip[16])
{
	*at = calloc(1, sizeof **at);
	if (*at)
		memcpy((*at)->ip, ip, 16);
	return *at;
}

bool
admit_enter(struct admit *a, const struct addr *client)
{
	bool spared = addr_is_loopback(client) ||
	    limits_trusts(a->limits, client);
	struct host **at;
	bool let_in;
	uint8_t ip[16];

	host_of(client, ip);
	pthread_mutex_lock(&a->lock);
	at = find_host(a, ip);
	let_in = *at || add_host(at, ip);
	if (let_in && !spared && (*at)->conns >= a->limits->conns)
		let_in = false;
	if (let_in) {
		(*at)->conns++;
		a->conns++;
	}
	pthread_mutex_unlock(&a->lock);
	return let_in;
}

void
admit_leave(struct admit *a, const struct addr *client)
{
	struct host **at, *host;
	uint8_t ip[16];

	host_of(client, ip);
	pthread_mutex_lock(&a->lock);
	at = find_host(a, ip);
	host = *at;
	a->conns--;
	if (--host->conns == 0) {
		*at = host->next;
		free(host);
	}
	pthread_mutex_unlock(&a->lock);
}

uint64_t
admit_count(struct admit *a)
{
	uint64_t conns;

	pthread_mutex_lock(&a->lock);
	conns = a->conns;
	pthread_mutex_unlock(&a->lock);
	return conns;
}
