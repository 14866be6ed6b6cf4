#include "indexd/limits.h"

#include "tap.h"

static struct limits
shared(uint64_t descriptors, unsigned workers)
{
	struct limits l = LIMITS_DEFAULT;

	limits_share_out(&l, descriptors, workers);
	return l;
}

static void
descriptors(void)
{
	struct limits l = shared(20000, 2), least = LIMITS_DEFAULT;
	bool fits = true, some = true;

	tap_is_num((long long)l.dials, (long long)least.dials,
	    "with many descriptors as many dials are made as are allowed");
	for (uint64_t all = 64; all < 5000; all++) {
		for (unsigned workers = 1; workers <= 64; workers *= 4) {
			l = shared(all, workers);
			some = some && l.total > 0 && l.dials > 0;
			if (all < 80 * workers)
				continue;
			fits = fits &&
			    l.total + workers * (l.dials + 4) + 20 <= all;
		}
	}
	tap_ok(fits, "connections and dials together leave some for the rest");
	tap_ok(some, "however few there are, there is one for each");
	least.total = 3;
	limits_share_out(&least, 20000, 2);
	tap_is_num((long long)least.total, 3, "a lower limit is kept");
}

static bool
spares(const struct limits *l, const char *ip)
{
	struct addr a = {.port = 1};

	if (addr_parse_ip(slice_str(ip), &a) < 0)
		abort();
	return limits_spare(l, &a);
}

static void
spared(void)
{
	struct limits l = LIMITS_DEFAULT;
	struct addr_block block;

	tap_ok(
	    spares(&l, "127.3.4.5") && spares(&l, "::1"), "loopback is spared");
	tap_ok(!spares(&l, "10.0.0.1"), "others are not");
	addr_block_parse(SLICE("10.0.0.0/24"), &block);
	l.trusted = &block;
	l.trusted_count = 1;
	tap_ok(spares(&l, "10.0.0.1") && !spares(&l, "10.0.1.1"),
	    "but for those whom the operator trusts");
}

static void
alike(void)
{
	struct addr_block one = {.bits = 100}, same = one, other = {.bits = 96};
	struct limits a = LIMITS_DEFAULT, b = LIMITS_DEFAULT;

	tap_ok(limits_equal(&a, &b), "the same limits are the same");
	b.files++;
	tap_ok(!limits_equal(&a, &b), "one that differs is seen");
	b = a;
	a.trusted = &one;
	a.trusted_count = 1;
	tap_ok(!limits_equal(&a, &b), "so is somebody who is trusted");
	b.trusted = &same;
	b.trusted_count = 1;
	tap_ok(limits_equal(&a, &b), "wherever that is kept");
	b.trusted = &other;
	tap_ok(!limits_equal(&a, &b), "and when it is somebody else");
}

int
main(void)
{
	descriptors();
	spared();
	alike();
	return tap_done();
}
