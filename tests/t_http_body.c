#include "lib/http_body.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "tap.h"

/* How a body that came in pieces of some size ended. */
enum outcome { DONE, MORE, BAD };

struct result {
	enum outcome outcome;
	size_t taken; /* of the bytes that came */
	struct buf content;
};

/*
 * Take all that can be taken off the first n of in. A copy that ends where the
 * bytes end catches a read past them.
 */
static void
take(struct http_body *b, struct slice in, size_t n, struct result *result)
{
	size_t have = n - result->taken;
	char *copy = calloc(1, have + !have);
	struct slice rest = slice_of(copy, have), data;
	ssize_t got;

	if (copy == NULL)
		abort();
	memcpy(copy, in.ptr + result->taken, have);
	while ((got = http_body_next(b, rest, &data)) > 0) {
		buf_add_slice(&result->content, data);
		result->taken += (size_t)got;
		rest = slice_skip(rest, (size_t)got);
	}
	free(copy);
	if (got < 0)
		result->outcome = errno == EINVAL ? BAD : MORE;
	else
		result->outcome = b->done ? DONE : MORE;
}

static struct result
receive(const struct http_response *r, struct slice in, size_t piece)
{
	struct result result = {.content = {.cap = 1 << 17}};
	struct http_body b;
	size_t n = 0;

	http_body_init(&b, r);
	result.outcome = b.done ? DONE : MORE;
	while (result.outcome == MORE && n < in.len) {
		n = in.len - n < piece ? in.len : n + piece;
		take(&b, in, n, &result);
	}
	return result;
}

/*
 * Receive in at once and in pieces of every size, and check that all agree.
 * What is wanted of taken and content is wanted of good outcomes only.
 */
static void
ends(const struct http_response *r, struct slice in, enum outcome outcome,
    struct slice content, const char *sentence)
{
	size_t largest = in.len < 4096 ? in.len : 64;
	bool agree = true;

	for (size_t piece = 1; piece <= largest + 1; piece++) {
		struct result got = receive(
		    r, in, piece > largest ? in.len : piece);

		agree &= got.outcome == outcome;
		if (outcome != BAD)
			agree &= slice_eq(buf_slice(&got.content), content);
		if (!agree)
			tap_note(
			    "outcome %d in pieces of %zu", got.outcome, piece);
		buf_free(&got.content);
		if (!agree)
			break;
	}
	tap_ok(agree, "%s", sentence);
}

static void
chunks(struct slice in, struct slice content, const char *sentence)
{
	struct http_response r = {.framing = HTTP_CHUNKED};

	ends(&r, in, DONE, content, sentence);
}

static void
refuses(struct slice in, const char *sentence)
{
	struct http_response r = {.framing = HTTP_CHUNKED};

	ends(&r, in, BAD, SLICE(""), sentence);
}

static int
end_after(const struct http_response *r, struct slice in)
{
	struct http_body b;
	struct slice data;
	ssize_t n;

	http_body_init(&b, r);
	while ((n = http_body_next(&b, in, &data)) > 0)
		in = slice_skip(in, (size_t)n);
	errno = 0;
	return http_body_end(&b);
}

static void
test_no_body(void)
{
	struct http_response none = {.framing = HTTP_NO_BODY};
	struct http_response empty = {.framing = HTTP_LENGTH};

	ends(&none, SLICE("next"), DONE, SLICE(""), "no body takes nothing");
	ends(&empty, SLICE("next"), DONE, SLICE(""),
	    "a body of no bytes takes nothing");
	tap_is_num(end_after(&none, SLICE("")), 0, "no body is complete");
}

static void
test_length(void)
{
	struct http_response five = {.framing = HTTP_LENGTH, .length = 5};
	struct http_response most = {
	    .framing = HTTP_LENGTH, .length = UINT64_MAX};

	ends(&five, SLICE("hello"), DONE, SLICE("hello"),
	    "a body of some length is taken");
	ends(&five, SLICE("hello, next"), DONE, SLICE("hello"),
	    "and what follows it is left");
	ends(&five, SLICE("hell"), MORE, SLICE("hell"),
	    "one that is shorter waits for the rest");
	ends(&most, SLICE("hell"), MORE, SLICE("hell"),
	    "the largest length is a length");
	tap_is_num(end_after(&five, SLICE("hello")), 0, "all is complete");
	tap_ok(end_after(&five, SLICE("hell")) == -1 && errno == EPROTO,
	    "a byte short is cut short");
}

static void
test_until_close(void)
{
	struct http_response r = {.framing = HTTP_UNTIL_CLOSE};
	struct http_body b;

	ends(&r, SLICE("anything"), MORE, SLICE("anything"),
	    "a body until the close takes all");
	http_body_init(&b, &r);
	tap_ok(!b.done, "and is not done");
	tap_is_num(http_body_end(&b), 0, "before the close");
	tap_ok(b.done, "which completes it");
}

static void
test_chunks(void)
{
	chunks(SLICE("5\r\nhello\r\n0\r\n\r\n"), SLICE("hello"),
	    "a chunk is taken");
	chunks(SLICE("5\r\nhello\r\nA\r\n, wide wor\r\n2\r\nld\r\n0\r\n\r\n"),
	    SLICE("hello, wide world"), "chunks are joined");
	chunks(SLICE("0\r\n\r\n"), SLICE(""), "there may be none");
	chunks(SLICE("000000000000000000005\r\nhello\r\n00\r\n\r\n"),
	    SLICE("hello"), "sizes may have leading zeros");
	chunks(SLICE("a\r\n0123456789\r\n0\r\n\r\n"), SLICE("0123456789"),
	    "sizes may be in lower case");
	chunks(SLICE("2\r\n\r\n\r\n0\r\n\r\n"), SLICE("\r\n"),
	    "data may look like framing");
	chunks(SLICE("5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n"), SLICE("hello"),
	    "extensions are passed over");
	chunks(SLICE("5 ; a\r\nhello\r\n0\t;x\r\n\r\n"), SLICE("hello"),
	    "blanks before them too");
	chunks(SLICE("0\r\nA: b\r\nC:\r\n\r\n"), SLICE(""),
	    "trailers are passed over");
	chunks(SLICE("1\r\nx\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), SLICE("x"),
	    "what follows the body is left");
}

static void
test_malformed_chunks(void)
{
	refuses(SLICE("x\r\n"), "a size is hexadecimal");
	refuses(SLICE("\r\n"), "and not empty");
	refuses(SLICE("-1\r\n"), "and has no sign");
	refuses(SLICE("+1\r\n"), "either way");
	refuses(SLICE("0x1\r\n"), "and no prefix");
	refuses(SLICE(" 1\r\nx\r\n"), "and no blank before it");
	refuses(SLICE("1 \r\nx\r\n"), "nor after it");
	refuses(SLICE("1 1\r\nx\r\n"), "nor within it");
	refuses(SLICE("5g\r\nhello\r\n"), "nothing may follow it");
	refuses(SLICE("10000000000000000\r\n"), "a size has 64 bits");
	refuses(SLICE("fffffffffffffffff\r\n"), "and wraps nowhere");
	refuses(SLICE("5\nhello\r\n"), "a size ends in CRLF");
	refuses(SLICE("5\r\r\nhello\r\n"), "with one CR");
	refuses(SLICE("\n"), "LF alone is no size");
	refuses(
	    SLICE("5;a\x01\r\nhello\r\n"), "an extension has no control byte");
	refuses(SLICE("5;a\rb\r\nhello\r\n"), "and no bare CR");
	refuses(SLICE("5\r\nhello6\r\n"), "data ends in CRLF");
	refuses(SLICE("5\r\nhello\n0\r\n\r\n"), "not in LF alone");
	refuses(SLICE("5\r\nhello\r0\r\n\r\n"), "not in CR alone");
	refuses(SLICE("0\r\nA: b\n\r\n"), "a trailer ends in CRLF");
	refuses(SLICE("0\r\n\n"), "so does the last line");
	refuses(SLICE("0\r\nA : b\r\n\r\n"), "a trailer is a field");
	refuses(SLICE("0\r\nA: b\r\r\n\r\n"), "without a bare CR");
	refuses(SLICE("0\r\n folded\r\n\r\n"), "and not folded");
	refuses(SLICE("0\r\nHTTP/1.1 200 OK\r\n\r\n"),
	    "the empty line at the end is needed");
}

static void
test_largest_chunk(void)
{
	struct http_response r = {.framing = HTTP_CHUNKED};

	ends(&r, SLICE("7FFFFFFFFFFFFFFF\r\nabc"), MORE, SLICE("abc"),
	    "the largest size of a file is a size");
	refuses(SLICE("8000000000000000\r\nabc"), "a larger one is none");
	refuses(SLICE("FFFFFFFFFFFFFFFF\r\nabc"), "nor is any up to 64 bits");
}

/* before, a line of n bytes with its CRLF, after. */
static struct slice
with_line(struct buf *b, const char *before, size_t n, const char *after)
{
	buf_truncate(b, 0);
	buf_add_str(b, before);
	for (size_t i = 2; i < n; i++)
		buf_add(b, "a", 1);
	buf_add_str(b, "\r\n");
	buf_add_str(b, after);
	return buf_slice(b);
}

static void
test_limits(void)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	chunks(with_line(&b, "0\r\nA:", 8192 - 4, "\r\n"), SLICE(""),
	    "trailers may have 8 KiB");
	refuses(
	    with_line(&b, "0\r\nA:", 8192 - 3, "\r\n"), "but not a byte more");
	refuses(with_line(&b, "0\r\nA: b\r\nA:", 8192 - 4, "\r\n"),
	    "all of them together");
	refuses(with_line(&b, "0\r\nA:", 60000, ""), "nor any more");
	chunks(with_line(&b, "0;", 1024 - 2, "\r\n"), SLICE(""),
	    "the line of a size may have 1 KiB");
	refuses(with_line(&b, "0;", 1024 - 1, "\r\n"), "but not a byte more");
	buf_free(&b);
}

static void
test_chunked_end(void)
{
	struct http_response r = {.framing = HTTP_CHUNKED};
	struct slice body = SLICE("5\r\nhello\r\n0\r\nA: b\r\n\r\n");
	bool cut = true;

	for (size_t n = 0; n < body.len; n++)
		cut &= end_after(&r, slice_of(body.ptr, n)) == -1 &&
		    errno == EPROTO;
	tap_ok(cut, "chunks that end anywhere before the end are cut short");
	tap_is_num(end_after(&r, body), 0, "and complete at the end");
}

int
main(void)
{
	test_no_body();
	test_length();
	test_until_close();
	test_chunks();
	test_malformed_chunks();
	test_largest_chunk();
	test_limits();
	test_chunked_end();
	return tap_done();
}
