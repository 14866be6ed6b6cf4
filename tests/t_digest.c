#include "lib/digest.h"

#include <errno.h>

#include "tests/tap.h"

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
refuses(struct slice hex, const char *sentence)
{
	struct digest d = {.known = false};

	errno = 0;
	tap_ok(digest_parse(hex, &d) < 0 && errno == EINVAL && !d.known, "%s",
	    sentence);
}

static void
test_parse(void)
{
	struct digest d = {.known = false};

	tap_ok(digest_parse(SLICE(HEX), &d) == 0 && d.known,
	    "64 digits are a digest");
	tap_ok(d.bytes[0] == 0xba && d.bytes[31] == 0xad,
	    "its bytes are in the order of the digits");
	refuses(slice_of(HEX, 63), "63 digits are refused");
	refuses(SLICE(HEX "0"), "65 digits are refused");
	refuses(SLICE("B" HEX), "a digit too many in front is refused");
	refuses(SLICE("-"), "the dash is no digest");
	refuses(SLICE(""), "nothing is no digest");
	refuses(SLICE("BA7816bf8f01cfea414140de5dae2223"
		      "b00361a396177a9cb410ff61f20015ad"),
	    "upper case is refused");
}

static void
test_add(void)
{
	struct digest d = {.known = false};
	struct buf out = {.cap = 64};

	digest_add(&out, &d);
	tap_is_slice(buf_slice(&out), SLICE("-"), "an unknown one is a dash");
	digest_parse(SLICE(HEX), &d);
	errno = 0;
	tap_ok(
	    digest_add(&out, &d) < 0 && errno == ENOBUFS && buf_len(&out) == 1,
	    "without room nothing is appended");
	buf_consume(&out, 1);
	digest_add(&out, &d);
	tap_is_slice(buf_slice(&out), SLICE(HEX), "a known one is its digits");
	buf_free(&out);
}

static void
test_eq(void)
{
	struct digest a = {.known = true}, b = {.known = true};

	tap_ok(digest_eq(&a, &b), "the same bytes are the same content");
	b.bytes[31] = 1;
	tap_ok(!digest_eq(&a, &b), "one bit makes another content");
	a.known = b.known = false;
	b.bytes[31] = 0;
	tap_ok(!digest_eq(&a, &b), "two unknown contents are not the same");
	a.known = true;
	tap_ok(!digest_eq(&a, &b) && !digest_eq(&b, &a),
	    "nor are a known and an unknown one");
}

int
main(void)
{
	test_parse();
	test_add();
	test_eq();
	return tap_done();
}
