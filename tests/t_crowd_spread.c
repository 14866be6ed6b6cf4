#include "tap.h"

/* How it spreads hosts is nobody else's business. */
#include "lib/crowd.c"

#define HOSTS 65536u

/* With a good hash, one in some 10^9 crowds has a bucket so full. */
#define FULL 130

/* The hosts of the fullest bucket. */
static size_t
fullest(const struct crowd *c)
{
	size_t most = 0, count;

	for (size_t i = 0; i < BUCKETS; i++) {
		count = 0;
		for (const struct host *h = c->buckets[i]; h; h = h->next)
			count++;
		if (count > most)
			most = count;
	}
	return most;
}

/* Hosts that differ in the two bytes from first on alone. */
static size_t
fill(struct addr host, size_t first)
{
	struct crowd *c = crowd_new(UINT64_MAX, UINT64_MAX);
	size_t most;

	if (!c)
		abort();
	for (unsigned i = 0; i < HOSTS; i++) {
		host.ip[first] = (uint8_t)(i >> 8);
		host.ip[first + 1] = (uint8_t)i;
		if (!crowd_enter(c, &host, false))
			abort();
	}
	most = fullest(c);
	crowd_free(c);
	return most;
}

static struct addr
address(const char *ip)
{
	struct addr a;

	if (addr_parse_ip(slice_str(ip), &a) < 0)
		abort();
	return a;
}

int
main(void)
{
	tap_ok(fill(address("192.0.2.1"), 14) < FULL,
	    "the hosts of an IPv4 network are spread over all buckets");
	tap_ok(fill(address("192.0.2.1"), 12) < FULL, "so are networks");
	tap_ok(fill(address("2001:db8::1"), 6) < FULL, "and those of IPv6");
	return tap_done();
}
