#include "nget/origin.h"

#include <errno.h>

#include "lib/http.h"
#include "tests/fuzz/fuzz.h"

/* The text of a NAME.part.from; its etag line is taken for an answer's, too. */

static bool
same_held(const struct origin *a, const struct origin *b)
{
	if (a->held_count != b->held_count)
		return false;
	for (size_t i = 0; i < a->held_count; i++)
		if (a->held[i].from != b->held[i].from ||
		    a->held[i].end != b->held[i].end)
			return false;
	return true;
}

static bool
same_digest(const struct digest *a, const struct digest *b)
{
	return a->known == b->known && (!a->known || digest_eq(a, b));
}

static bool
same(const struct origin *a, const struct origin *b)
{
	return locator_same_file(&a->locator, &b->locator) &&
	    !strcmp(a->etag, b->etag) && a->sized == b->sized &&
	    a->size == b->size && a->have == b->have &&
	    same_digest(&a->digest, &b->digest) && same_held(a, b);
}

/* Ranges are in order and apart, and want to be checked in the end. */
static void
check(const struct origin *o)
{
	FUZZ_ASSERT(o->held_count <= ORIGIN_HELD_MAX);
	FUZZ_ASSERT(strlen(o->etag) < ORIGIN_ETAG_BYTES);
	FUZZ_ASSERT(!o->locator.digest.known);
	FUZZ_ASSERT(o->sized || o->size == 0);
	FUZZ_ASSERT(!o->held_count || (o->sized && o->digest.known));
	for (size_t i = 0; i < o->held_count; i++) {
		FUZZ_ASSERT(o->held[i].from <= o->held[i].end);
		FUZZ_ASSERT(!i || o->held[i].from > o->held[i - 1].end);
	}
}

static void
check_vouching(const struct origin *o)
{
	struct digest none = {.known = false}, other = o->digest;

	other.bytes[0] ^= 1;
	other.known = true;
	FUZZ_ASSERT(origin_vouches(o, &o->locator, &none) ==
	    (o->etag[0] || o->digest.known));
	FUZZ_ASSERT(
	    !o->digest.known || !origin_vouches(o, &o->locator, &other));
}

/* What was read is written, and read again the same. */
static void
check_text(struct slice text)
{
	static struct origin o, again;
	struct buf out;

	if (origin_parse(text, &o) < 0) {
		FUZZ_ASSERT(errno == EINVAL);
		return;
	}
	check(&o);
	check_vouching(&o);
	buf_init(&out, ORIGIN_TEXT_BYTES - 1);
	FUZZ_ASSERT(origin_add(&out, &o) == 0);
	FUZZ_ASSERT(origin_parse(buf_slice(&out), &again) == 0);
	FUZZ_ASSERT(same(&o, &again));
	FUZZ_ASSERT(slice_eq(buf_slice(&out), text));
	buf_free(&out);
}

/* Whatever ETag a peer sends, what is noted of it can be read. */
static void
check_answer(struct slice etag)
{
	struct http_response r = {.etag = etag, .framing = HTTP_LENGTH};
	static struct locator l = {
	    .host = {"h", 1}, .path = "x", .path_len = 1};
	static struct origin o, again;
	struct buf out;

	origin_describe(&o, &l, &r);
	FUZZ_ASSERT(!o.etag[0] || slice_eq(slice_str(o.etag), etag));
	buf_init(&out, ORIGIN_TEXT_BYTES - 1);
	FUZZ_ASSERT(origin_add(&out, &o) == 0);
	FUZZ_ASSERT(origin_parse(buf_slice(&out), &again) == 0);
	FUZZ_ASSERT(same(&o, &again));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), line;

	check_text(in);
	for (line = fuzz_line(&in); in.len > 0; line = fuzz_line(&in))
		if (slice_starts(line, SLICE("etag ")))
			check_answer(slice_skip(line, 5));
	return 0;
}
