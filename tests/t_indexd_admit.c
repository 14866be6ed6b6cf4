#include "indexd/admit.h"
#include "indexd/limits.h"
#include "lib/addr.h"
#include "tap.h"

static struct addr
host(const char *ip)
{
	struct addr a = {.port = 1};

	if (addr_parse_ip(slice_str(ip), &a) < 0)
		abort();
	return a;
}

static bool
enter(struct admit *a, const char *ip)
{
	struct addr from = host(ip);

	return admit_enter(a, &from);
}

static void
leave(struct admit *a, const char *ip)
{
	struct addr from = host(ip);

	admit_leave(a, &from);
}

static void
limited(struct admit *a)
{
	tap_ok(enter(a, "192.0.2.1") && enter(a, "192.0.2.1"),
	    "an address may connect up to its limit");
	tap_ok(!enter(a, "192.0.2.1"), "and not once more");
	tap_ok(enter(a, "192.0.2.2"), "another address is not concerned");
	leave(a, "192.0.2.1");
	tap_ok(enter(a, "192.0.2.1"), "one that leaves makes room");
	tap_is_num((long long)admit_count(a), 3, "the let in are counted");
}

static void
networks(struct admit *a)
{
	tap_ok(enter(a, "2001:db8::1") && enter(a, "2001:db8::2") &&
		!enter(a, "2001:db8::ffff:3"),
	    "an IPv6 network of 64 bits counts as one address");
	tap_ok(enter(a, "2001:db8:0:1::1"), "its neighbour is another");
}

static void
spared(struct admit *a)
{
	bool all = true;

	for (int i = 0; i < 10; i++)
		all = enter(a, "127.0.0.1") && enter(a, "::1") &&
		    enter(a, "198.51.100.9") && all;
	tap_ok(all, "loopback and trusted addresses are spared");
}

int
main(void)
{
	struct addr_block trusted;
	struct limits limits = LIMITS_DEFAULT;
	struct admit *a;

	addr_block_parse(SLICE("198.51.100.0/24"), &trusted);
	limits.conns = 2;
	limits.trusted = &trusted;
	limits.trusted_count = 1;
	a = admit_new(&limits);
	limited(a);
	networks(a);
	spared(a);
	admit_free(a);
	return tap_done();
}
