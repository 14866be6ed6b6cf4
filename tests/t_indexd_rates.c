#include "indexd/rates.h"

#include "lib/addr.h"
#include "tap.h"

#define SECOND 1000

static struct addr
host(const char *ip)
{
	struct addr a = {.port = 1};

	if (addr_parse_ip(slice_str(ip), &a) < 0)
		abort();
	return a;
}

/* 10 searches and 1000 additions a second, twice as many at once. */
static struct rates *
rates(void)
{
	struct rates_spec spec = {
	    .each_second =
		{[RATES_FIND] = 10, [RATES_ADD] = 1000, [RATES_TURN] = 1000},
	    .burst_ms = 2 * SECOND,
	};
	struct rates *r = rates_new(&spec);

	if (!r)
		abort();
	return r;
}

static int64_t
finds(struct rates *r, const char *ip, uint64_t count, int64_t now)
{
	struct addr who = host(ip);

	return rates_take(r, &who, RATES_FIND, count, now);
}

static int64_t
adds(struct rates *r, const char *ip, uint64_t count, int64_t now)
{
	struct addr who = host(ip);

	return rates_take(r, &who, RATES_ADD, count, now);
}

static int64_t
waits(struct rates *r, const char *ip, int64_t now)
{
	struct addr who = host(ip);

	return rates_wait(r, &who, now);
}

static void
bursts(void)
{
	struct rates *r = rates();
	const int64_t now = 50 * SECOND;

	tap_is_num(finds(r, "192.0.2.1", 20, now), 0,
	    "who comes anew may do as much at once as the burst has");
	tap_is_num(finds(r, "192.0.2.1", 1, now), 100,
	    "what is beyond it is waited for, as long as the rate wants");
	tap_is_num(finds(r, "192.0.2.1", 1, now), 200,
	    "one thing after the other, whoever did it");
	tap_is_num(waits(r, "192.0.2.1", now), 200,
	    "who connects anew waits for the same");
	tap_is_num(waits(r, "192.0.2.1", now + 150), 50, "which time shortens");
	tap_is_num(waits(r, "192.0.2.1", now + 200), 0, "until it is over");
	tap_is_num(finds(r, "192.0.2.1", 1, now + 300), 0,
	    "who keeps to the rate from then on waits for nothing");
	tap_is_num(finds(r, "192.0.2.1", 21, now + 100 * SECOND), 100,
	    "long quiet saves up no more than one burst");
	rates_free(r);
}

static void
kinds(void)
{
	struct rates *r = rates();

	tap_is_num(adds(r, "192.0.2.1", 3000, 0), SECOND,
	    "each kind of thing has its own rate");
	tap_is_num(finds(r, "192.0.2.1", 20, 0), 0,
	    "of which the other takes nothing");
	tap_is_num(waits(r, "192.0.2.1", 0), SECOND,
	    "but who comes anew waits for all that was done");
	tap_is_num(adds(r, "192.0.2.1", 1, 0), SECOND + 1,
	    "part of a millisecond is rounded up");
	rates_free(r);
}

static int64_t
works(struct rates *r, const char *ip, uint64_t us)
{
	struct addr who = host(ip);

	return rates_take(r, &who, RATES_TURN, us, 0);
}

static void
turns(void)
{
	struct rates *r = rates();
	struct addr busy = host("192.0.2.1"), idle = host("192.0.2.2");

	tap_ok(works(r, "192.0.2.1", 100) == 0 && waits(r, "192.0.2.1", 0) == 0,
	    "nobody waits for the time that his turns took");
	tap_is_num(rates_owed(r, &busy, 0), 100, "but it is remembered");
	tap_is_num(rates_owed(r, &busy, 40), 60, "for a while");
	works(r, "192.0.2.2", 1);
	tap_is_num(rates_owed(r, &idle, 0), 1, "who had little owes little");
	works(r, "192.0.2.1", 1000000);
	tap_is_num(rates_owed(r, &busy, 0), RATES_OWED_MOST,
	    "of much, no more than so much is held against one");
	rates_free(r);
}

static void
addresses(void)
{
	struct rates *r = rates();
	struct addr port = host("192.0.2.1");

	finds(r, "192.0.2.1", 30, 0);
	port.port = 2;
	tap_is_num(rates_wait(r, &port, 0), SECOND,
	    "an address is the same at whatever port");
	tap_is_num(waits(r, "192.0.2.2", 0), 0, "its neighbour is another");
	finds(r, "2001:db8::1", 30, 0);
	tap_is_num(waits(r, "2001:db8::ffff:2", 0), SECOND,
	    "an IPv6 network of 64 bits counts as one address");
	tap_is_num(
	    waits(r, "2001:db8:0:1::1", 0), 0, "and the next one as another");
	rates_free(r);
}

static void
unlimited(void)
{
	struct rates_spec spec = {.each_second = {[RATES_ADD] = 1}};
	struct rates *r = rates_new(&spec);

	tap_ok(finds(r, "192.0.2.1", UINT64_MAX, 0) == 0 &&
		waits(r, "192.0.2.1", 0) == 0,
	    "a rate of 0 is none");
	tap_is_num(adds(r, "192.0.2.1", 1, 0), SECOND,
	    "without a burst everything is waited for");
	tap_ok(
	    adds(r, "192.0.2.1", UINT64_MAX, 0) > SECOND, "however much it is");
	rates_free(r);
}

/* Number n of many addresses. */
static const char *
nth(unsigned n)
{
	static char ip[32];

	snprintf(ip, sizeof ip, "10.%u.%u.%u", n >> 16, n >> 8 & 255, n & 255);
	return ip;
}

static void
many(void)
{
	struct rates *r = rates();
	unsigned known = 0;

	for (unsigned i = 0; i < RATES_HOSTS; i++)
		finds(r, nth(i), 30, 0);
	for (unsigned i = 0; i < RATES_HOSTS; i++)
		known += waits(r, nth(i), 0) == SECOND;
	tap_ok(known > RATES_HOSTS / 10 * 9,
	    "thousands that are too fast are all remembered");
	finds(r, "192.0.2.1", 1000, 0);
	for (unsigned i = 0; i < 20 * RATES_HOSTS; i++)
		finds(r, nth(i), 1, 0);
	tap_is_num(waits(r, "192.0.2.1", 0), 98 * SECOND,
	    "of many more those who owe least are forgotten first");
	rates_free(r);
}

static void
change(void)
{
	const uint64_t other[RATES_KINDS] = {
	    [RATES_FIND] = 1, [RATES_ADD] = 1000, [RATES_TURN] = 1000};
	const uint64_t any[RATES_KINDS] = {
	    [RATES_ADD] = 1000, [RATES_TURN] = 1000};
	struct rates *r = rates();
	const int64_t now = 50 * SECOND;

	finds(r, "192.0.2.1", 1000, now);
	adds(r, "192.0.2.1", 3000, now);
	rates_change(r, other);
	tap_is_num(waits(r, "192.0.2.1", now), SECOND,
	    "where another rate holds, nobody owes; elsewhere who did still "
	    "does");
	tap_is_num(finds(r, "192.0.2.2", 3, now), SECOND,
	    "from then on it is kept to");
	rates_change(r, any);
	tap_is_num(finds(r, "192.0.2.2", 1000, now), 0,
	    "as well when it is none at all");
	rates_free(r);
}

int
main(void)
{
	bursts();
	kinds();
	turns();
	addresses();
	unlimited();
	many();
	change();
	rates_free(NULL);
	return tap_done();
}
