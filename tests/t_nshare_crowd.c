#include "nshare/crowd.h"

#include "lib/addr.h"
#include "tap.h"

static struct addr
address(const char *text, uint16_t port)
{
	struct addr a = {.port = port};

	if (addr_parse_ip(slice_str(text), &a) < 0)
		exit(1);
	a.port = port;
	return a;
}

static void
test_each(void)
{
	struct addr a = address("192.0.2.1", 1), b = address("192.0.2.2", 1);
	struct addr local = address("127.0.0.1", 1);
	struct crowd c;

	crowd_init(&c, 100, 2);
	tap_ok(crowd_enter(&c, &a) && crowd_enter(&c, &a),
	    "an address may have as many connections as are allowed");
	tap_ok(!crowd_enter(&c, &a), "and no more");
	a.port = 2;
	tap_ok(!crowd_enter(&c, &a), "whatever the port is");
	tap_ok(crowd_enter(&c, &b), "another one is not held back");
	crowd_leave(&c, &a);
	tap_ok(crowd_enter(&c, &a), "one that leaves makes room");
	tap_ok(crowd_enter(&c, &local) && crowd_enter(&c, &local) &&
		crowd_enter(&c, &local),
	    "loopback is spared");
	crowd_free(&c);
}

static void
test_all(void)
{
	struct addr a = address("127.0.0.1", 1), b = address("2001:db8::1", 1);
	struct crowd c;

	crowd_init(&c, 2, 2);
	tap_ok(crowd_enter(&c, &a) && crowd_enter(&c, &b), "two may come");
	tap_ok(!crowd_enter(&c, &a) && !crowd_enter(&c, &b),
	    "a third may not, from wherever");
	crowd_leave(&c, &a);
	tap_ok(crowd_enter(&c, &b), "until one has left");
	crowd_free(&c);
}

static void
test_many(void)
{
	struct crowd c;
	struct addr a = address("10.0.0.0", 1);
	bool right = true;

	crowd_init(&c, 1000, 1);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 1000; i++) {
			a.ip[14] = (uint8_t)(i >> 8);
			a.ip[15] = (uint8_t)i;
			right = right && crowd_enter(&c, &a) &&
			    !crowd_enter(&c, &a);
		}
		for (int i = 999; i >= 0; i--) {
			a.ip[14] = (uint8_t)(i * 7 % 1000 >> 8);
			a.ip[15] = (uint8_t)(i * 7 % 1000);
			crowd_leave(&c, &a);
		}
	}
	tap_ok(right && c.count == 0 && c.host_count == 0,
	    "a thousand addresses come and go in any order");
	crowd_free(&c);
}

int
main(void)
{
	test_each();
	test_all();
	test_many();
	return tap_done();
}
