#include <errno.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "lib/http.h"
#include "tap.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define EMPTY_SHA256 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

/* A copy that ends where the bytes end catches a read past them. */
static ssize_t
parse_copy(struct slice in, struct http_response *r)
{
	static char *copy;

	free(copy);
	copy = malloc(in.len + !in.len);
	if (copy == NULL)
		abort();
	memcpy(copy, in.ptr, in.len);
	return http_response_parse(slice_of(copy, in.len), r);
}

/* Whether a beginning of in is answered as the whole allows. */
static bool
agrees(struct slice in, size_t n, ssize_t whole, const char *error)
{
	struct http_response r;
	ssize_t got = parse_copy(slice_of(in.ptr, n), &r);

	if (whole > 0)
		return got == (n < (size_t)whole ? 0 : whole);
	return got == 0 || (got == -1 && !strcmp(r.error, error));
}

/* Parse in, and its beginnings of every length (of some, when it is long). */
static ssize_t
parse(struct slice in, struct http_response *r)
{
	struct http_response first;
	ssize_t whole = http_response_parse(in, &first);
	size_t step = in.len > 4096 ? 61 : 1;

	for (size_t n = 0; n < in.len; n += step)
		if (!agrees(in, n, whole, first.error)) {
			tap_ok(false, "the pieces change nothing");
			tap_note("at %zu of '%.60s'", n, in.ptr);
		}
	return parse_copy(in, r);
}

static void
refuses(struct slice in, const char *sentence)
{
	struct http_response r;

	tap_ok(parse(in, &r) == -1 && r.error != NULL, "%s", sentence);
}

static void
accepts(struct slice in, const char *sentence)
{
	struct http_response r;

	if (!tap_ok(parse(in, &r) == (ssize_t)in.len, "%s", sentence))
		tap_note("refused: %s", r.error ? r.error : "incomplete");
}

static void
is_framed(struct slice in, enum http_framing framing, const char *sentence)
{
	struct http_response r;

	if (parse(in, &r) < 0)
		tap_note("refused: %s", r.error);
	tap_is_num(r.framing, framing, sentence);
}

static void
persists(struct slice in, bool keeps, const char *sentence)
{
	struct http_response r;

	if (parse(in, &r) < 0)
		tap_note("refused: %s", r.error);
	tap_ok(r.keep_alive == keeps, "%s", sentence);
}

static void
test_whole_response(void)
{
	struct slice in = SLICE("HTTP/1.1 206 Partial Content\r\n"
				"Content-Length: 5\r\n"
				"content-range: bytes 10-14/100\r\n"
				"ETag: W/\"a\"\r\n"
				"Last-Modified: then\r\n"
				"Location: /x\r\n"
				"Retry-After: 7\r\n"
				"Content-Encoding: gzip\r\n"
				"Repr-Digest: sha-256=:" EMPTY_SHA256 ":\r\n"
				"\r\n");
	struct http_response r;
	char text[DIGEST_HEX + 1];

	tap_is_num(parse(in, &r), (long long)in.len,
	    "a response is consumed to the end of its head");
	tap_is_num(r.status, 206, "its status is known");
	tap_is_num(r.minor, 1, "its minor version is known");
	tap_is_num(r.framing, HTTP_LENGTH, "its length is known");
	tap_is_num((long long)r.length, 5, "as it was sent");
	tap_ok(r.keep_alive, "the connection persists");
	tap_ok(r.has_range && r.range_first == 10 && r.range_last == 14,
	    "its range is known");
	tap_ok(r.has_total && r.range_total == 100, "and of how much");
	tap_is_slice(r.etag, SLICE("W/\"a\""), "ETag is kept as sent");
	tap_is_slice(r.last_modified, SLICE("then"), "so is Last-Modified");
	tap_is_slice(r.location, SLICE("/x"), "so is Location");
	tap_is_slice(r.retry_after, SLICE("7"), "so is Retry-After");
	tap_is_slice(
	    r.content_encoding, SLICE("gzip"), "so is Content-Encoding");
	tap_ok(r.digest.known, "its digest is known");
	for (int i = 0; i < DIGEST_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", r.digest.bytes[i]);
	tap_is_str(text,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855",
	    "and decoded");
}

static void
test_status_line(void)
{
	struct http_response r;

	accepts(SLICE("HTTP/1.0 404\r\n\r\n"), "a reason may be absent");
	accepts(SLICE("HTTP/1.1 200 \r\n\r\n"), "or empty");
	accepts(SLICE("HTTP/1.1 200 \xc3\xa9\tx\n\n"), "or any text");
	parse(SLICE("HTTP/1.0 599 x\r\n\r\n"), &r);
	tap_ok(r.status == 599 && r.minor == 0, "any status is told");
	tap_ok(r.etag.ptr == NULL && !r.digest.known && !r.has_range,
	    "fields that were not sent are absent");
	refuses(SLICE("HTTP/1.1 099 x\r\n\r\n"), "a status is at least 100");
	refuses(SLICE("HTTP/1.1 20 OK\r\n\r\n"), "and has three digits");
	refuses(SLICE("HTTP/1.1 2000 OK\r\n\r\n"), "no more");
	refuses(SLICE("HTTP/1.1 2x0 OK\r\n\r\n"), "and no letters");
	refuses(SLICE("HTTP/1.1  200 OK\r\n\r\n"), "one blank before it");
	refuses(SLICE("HTTP/1.1\t200 OK\r\n\r\n"), "which is no tab");
	refuses(SLICE("HTTP/1.1 200\tOK\r\n\r\n"), "nor is the one after it");
	refuses(SLICE("HTTP/1.x 200 OK\r\n\r\n"), "a version is digits");
	refuses(SLICE("HTTP/1.1 200 O\0K\r\n\r\n"), "a reason has no NUL");
	refuses(SLICE("HTTP/1.1 200 O\rK\r\n\r\n"), "and no bare CR");
	refuses(SLICE("\r\n" OK "\r\n"), "nothing goes before it");
}

static void
test_not_http(void)
{
	struct http_response r;

	tap_is_num(http_response_parse(slice_of(NULL, 0), &r), 0,
	    "no bytes are no response yet");
	tap_is_num(http_response_parse(SLICE("HTTP/1"), &r), 0,
	    "what may become a response is waited for");
	tap_is_num(http_response_parse(SLICE("I"), &r), -1,
	    "what cannot is refused at its first byte");
	refuses(SLICE("HTTP/2.0 200 OK\r\n\r\n"), "HTTP/2 is refused");
	refuses(SLICE("http/1.1 200 OK\r\n\r\n"), "the name has a case");
	refuses(SLICE("ICY 200 OK\r\n\r\n"), "other protocols are refused");
	refuses(SLICE("ID3\x03 raw bytes of a song\n\n"),
	    "answers without a status line are refused");
}

static void
test_field_lines(void)
{
#define REFUSES(line, sentence) refuses(SLICE(OK line "\r\n\r\n"), sentence)
	REFUSES("A : b", "a blank before the colon is refused");
	REFUSES("A: b\r\n c", "a folded line is refused");
	REFUSES("A", "a line without a colon is refused");
	REFUSES(": b", "a line without a name is refused");
	REFUSES("A: \0", "NUL in a value is refused");
	REFUSES("A: b\rc", "a bare CR in a value is refused");
	REFUSES("ETag: \"a\"\r\nETag: \"b\"", "two ETags are refused");
	REFUSES("Location: /a\r\nLocation: /b", "two Locations are refused");
	REFUSES("Last-Modified: a\r\nLast-Modified: b", "two dates are, too");
	REFUSES("Retry-After: 1\r\nRetry-After: 2", "and two waits");
	REFUSES("Content-Encoding: gzip\r\nContent-Encoding: br",
	    "and two codings");
#undef REFUSES
	accepts(SLICE(OK "ETag: \"a\"\r\netag: \"a\"\r\n\r\n"),
	    "the same said twice is said once");
}

static void
test_framing(void)
{
	is_framed(SLICE(OK "Content-Length: 0\r\n\r\n"), HTTP_LENGTH,
	    "a length of 0 is a length");
	is_framed(SLICE(OK "Transfer-Encoding: Chunked\r\n\r\n"), HTTP_CHUNKED,
	    "chunked is chunked");
	is_framed(SLICE(OK "\r\n"), HTTP_UNTIL_CLOSE,
	    "without either a body lasts until the close");
	is_framed(SLICE("HTTP/1.1 100 Continue\r\n\r\n"), HTTP_NO_BODY,
	    "an interim response has no body");
	is_framed(
	    SLICE("HTTP/1.1 204 No\r\n\r\n"), HTTP_NO_BODY, "204 has no body");
	is_framed(SLICE("HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n"),
	    HTTP_NO_BODY, "304 has no body whatever its length says");
	is_framed(SLICE(OK "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"),
	    HTTP_LENGTH, "the same length twice is one");
#define REFUSES(lines, sentence) refuses(SLICE(OK lines "\r\n\r\n"), sentence)
	REFUSES("Content-Length: 3\r\nContent-Length: 4",
	    "differing lengths are refused");
	REFUSES("Content-Length: 3\r\nContent-Length: 3\r\nContent-Length: 4",
	    "also when the third differs");
	REFUSES("Content-Length: 3, 3", "a list of lengths is refused");
	REFUSES("Content-Length: -3", "a length has no sign");
	REFUSES("Content-Length: 18446744073709551616",
	    "a length that overflows is refused");
	REFUSES("Transfer-Encoding: chunked\r\nContent-Length: 3",
	    "a length with a coding is refused");
	REFUSES("Transfer-Encoding: gzip, chunked",
	    "a coding other than chunked is refused");
	REFUSES("Transfer-Encoding: identity", "identity is refused");
	REFUSES("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
	    "chunked twice is refused");
#undef REFUSES
	refuses(SLICE("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	    "a coding in HTTP/1.0 is refused");
}

static void
test_persistence(void)
{
	persists(
	    SLICE(OK "Content-Length: 1\r\n\r\n"), true, "HTTP/1.1 persists");
	persists(SLICE(OK "Content-Length: 1\r\nConnection: close\r\n\r\n"),
	    false, "unless it says close");
	persists(SLICE(OK "Connection: keep-alive\r\n\r\n"), false,
	    "what lasts until the close cannot persist");
	persists(SLICE("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n"), false,
	    "HTTP/1.0 does not persist");
	persists(SLICE("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n"
		       "Connection: keep-alive\r\n\r\n"),
	    true, "unless it says keep-alive");
}

static void
has_range(const char *value, bool range, bool total, const char *sentence)
{
	struct http_response r;
	char text[256];

	snprintf(text, sizeof text, OK "Content-Range: %s\r\n\r\n", value);
	if (parse(slice_str(text), &r) < 0)
		tap_note("refused: %s", r.error);
	tap_ok(r.has_range == range && r.has_total == total, "%s", sentence);
}

static void
refuses_range(const char *value, const char *sentence)
{
	char text[256];

	snprintf(text, sizeof text, OK "Content-Range: %s\r\n\r\n", value);
	refuses(slice_str(text), sentence);
}

static void
test_content_range(void)
{
	has_range("bytes 0-0/1", true, true, "a range of one byte is read");
	has_range("BYTES 0-0/1", true, true, "units are case-blind");
	has_range("bytes 0-9/*", true, false, "a total may be unknown");
	has_range("bytes */9", false, true, "a range may be unsatisfied");
	has_range("lines 0-9/10", false, false, "other units say nothing");
	has_range("bytes 0-18446744073709551614/18446744073709551615", true,
	    true, "positions have 64 bits");
	refuses_range("bytes 0-18446744073709551616/*", "and not more");
	refuses_range("bytes 5-4/10", "a range ends after it begins");
	refuses_range("bytes 0-10/10", "and before the total");
	refuses_range("bytes */*", "something must be known");
	refuses_range("bytes 0-9", "a total must be named");
	refuses_range("bytes", "nothing must be");
	refuses_range("bytes 0/9", "a range has an end");
	refuses_range("bytes -9/10", "and a beginning");
	refuses_range("bytes 0-/10", "which are not left out");
	refuses_range("bytes 0 - 9/10", "no blanks within");
	refuses_range("bytes 0-9/10, bytes 0-9/10", "no list");
	refuses(SLICE(OK "Content-Range: bytes 0-1/9\r\n"
			 "Content-Range: bytes 0-2/9\r\n\r\n"),
	    "two ranges are refused");
}

/* A digest of fields, which are lines without the last line end. */
static void
has_digest(const char *fields, bool known, const char *sentence)
{
	struct http_response r;
	char text[512];

	snprintf(text, sizeof text, OK "%s\r\n\r\n", fields);
	if (parse(slice_str(text), &r) < 0)
		tap_note("refused: %s", r.error);
	tap_ok(r.digest.known == known, "%s", sentence);
}

#define DIGEST "Repr-Digest: "
#define SHA256 "sha-256=:" EMPTY_SHA256 ":"
#define OTHER_SHA256 "sha-256=:AAAAQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"

static void
test_repr_digest(void)
{
	has_digest("repr-digest: " SHA256, true, "a digest is read");
	has_digest(DIGEST "sha-512=:AA==:,\t" SHA256 " , md5=:AA==:", true,
	    "other algorithms are passed over");
	has_digest(DIGEST "a=\"x,\\\",y\", " SHA256, true,
	    "so are strings with commas and quotes in them");
	has_digest(DIGEST "a;b=1, b=(1 2);c, " SHA256 ";p=1", true,
	    "so are parameters");
	has_digest(DIGEST "md5=:AA==:\r\n" DIGEST SHA256, true,
	    "several lines are one list");
	has_digest(DIGEST SHA256 ", " SHA256 "\r\n" DIGEST SHA256, true,
	    "the same said three times is said once");
	has_digest(DIGEST
	    "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU:",
	    true, "padding may be left out");
	refuses(SLICE(OK DIGEST SHA256 ", " OTHER_SHA256 "\r\n\r\n"),
	    "two differing digests are refused");
	refuses(SLICE(OK DIGEST SHA256 "\r\n" DIGEST OTHER_SHA256 "\r\n\r\n"),
	    "in two lines too");
}

static void
test_bad_repr_digest(void)
{
	has_digest(DIGEST, false, "nothing is no digest");
	has_digest(DIGEST "sha-256", false, "nor is a name");
	has_digest(DIGEST "sha-256=", false, "nor is a name with nothing");
	has_digest(DIGEST "sha-256=" EMPTY_SHA256, false, "colons are needed");
	has_digest(DIGEST "sha-256=:" EMPTY_SHA256, false, "at both ends");
	has_digest(DIGEST SHA256 "x", false, "nothing may follow");
	has_digest(DIGEST "sha-256=:AA==:", false, "a digest has 32 bytes");
	has_digest(DIGEST "sha-256=:AA" EMPTY_SHA256 ":", false, "not more");
	has_digest(DIGEST
	    "sha-256=:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=:",
	    false, "the alphabet is not that of URLs");
	has_digest(DIGEST
	    "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA:",
	    false, "padding is padding");
	has_digest(
	    DIGEST "SHA-256=:" EMPTY_SHA256 ":", false, "keys are lower case");
	has_digest(DIGEST "x-sha-256=:" EMPTY_SHA256 ":", false,
	    "another key is another key");
	has_digest(DIGEST SHA256 ", sha-256=:AA==:", false,
	    "a malformed digest spoils a good one");
	has_digest("Content-Digest: " SHA256, false,
	    "the digest of a part is not that of the whole");
}

static void
test_limit(void)
{
	static char head[HTTP_HEAD_BYTES + 1];
	size_t most = HTTP_HEAD_BYTES;
	struct http_response r;

	memset(head, 'a', sizeof head);
	memcpy(head, OK "A: ", strlen(OK "A: "));
	memcpy(head + most - 4, "\r\n\r\n", 4);
	accepts(slice_of(head, most), "a head may have 32 KiB");
	memcpy(head + most - 4, "a\r\n\r\n", 5);
	refuses(slice_of(head, most + 1), "but not a byte more");
	tap_is_num(http_response_parse(slice_of(head, most), &r), -1,
	    "a full buffer without an end is refused");
}

static void
test_pipelining(void)
{
	struct slice two = SLICE(OK "\r\nHTTP/1.1 404 No\r\n\r\n");
	struct http_response r;
	ssize_t n = parse(two, &r);

	tap_is_num(n, 19, "a head ends where its body begins");
	parse(slice_skip(two, (size_t)n), &r);
	tap_is_num(r.status, 404, "or the next head");
}

static void
test_add_field(void)
{
	struct buf b;

	buf_init(&b, 32);
	tap_is_num(
	    http_add_field(&b, "ETag", SLICE("\"a\"")), 0, "a field is added");
	tap_is_num(http_add_field(&b, "Empty", slice_of(NULL, 0)), 0,
	    "so is one without a value");
	tap_is_slice(
	    buf_slice(&b), SLICE("ETag: \"a\"\r\nEmpty: \r\n"), "as lines");
	errno = 0;
	tap_ok(http_add_field(&b, "A", SLICE("x\r\nB: c")) == -1 &&
		errno == EINVAL,
	    "a value that holds a line end is refused");
	errno = 0;
	tap_ok(http_add_field(&b, "A", SLICE("12345678")) == -1 &&
		errno == ENOBUFS,
	    "what does not fit is refused");
	tap_is_num((long long)buf_len(&b), 20, "and nothing of it is added");
	buf_free(&b);
}

static void
test_reasons(void)
{
	static const int sent[] = {200, 206, 304, 400, 404, 405, 412, 413, 414,
	    416, 431, 501, 503, 505};
	bool all = true;

	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
		all &= http_reason(sent[i])[0] != '\0';
	tap_ok(all, "every status that is sent has a reason");
	tap_is_str(http_reason(404), "Not Found", "404 is Not Found");
	tap_is_str(http_reason(299), "", "others have none");
}

int
main(void)
{
	test_whole_response();
	test_status_line();
	test_not_http();
	test_field_lines();
	test_framing();
	test_persistence();
	test_content_range();
	test_repr_digest();
	test_bad_repr_digest();
	test_limit();
	test_pipelining();
	test_add_field();
	test_reasons();
	return tap_done();
}
