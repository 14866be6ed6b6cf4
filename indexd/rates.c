#include "rates.h"

#include <pthread.h>
#include <stdlib.h>

#include "lib/addr.h"
#include "lib/crowd.h"
#include "lib/hash.h"

/* An address has its place in one of these sets, wherever that has room. */
#define WAYS 8
#define SETS (2 * RATES_HOSTS / WAYS)

#define NS_MS 1000000
#define NS_SECOND 1000000000

/* When the address will have made up for everything, in nanoseconds. */
struct debt {
	uint64_t
	    host; /* keyed: nobody can foresee who shares a set with whom */
	int64_t paid[RATES_KINDS];
};

struct rates {
	pthread_mutex_t lock;
	struct rates_spec spec;
	struct hash_key key;
	struct debt sets[SETS][WAYS];
};

struct rates *
rates_new(const struct rates_spec *spec)
{
	struct rates *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->spec = *spec;
	if (hash_key_new(&r->key) < 0) {
		free(r);
		return NULL;
	}
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void
rates_free(struct rates *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->lock);
	free(r);
}

/* Nobody owes any of that kind. */
static void
forgive(struct rates *r, enum rates_kind kind)
{
	for (size_t set = 0; set < SETS; set++)
		for (size_t way = 0; way < WAYS; way++)
			r->sets[set][way].paid[kind] = 0;
}

void
rates_change(struct rates *r, const uint64_t each_second[RATES_KINDS])
{
	pthread_mutex_lock(&r->lock);
	for (int kind = 0; kind < RATES_KINDS; kind++) {
		if (r->spec.each_second[kind] == each_second[kind])
			continue;
		r->spec.each_second[kind] = each_second[kind];
		forgive(r, (enum rates_kind)kind);
	}
	pthread_mutex_unlock(&r->lock);
}

static uint64_t
host_of(const struct rates *r, const struct addr *who)
{
	uint8_t ip[16];

	crowd_host(who, ip);
	return hash_bytes(&r->key, ip, sizeof ip);
}

static int64_t
paid_in_full(const struct debt *d)
{
	int64_t last = d->paid[0];

	for (int kind = 1; kind < RATES_KINDS; kind++)
		if (d->paid[kind] > last)
			last = d->paid[kind];
	return last;
}

/* NULL when nothing is known of it. */
static struct debt *
find(struct rates *r, uint64_t host)
{
	struct debt *set = r->sets[host % SETS];

	for (int i = 0; i < WAYS; i++)
		if (set[i].host == host)
			return &set[i];
	return NULL;
}

/* In place of who owes least, which may be nothing. */
static struct debt *
enter(struct rates *r, uint64_t host)
{
	struct debt *set = r->sets[host % SETS], *least = set;

	for (int i = 1; i < WAYS; i++)
		if (paid_in_full(&set[i]) < paid_in_full(least))
			least = &set[i];
	*least = (struct debt){.host = host};
	return least;
}

/* Milliseconds from now to a time in nanoseconds; 0 when it has passed. */
static int64_t
wait_until(int64_t at, int64_t now)
{
	int64_t left = at - now * NS_MS;

	return left > 0 ? (left + NS_MS - 1) / NS_MS : 0;
}

/* Milliseconds until no more than the burst is owed. */
static int64_t
beyond_burst(const struct rates *r, int64_t paid, int64_t now)
{
	int64_t left = wait_until(paid, now) - r->spec.burst_ms;

	return left > 0 ? left : 0;
}

/* What count of them cost, in nanoseconds. */
static int64_t
price(uint64_t count, uint64_t each_second)
{
	uint64_t seconds = count / each_second;
	uint64_t rest = count % each_second;

	if (seconds > INT32_MAX)
		seconds = INT32_MAX;
	return (int64_t)(seconds * NS_SECOND) +
	    (int64_t)((double)rest * NS_SECOND / (double)each_second);
}

int64_t
rates_take(struct rates *r, const struct addr *who, enum rates_kind kind,
    uint64_t count, int64_t now)
{
	const int64_t most = (now + RATES_OWED_MOST) * NS_MS;
	uint64_t host = host_of(r, who), each_second;
	struct debt *debt;
	int64_t paid;

	pthread_mutex_lock(&r->lock);
	each_second = r->spec.each_second[kind];
	if (each_second == 0) {
		pthread_mutex_unlock(&r->lock);
		return 0;
	}
	debt = find(r, host);
	if (!debt)
		debt = enter(r, host);
	paid = debt->paid[kind];
	if (paid < now * NS_MS)
		paid = now * NS_MS;
	paid += price(count, each_second);
	if (kind == RATES_TURN && paid > most)
		paid = most;
	debt->paid[kind] = paid;
	pthread_mutex_unlock(&r->lock);
	return kind == RATES_TURN ? 0 : beyond_burst(r, paid, now);
}

/* What is noted of it; zeros when nothing is. */
static struct debt
debt_of(struct rates *r, const struct addr *who)
{
	uint64_t host = host_of(r, who);
	struct debt known = {.host = host}, *debt;

	pthread_mutex_lock(&r->lock);
	debt = find(r, host);
	if (debt)
		known = *debt;
	pthread_mutex_unlock(&r->lock);
	return known;
}

int64_t
rates_owed(struct rates *r, const struct addr *who, int64_t now)
{
	return wait_until(debt_of(r, who).paid[RATES_TURN], now);
}

int64_t
rates_wait(struct rates *r, const struct addr *who, int64_t now)
{
	struct debt debt = debt_of(r, who);

	debt.paid[RATES_TURN] = 0;
	return beyond_burst(r, paid_in_full(&debt), now);
}
