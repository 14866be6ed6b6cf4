#include "lib/sha256.h"

#include <stdio.h>

#include "dice.h"
#include "lib/sha256_blocks.h"
#include "tap.h"

#define LENGTHS 301

static struct digest
digest_of(const void *data, size_t n)
{
	struct sha256 h;
	struct digest d;

	sha256_init(&h);
	sha256_add(&h, data, n);
	sha256_end(&h, &d);
	return d;
}

static void
is_digest(const struct digest *d, const char *want, const char *sentence)
{
	char hex[2 * DIGEST_BYTES + 1];

	for (size_t i = 0; i < DIGEST_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", d->bytes[i]);
	tap_is_str(hex, want, sentence);
}

static void
test_vectors(void)
{
	static const struct {
		const char *text;
		const char *hex;
		const char *sentence;
	} vectors[] = {
	    {"",
		"e3b0c44298fc1c149afbf4c8996fb924"
		"27ae41e4649b934ca495991b7852b855",
		"nothing has the digest that NIST gives"},
	    {"abc",
		"ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad",
		"24 bits have the digest that NIST gives"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039"
		"a33ce45964ff2167f6ecedd419db06c1",
		"448 bits have the digest that NIST gives"},
	    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		"cf5b16a778af8380036ce59e7b049237"
		"0b249b11e8f07a51afac45037afee9d1",
		"896 bits have the digest that NIST gives"},
	};
	struct digest d;

	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		d = digest_of(vectors[i].text, strlen(vectors[i].text));
		is_digest(&d, vectors[i].hex, vectors[i].sentence);
	}
	tap_ok(d.known, "a digest made is known");
}

static void
test_million(void)
{
	struct sha256 h;
	struct digest d;
	char a[1000];

	memset(a, 'a', sizeof a);
	sha256_init(&h);
	for (int i = 0; i < 1000; i++)
		sha256_add(&h, a, sizeof a);
	sha256_end(&h, &d);
	is_digest(&d,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	    "a million a have the digest that NIST gives");
}

/* The first of NIST's Monte Carlo tests (SHAVS §6.4): digests of digests. */
static void
test_monte_carlo(void)
{
	static const char seed[] =
	    "6d1e72ad03ddeb5de891e572e2396f8da015d899ef0e79503152d6010a3fe691";
	struct digest last[3], next;
	struct sha256 h;

	if (digest_parse(slice_str(seed), &next) < 0)
		abort();
	for (unsigned i = 0; i < 3; i++)
		last[i] = next;
	for (unsigned i = 0; i < 1000; i++) {
		sha256_init(&h);
		for (unsigned k = 0; k < 3; k++)
			sha256_add(&h, last[k].bytes, DIGEST_BYTES);
		sha256_end(&h, &next);
		last[0] = last[1];
		last[1] = last[2];
		last[2] = next;
	}
	is_digest(&next,
	    "e93c330ae5447738c8aa85d71a6c80f2a58381d05872d26bdd39f1fcd4f2b788",
	    "a thousand digests of digests have the one that NIST gives");
}

/* What a processor may have for it gives what the portable way gives. */
static void
test_native(void)
{
	sha256_blocks_fn *native = sha256_blocks_native();
	uint8_t data[64 * 9 + 16];
	uint32_t a[8], b[8];
	uint64_t seed = 5;
	unsigned wrong = 0;

	if (!native) {
		tap_note("this processor has no instructions for SHA-256");
		native = sha256_blocks_portable;
	}
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)dice_draw(&seed, 256);
	for (unsigned round = 0; round < 2000; round++) {
		size_t at = dice_draw(&seed, 16), n = dice_draw(&seed, 10);

		for (unsigned k = 0; k < 8; k++)
			a[k] = b[k] = dice_draw(&seed, UINT32_MAX);
		sha256_blocks_portable(a, data + at, n);
		native(b, data + at, n);
		wrong += memcmp(a, b, sizeof a) != 0;
	}
	tap_ok(wrong == 0, "all ways agree on any state and any blocks");
}

/* The digests of all lengths, digested in their turn. */
static void
test_lengths(void)
{
	uint8_t data[LENGTHS];
	struct sha256 all;
	struct digest d;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 7 + 3);
	sha256_init(&all);
	for (size_t n = 0; n < LENGTHS; n++) {
		d = digest_of(data, n);
		sha256_add(&all, d.bytes, sizeof d.bytes);
	}
	sha256_end(&all, &d);
	is_digest(&d,
	    "7d917fbd2cf49ddff9ad0a8706bba32d204e92e71d2e369c5a03d6af29278c9f",
	    "every length up to 300 bytes has its digest");
}

static void
test_splits(void)
{
	uint8_t data[LENGTHS];
	struct sha256 h;
	struct digest whole, d;
	bool same = true;

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i ^ i >> 3);
	for (size_t n = 0; n < LENGTHS; n++) {
		whole = digest_of(data, n);
		for (size_t first = 0; first <= n; first++) {
			sha256_init(&h);
			sha256_add(&h, data, first);
			sha256_add(&h, data + first, n - first);
			sha256_end(&h, &d);
			same &= !memcmp(d.bytes, whole.bytes, DIGEST_BYTES);
		}
	}
	tap_ok(same, "up to 300 bytes in any two parts are as in one");
}

static void
test_bytewise(void)
{
	struct sha256 h;
	struct digest whole, d;
	uint8_t data[LENGTHS] = {0};

	sha256_init(&h);
	for (size_t i = 0; i < sizeof data; i++) {
		sha256_add(&h, data + i, 1);
		sha256_add(&h, NULL, 0);
	}
	sha256_end(&h, &d);
	whole = digest_of(data, sizeof data);
	tap_ok(!memcmp(d.bytes, whole.bytes, DIGEST_BYTES),
	    "single bytes, and nothing between them, are as in one");
}

static void
test_unaligned(void)
{
	uint8_t data[256 + 8];
	struct digest at[8];
	bool same = true;

	for (size_t i = 0; i < 8; i++) {
		memset(data + i, 'q', 256);
		at[i] = digest_of(data + i, 256);
		same &= !memcmp(at[i].bytes, at[0].bytes, DIGEST_BYTES);
	}
	tap_ok(same, "where the data lies in memory makes no difference");
}

static void
test_again(void)
{
	struct sha256 h;
	struct digest d;

	sha256_init(&h);
	sha256_add(&h, "what was before", 15);
	sha256_end(&h, &d);
	sha256_init(&h);
	sha256_end(&h, &d);
	is_digest(&d,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	    "initialised again, it has forgotten");
}

int
main(void)
{
	test_vectors();
	test_million();
	test_monte_carlo();
	test_native();
	test_lengths();
	test_splits();
	test_bytewise();
	test_unaligned();
	test_again();
	return tap_done();
}
