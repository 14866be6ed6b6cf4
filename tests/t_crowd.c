#include "lib/crowd.h"

#include "lib/addr.h"
#include "lib/clock.h"
#include "tap.h"

#define ANY UINT64_MAX

static struct addr
host(const char *ip)
{
	struct addr a = {.port = 1};

	if (addr_parse_ip(slice_str(ip), &a) < 0)
		abort();
	return a;
}

static bool
enter(struct crowd *c, const char *ip)
{
	struct addr from = host(ip);

	return crowd_enter(c, &from, false);
}

static void
leave(struct crowd *c, const char *ip)
{
	struct addr from = host(ip);

	crowd_leave(c, &from);
}

static void
each(void)
{
	struct crowd *c = crowd_new(ANY, 2);
	struct addr other_port = host("192.0.2.1");

	other_port.port = 2;
	tap_ok(enter(c, "192.0.2.1") && enter(c, "192.0.2.1"),
	    "an address may have as many connections as are allowed");
	tap_ok(!enter(c, "192.0.2.1"), "and no more");
	tap_ok(!crowd_enter(c, &other_port, false), "whatever the port is");
	tap_ok(enter(c, "192.0.2.2"), "another one is not held back");
	leave(c, "192.0.2.1");
	tap_ok(enter(c, "192.0.2.1"), "one that leaves makes room");
	tap_is_num((long long)crowd_count(c), 3, "those let in are counted");
	tap_ok(crowd_enter(c, &other_port, true), "the spared may come");
	crowd_free(c);
}

static void
other_limits(void)
{
	struct crowd *c = crowd_new(ANY, 2);

	enter(c, "192.0.2.1");
	enter(c, "192.0.2.1");
	crowd_limit(c, ANY, 3);
	tap_ok(enter(c, "192.0.2.1") && !enter(c, "192.0.2.1"),
	    "another limit counts those that are there already");
	crowd_limit(c, ANY, 1);
	tap_ok(!enter(c, "192.0.2.1") && crowd_count(c) == 3,
	    "a lower one sends nobody away, and lets nobody in");
	crowd_limit(c, 4, 9);
	tap_ok(enter(c, "192.0.2.2") && !enter(c, "192.0.2.3"),
	    "so it is with the limit of all");
	crowd_free(c);
}

static void
networks(void)
{
	struct crowd *c = crowd_new(ANY, 2);

	tap_ok(enter(c, "2001:db8::1") && enter(c, "2001:db8::2") &&
		!enter(c, "2001:db8::ffff:3"),
	    "an IPv6 network of 64 bits counts as one address");
	tap_ok(enter(c, "2001:db8:0:1::1"), "its neighbour is another");
	crowd_free(c);
}

static void
in_all(void)
{
	struct crowd *c = crowd_new(2, 2);
	struct addr spared = host("127.0.0.1");

	tap_ok(enter(c, "192.0.2.1") && enter(c, "2001:db8::1"),
	    "as many as are allowed in all may come");
	tap_ok(!enter(c, "192.0.2.2") && !crowd_enter(c, &spared, true),
	    "and no more, from wherever");
	leave(c, "2001:db8::1");
	tap_ok(enter(c, "192.0.2.2"), "until one has left");
	crowd_free(c);
}

static void
many(void)
{
	struct crowd *c = crowd_new(ANY, 1);
	bool right = true;
	char ip[32];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			snprintf(ip, sizeof ip, "10.0.%d.%d", i / 250, i % 250);
			right = enter(c, ip) && !enter(c, ip) && right;
		}
		for (int i = 0; i < 5000; i++) {
			snprintf(ip, sizeof ip, "10.0.%d.%d", i / 250, i % 250);
			leave(c, ip);
		}
	}
	tap_ok(right && crowd_count(c) == 0,
	    "thousands of addresses come and go, each counted alone");
	crowd_free(c);
}

static void
quiet(void)
{
	int64_t began = clock_ms(), ms;
	struct crowd *c = crowd_new(ANY, ANY);

	do
		ms = crowd_quiet_ms(c);
	while (ms < 3);
	tap_ok(ms <= clock_ms() - began, "at first nobody has been there");
	enter(c, "192.0.2.1");
	enter(c, "192.0.2.2");
	leave(c, "192.0.2.1");
	tap_is_num(crowd_quiet_ms(c), 0, "with anybody there it is not quiet");
	began = clock_ms();
	leave(c, "192.0.2.2");
	ms = crowd_quiet_ms(c);
	tap_ok(ms >= 0 && ms <= clock_ms() - began,
	    "and it is from when the last one has left");
	crowd_free(c);
}

int
main(void)
{
	each();
	other_limits();
	networks();
	in_all();
	many();
	quiet();
	return tap_done();
}
