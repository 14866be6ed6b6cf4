#include "lib/addr.h"

#include <errno.h>

#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct addr
address(const char *ip)
{
	struct addr a = {0};

	if (addr_parse_ip(slice_str(ip), &a) < 0)
		tap_ok(false, "%s is an address", ip);
	return a;
}

static void
test_text(void)
{
	static const struct {
		const char *ip, *shown, *with_port;
	} cases[] = {
	    {"192.0.2.7", "192.0.2.7", "192.0.2.7:9000"},
	    {"0.0.0.0", "0.0.0.0", "0.0.0.0:9000"},
	    {"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7:9000"},
	    {"2001:DB8:0::7", "2001:db8::7", "[2001:db8::7]:9000"},
	    {"::1", "::1", "[::1]:9000"},
	    {"fe80::1", "fe80::1", "[fe80::1]:9000"},
	    {"fe80::1%7", "fe80::1%7", "[fe80::1%7]:9000"},
	    {"febf:1111:2222:3333:4444:5555:6666:7777%4294967295",
		"febf:1111:2222:3333:4444:5555:6666:7777%4294967295",
		"[febf:1111:2222:3333:4444:5555:6666:7777%4294967295]:9000"},
	};
	char text[ADDR_TEXT];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addr a = address(cases[i].ip);

		a.port = 9000;
		tap_is_str(addr_ip_text(&a, text), cases[i].shown,
		    "an address is shown in its usual form");
		tap_is_str(addr_text(&a, text), cases[i].with_port,
		    "and with its port");
	}
}

static void
test_refusals(void)
{
	static const struct slice bad[] = {SLICE(""), SLICE("1.2.3"),
	    SLICE("1.2.3.4.5"), SLICE("256.1.1.1"), SLICE("1.2.3.4 "),
	    SLICE("1.2.3.4\0"), SLICE("[::1]"), SLICE("::1]"),
	    SLICE("1.2.3.4:80"), SLICE("localhost"), SLICE("1::2::3"),
	    SLICE("12345::"), SLICE("::1%1"), SLICE("1.2.3.4%1"),
	    SLICE("fe80::1%"), SLICE("fe80::1%0"), SLICE("fe80::1%4294967296"),
	    SLICE("fe80::1%no-such-interface"), SLICE("fe80::1%nosuchif0"),
	    SLICE("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb")};
	struct addr a = {.port = 5, .scope = 6};

	for (size_t i = 0; i < COUNT(bad); i++) {
		errno = 0;
		tap_ok(addr_parse_ip(bad[i], &a) < 0 && errno == EINVAL,
		    "'%.*s' is no address", (int)bad[i].len, bad[i].ptr);
	}
	tap_ok(a.port == 5 && a.scope == 6 && a.ip[15] == 0,
	    "a refused address changes nothing");
	addr_parse_ip(SLICE("::1"), &a);
	tap_ok(a.port == 5 && a.scope == 0,
	    "an address leaves the port and replaces the scope");
}

static void
test_kinds(void)
{
	struct addr v4 = address("192.0.2.7"), home4 = address("127.9.9.9"),
		    home6 = address("::1"), v6 = address("2001:db8::1"),
		    link = address("febf::1"), site = address("fec0::1");

	tap_ok(addr_is_v4(&v4) && !addr_is_v4(&v6) && !addr_is_v4(&home6),
	    "mapped addresses are IPv4, others are not");
	tap_ok(addr_is_loopback(&home4) && addr_is_loopback(&home6),
	    "127/8 and ::1 are loopback");
	tap_ok(
	    !addr_is_loopback(&v4) && !addr_is_loopback(&v6), "others are not");
	tap_ok(addr_is_link_local(&link) && !addr_is_link_local(&site) &&
		!addr_is_link_local(&v4),
	    "fe80::/10 is link-local, nothing else is");
}

static void
test_unicast(void)
{
	static const char *const none[] = {"0.0.0.0", "0.1.2.3", "224.0.0.1",
	    "255.255.255.255", "::", "ff02::1"};
	static const char *const some[] = {"192.0.2.7", "127.0.0.1",
	    "223.255.255.255", "::1", "2001:db8::1", "fe80::1"};
	struct addr a;

	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		a = address(none[i]);
		tap_ok(
		    !addr_is_unicast(&a), "%s is not one machine's", none[i]);
	}
	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		a = address(some[i]);
		tap_ok(addr_is_unicast(&a), "%s may be one machine's", some[i]);
	}
}

static void
test_equal(void)
{
	struct addr a = address("192.0.2.7"), b = address("::ffff:c000:207");

	a.port = 1;
	b.port = 2;
	tap_ok(addr_same_host(&a, &b), "one machine has one form");
	tap_ok(!addr_eq(&a, &b), "another port is another address");
	b.port = 1;
	b.scope = 3;
	tap_ok(addr_eq(&a, &b), "a scope means nothing off the link");
	a = address("fe80::1%1");
	b = address("fe80::1%2");
	tap_ok(!addr_same_host(&a, &b),
	    "the same link-local address on two links is two machines");
}

static void
test_blocks(void)
{
	static const struct {
		const char *block, *ip;
		bool has;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.9/24", "192.0.2.1", true},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"192.0.2.7/32", "192.0.2.6", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"2001:db8::/32", "2001:db8:ffff::", true},
	    {"2001:db8::/33", "2001:db8:8000::", false},
	    {"2001:db8::1", "2001:db8::2", false},
	    {"::/0", "2001:db8::1", true},
	    {"fe80::/10", "fe80::1%3", true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addr a = address(cases[i].ip);
		struct addr_block block;

		tap_ok(
		    addr_block_parse(slice_str(cases[i].block), &block) == 0 &&
			addr_block_has(&block, &a) == cases[i].has,
		    "%s %s %s", cases[i].block,
		    cases[i].has ? "holds" : "does not hold", cases[i].ip);
	}
}

static void
test_bad_blocks(void)
{
	static const char *bad[] = {"", "/", "/8", "1.2.3.4/", "1.2.3.4/33",
	    "::/129", "1.2.3.4/-1", "1.2.3.4/8/8", "1.2.3/8", "fe80::1%1/64",
	    "1.2.3.4/99999999999999999999"};
	struct addr_block block;

	for (size_t i = 0; i < COUNT(bad); i++) {
		errno = 0;
		tap_ok(addr_block_parse(slice_str(bad[i]), &block) < 0 &&
			errno == EINVAL,
		    "'%s' is no block", bad[i]);
	}
}

int
main(void)
{
	test_text();
	test_refusals();
	test_kinds();
	test_unicast();
	test_equal();
	test_blocks();
	test_bad_blocks();
	return tap_done();
}
