#include "lib/http.h"
#include "nget/origin.h"
#include "tap.h"

#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

#define FULL                                       \
	"naputils part 1\n"                        \
	"locator 192.0.2.7:9000/a%20b/My%20Song\n" \
	"etag \"v1\"\n"                            \
	"size 10\n"                                \
	"digest " HEX "\n"                         \
	"have 4\n"

/* Gaps want a size and a digest. */
#define HELD_FIELDS "size 20\ndigest " HEX "\n"
#define HELD "naputils part 1\nlocator h:1/x\n" HELD_FIELDS

static struct locator
a_locator(const char *text)
{
	struct locator l = {0};
	const char *why;

	if (locator_parse(slice_str(text), &l, &why) < 0)
		tap_ok(false, "%s: %s", text, why);
	return l;
}

static void
test_round_trip(void)
{
	static const char *const texts[] = {
	    FULL,
	    "naputils part 1\nlocator [2001:db8::7]:1/x\nhave 0\n",
	    "naputils part 1\nlocator h:1/%00%0A%FF\nsize 0\nhave 0\n",
	    "naputils part 1\nlocator h:1/x\nhave 18446744073709551615\n",
	    "naputils part 1\nlocator h:1/x\netag \"\"\nhave 1\n",
	    HELD "held 0-0\nhave 0\n",
	    HELD "held 0-1,3-9,12-13\nhave 1\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct origin o;
		struct buf out;

		buf_init(&out, ORIGIN_TEXT_BYTES);
		tap_is_num(origin_parse(slice_str(texts[i]), &o), 0,
		    "what is written is read");
		tap_is_num(origin_add(&out, &o), 0, "and written again");
		tap_is_slice(buf_slice(&out), slice_str(texts[i]), "as it was");
		buf_free(&out);
	}
}

static void
test_cuts(void)
{
	struct slice full = SLICE(FULL);
	struct origin o;
	size_t taken = 0;

	for (size_t n = 0; n < full.len; n++)
		taken += origin_parse(slice_of(full.ptr, n), &o) == 0;
	tap_is_num((long long)taken, 0, "no beginning of it is taken for it");
}

static void
test_damage(void)
{
	static const char start[] = "naputils part 1\nlocator h:1/x\n";
	static const char *const bad[] = {
	    "naputils part 2\nlocator h:1/x\nhave 0\n",
	    "naputils part 1\nhave 0\n",
	    "naputils part 1\nlocator h:1/x#sha256=" HEX "\nhave 0\n",
	    "naputils part 1\nlocator x\nhave 0\n",
	    "naputils part 1\nlocator http://h:1/x\nhave 0\n",
	    "naputils part 1\nlocator h:1/%78\nhave 0\n",
	};
	static const char *const bad_rest[] = {
	    "held 0-1\nhave 1\n",
	    "size 20\nheld 0-1\nhave 1\n",
	    "digest " HEX "\nheld 0-1\nhave 1\n",
	    "",
	    "have\n",
	    "have \n",
	    "have -1\n",
	    "have 1 \n",
	    "have 18446744073709551616\n",
	    "have 1\nhave 1\n",
	    "have 1\n\n",
	    "have 01\n",
	    "size 1\nsize 1\nhave 1\n",
	    "size x\nhave 1\n",
	    "size 1\netag \"v1\"\nhave 1\n",
	    "etag v1\nhave 1\n",
	    "etag W/\"v1\"\nhave 1\n",
	    "etag \"v\"1\"\nhave 1\n",
	    "etag \"v 1\"\nhave 1\n",
	    "etag \"v1\"\r\nhave 1\n",
	    "digest -\nhave 1\n",
	    "digest BA\nhave 1\n",
	    HELD_FIELDS "held \nhave 1\n",
	    HELD_FIELDS "held 1\nhave 1\n",
	    HELD_FIELDS "held 1-\nhave 1\n",
	    HELD_FIELDS "held 2-1\nhave 1\n",
	    HELD_FIELDS "held 1-2,\nhave 1\n",
	    HELD_FIELDS "held 1-2,2-3\nhave 1\n",
	    HELD_FIELDS "held 3-4,1-2\nhave 1\n",
	    HELD_FIELDS "held 0-9223372036854775808\nhave 1\n",
	    "other 1\nhave 1\n",
	};
	struct origin o;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		tap_is_num(origin_parse(slice_str(bad[i]), &o), -1,
		    "a damaged one is none");
	for (size_t i = 0; i < sizeof bad_rest / sizeof *bad_rest; i++) {
		char text[256];

		snprintf(text, sizeof text, "%s%s", start, bad_rest[i]);
		tap_is_num(origin_parse(slice_str(text), &o), -1,
		    "one whose fields are strange is none");
	}
}

static void
test_describe(void)
{
	struct locator l = a_locator("h:1/x");
	struct http_response r = {
	    .framing = HTTP_LENGTH, .length = 7, .etag = SLICE("\"v1\"")};
	char longest[ORIGIN_ETAG_BYTES + 8];
	struct origin o;

	origin_describe(&o, &l, &r);
	tap_is_str(o.etag, "\"v1\"", "a strong ETag is kept");
	tap_ok(o.sized && o.size == 7, "so is the length");
	r.framing = HTTP_CHUNKED;
	origin_describe(&o, &l, &r);
	tap_ok(!o.sized && o.size == 0, "chunks tell no length");
	r.etag = SLICE("W/\"v1\"");
	origin_describe(&o, &l, &r);
	tap_is_str(o.etag, "", "a weak ETag counts as none");
	r.etag = SLICE("\"a b\"");
	origin_describe(&o, &l, &r);
	tap_is_str(o.etag, "", "so does one with a blank");
	memset(longest, '"', sizeof longest);
	memset(longest + 1, 'x', sizeof longest - 2);
	r.etag = slice_of(longest, sizeof longest);
	origin_describe(&o, &l, &r);
	tap_is_str(o.etag, "", "and one that is too long");
	r.etag = (struct slice){0};
	origin_describe(&o, &l, &r);
	tap_is_str(o.etag, "", "and one that is absent");
}

static void
test_vouching(void)
{
	struct locator here = a_locator("h:1/x"), there = a_locator("h:2/x");
	struct locator other = a_locator("h:1/y");
	struct digest none = {0}, known, another;
	struct origin o = {.locator = here};

	(void)digest_parse(SLICE(HEX), &known);
	another = known;
	another.bytes[0] ^= 1;
	tap_ok(!origin_vouches(&o, &here, &none),
	    "without validator and digest nothing vouches");
	strcpy(o.etag, "\"v1\"");
	tap_ok(origin_vouches(&o, &here, &none), "a validator does");
	tap_ok(origin_vouches(&o, &here, &known),
	    "also for a digest that was not known before");
	tap_ok(!origin_vouches(&o, &there, &none), "not at another peer");
	tap_ok(!origin_vouches(&o, &there, &known), "whatever is wanted there");
	tap_ok(!origin_vouches(&o, &other, &none), "nor for another path");
	o.etag[0] = '\0';
	o.digest = known;
	tap_ok(origin_vouches(&o, &here, &none), "a digest vouches as well");
	tap_ok(origin_vouches(&o, &there, &known),
	    "the same digest does anywhere");
	tap_ok(!origin_vouches(&o, &there, &none),
	    "but nowhere else when none is wanted");
	strcpy(o.etag, "\"v1\"");
	tap_ok(!origin_vouches(&o, &here, &another),
	    "another digest wants another file");
}

int
main(void)
{
	test_round_trip();
	test_cuts();
	test_damage();
	test_describe();
	test_vouching();
	return tap_done();
}
