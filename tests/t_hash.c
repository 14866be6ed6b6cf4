#include "lib/hash.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

/* Names that share one of so many buckets under one key. */
#define BUCKETS 1024
#define SHARED 1000

static size_t
name(char text[32], unsigned n)
{
	return (size_t)snprintf(text, 32, "a song called %u.mp3", n);
}

static void
fixed(void)
{
	struct hash_key one = {{1, 2}}, other = {{1, 3}};

	tap_ok(hash_bytes(&one, "song", 4) == hash_bytes(&one, "song", 4),
	    "with one key a name has one hash");
	tap_ok(hash_bytes(&one, "song", 4) != hash_bytes(&other, "song", 4),
	    "with another key another");
	tap_ok(hash_bytes(&one, "song", 4) != hash_bytes(&one, "song\0", 5) &&
		hash_bytes(&one, "", 0) != hash_bytes(&one, "\0", 1),
	    "a NUL at the end counts");
}

static void
fresh(void)
{
	struct hash_key a, b;

	tap_ok(hash_key_new(&a) == 0 && hash_key_new(&b) == 0 &&
		memcmp(&a, &b, sizeof a) != 0,
	    "no two keys are the same");
}

/* How many of the names fall into the fullest bucket. */
static unsigned
fullest(const struct hash_key *key, const unsigned *names)
{
	static unsigned filled[BUCKETS];
	unsigned most = 0;
	char text[32];

	memset(filled, 0, sizeof filled);
	for (unsigned i = 0; i < SHARED; i++) {
		size_t len = name(text, names[i]);
		unsigned *in = &filled[hash_bytes(key, text, len) % BUCKETS];

		if (++*in > most)
			most = *in;
	}
	return most;
}

static void
crafted(void)
{
	static unsigned names[SHARED];
	struct hash_key known = {{7, 11}}, secret;
	char text[32];

	for (unsigned n = 0, count = 0; count < SHARED; n++) {
		size_t len = name(text, n);

		if (hash_bytes(&known, text, len) % BUCKETS == 0)
			names[count++] = n;
	}
	tap_is_num(fullest(&known, names), SHARED,
	    "who knows the key finds names that share a bucket");
	if (hash_key_new(&secret) < 0)
		return;
	tap_ok(fullest(&secret, names) < 20,
	    "with a key that nobody knows they are spread like any others");
}

int
main(void)
{
	fixed();
	fresh();
	crafted();
	return tap_done();
}
