#include <stdlib.h>

#include "lib/buf.h"
#include "lib/http.h"
#include "tap.h"

#define H "Host: a\r\n"

/*
 * Parse a copy that ends where the bytes end, so that a read past them is
 * caught. What r points to is gone after the next call.
 */
static ssize_t
parse_copy(struct slice in, struct http_request *r)
{
	static char *copy;

	free(copy);
	copy = malloc(in.len + !in.len);
	if (copy == NULL)
		abort();
	memcpy(copy, in.ptr, in.len);
	return http_request_parse(slice_of(copy, in.len), r);
}

/* Whether a beginning of in is answered as the whole allows. */
static bool
agrees(struct slice in, size_t n, ssize_t whole, int error)
{
	struct http_request r;
	ssize_t got = parse_copy(slice_of(in.ptr, n), &r);

	if (whole > 0)
		return got == (n < (size_t)whole ? 0 : whole);
	return got == 0 || (got == -1 && r.error == error);
}

/* Parse in, and its beginnings of every length (of some, when it is long). */
static ssize_t
parse(struct slice in, struct http_request *r)
{
	struct http_request first;
	ssize_t whole = http_request_parse(in, &first);
	size_t step = in.len > 4096 ? 61 : 1;

	for (size_t n = 0; n < in.len; n += step)
		if (!agrees(in, n, whole, first.error)) {
			tap_ok(false, "the pieces change nothing");
			tap_note("at %zu of '%.60s'", n, in.ptr);
		}
	return parse_copy(in, r);
}

static void
accepts(struct slice in, const char *sentence)
{
	struct http_request r;

	tap_is_num(parse(in, &r), (long long)in.len, sentence);
}

static void
refuses(struct slice in, int error, const char *sentence)
{
	struct http_request r;
	ssize_t n = parse(in, &r);

	tap_is_num(n < 0 ? r.error : 0, error, sentence);
}

static void
persists(struct slice in, bool keeps, const char *sentence)
{
	struct http_request r;

	if (parse(in, &r) < 0)
		tap_note("refused with %d", r.error);
	tap_ok(r.keep_alive == keeps, "%s", sentence);
}

static void
test_request_line_form(void)
{
	tap_ok(http_is_request_line(SLICE("GET / HTTP/1.1")),
	    "a line that ends in HTTP/1.1 is HTTP");
	tap_ok(http_is_request_line(SLICE("nonsense  HTTP/9.0")),
	    "whatever stands before the version");
	tap_ok(!http_is_request_line(SLICE("GET My Song.mp3")),
	    "a name with blanks is the seed's");
	tap_ok(!http_is_request_line(SLICE("GET /HTTP/1.1")),
	    "a version without a blank before it is a name");
	tap_ok(!http_is_request_line(SLICE("GET / http/1.1")),
	    "a version in lower case is a name");
	tap_ok(!http_is_request_line(SLICE("GET / HTTP/1.x")),
	    "a version without a digit is a name");
	tap_ok(!http_is_request_line(SLICE("HTTP/1.1")),
	    "a version alone is no request");
	tap_ok(!http_is_request_line(SLICE("")), "nothing is no request");
}

static void
test_whole_request(void)
{
	struct slice in = SLICE("GET /a%20b?x=y HTTP/1.1\r\n"
				"Host: example.org:9000\r\n"
				"accept:text/html\r\n"
				"RANGE: \t bytes=0-1 \t\r\n"
				"If-Range: \"r\"\r\n"
				"If-Match: \"m\"\r\n"
				"If-None-Match:\"n\"\r\n"
				"If-Modified-Since: then\r\n"
				"If-Unmodified-Since: now\r\n"
				"X-Other: \xc3\xa9\r\n"
				"Empty:\r\n\r\n");
	struct http_request r;

	tap_is_num(parse(in, &r), (long long)in.len,
	    "a request is consumed to the end of its head");
	tap_is_num(r.method, HTTP_GET, "its method is known");
	tap_is_num(r.minor, 1, "its minor version is known");
	tap_is_slice(r.target, SLICE("/a%20b?x=y"), "the target is as sent");
	tap_is_slice(r.path, SLICE("/a%20b"), "the path has no query");
	tap_is_slice(r.host, SLICE("example.org:9000"), "Host is kept");
	tap_is_slice(r.accept, SLICE("text/html"),
	    "names of fields are case-blind, and blanks are optional");
	tap_is_slice(r.range, SLICE("bytes=0-1"), "outer blanks are dropped");
	tap_is_slice(r.if_range, SLICE("\"r\""), "If-Range is kept");
	tap_is_slice(r.if_match, SLICE("\"m\""), "If-Match is kept");
	tap_is_slice(r.if_none_match, SLICE("\"n\""), "If-None-Match is kept");
	tap_is_slice(
	    r.if_modified_since, SLICE("then"), "If-Modified-Since is kept");
	tap_is_slice(
	    r.if_unmodified_since, SLICE("now"), "If-Unmodified-Since is kept");
	tap_ok(r.keep_alive, "the connection persists");
	tap_ok(!r.has_body, "there is no body");
	tap_is_num(r.error, 0, "there is no error");
}

static void
test_absence(void)
{
	struct http_request r;

	parse(SLICE("GET / HTTP/1.1\r\n" H "If-Range:\r\n\r\n"), &r);
	tap_ok(r.range.ptr == NULL && r.if_match.ptr == NULL &&
		r.if_none_match.ptr == NULL && r.accept.ptr == NULL,
	    "fields that were not sent are absent");
	tap_ok(r.if_range.ptr != NULL && r.if_range.len == 0,
	    "a field sent without a value is present");
	parse(SLICE("GET / HTTP/1.0\r\n\r\n"), &r);
	tap_ok(r.host.ptr == NULL, "HTTP/1.0 needs no Host");
}

static void
test_methods(void)
{
	static const char *const refused[] = {
	    "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT"};
	struct http_request r;
	char text[64];

	parse(SLICE("HEAD / HTTP/1.0\r\n\r\n"), &r);
	tap_is_num(r.method, HTTP_HEAD, "HEAD is served");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		snprintf(
		    text, sizeof text, "%s / HTTP/1.0\r\n\r\n", refused[i]);
		parse(slice_str(text), &r);
		tap_ok(r.method == HTTP_REFUSED, "%s is known but refused",
		    refused[i]);
	}
	parse(SLICE("get / HTTP/1.0\r\n\r\n"), &r);
	tap_is_num(r.method, HTTP_UNKNOWN, "methods are case-sensitive");
	parse(SLICE("!#$%&'*+-.^_`|~9 / HTTP/1.0\r\n\r\n"), &r);
	tap_is_num(r.method, HTTP_UNKNOWN, "any token may be a method");
	refuses(SLICE("G(T / HTTP/1.0\r\n\r\n"), 400,
	    "what is no token is no method");
	refuses(SLICE("G\xc3T / HTTP/1.0\r\n\r\n"), 400,
	    "a method has no byte above ASCII");
}

static void
test_request_line_errors(void)
{
	refuses(SLICE("GET /\0 HTTP/1.1\r\n" H "\r\n"), 400,
	    "NUL in the target is refused");
	refuses(SLICE("GET /\r\n\r\n"), 400, "a version is needed");
	refuses(SLICE("GET\r\n\r\n"), 400, "a target is needed");
	refuses(SLICE(" GET / HTTP/1.0\r\n\r\n"), 400, "a blank may not lead");
	refuses(SLICE("GET  / HTTP/1.0\r\n\r\n"), 400, "nor be doubled");
	refuses(SLICE("GET /  HTTP/1.0\r\n\r\n"), 400, "in either place");
	refuses(SLICE("GET\t/ HTTP/1.0\r\n\r\n"), 400, "nor be a tab");
	refuses(SLICE("GET / HTTP/1.0 \r\n\r\n"), 400, "nor end the line");
	refuses(
	    SLICE("GET / HTTP/1.10\r\n\r\n"), 400, "a version has two digits");
	refuses(SLICE("GET / http/1.0\r\n\r\n"), 400,
	    "the name of the protocol is case-sensitive");
	refuses(SLICE("GET / HTTP/1.0\r\r\n\r\n"), 400,
	    "a bare CR in the request line is refused");
	refuses(SLICE("\rGET / HTTP/1.0\r\n\r\n"), 400,
	    "a bare CR before it is refused");
	refuses(SLICE("GET / HTTP/2.0\r\n\r\n"), 505,
	    "major version 2 is not supported");
	refuses(SLICE("GET / HTTP/0.9\r\n\r\n"), 505, "nor is major version 0");
	refuses(SLICE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505,
	    "the preface of HTTP/2 is told so");
	refuses(SLICE("GET name HTTP/2.0\r\n\r\n"), 400,
	    "a malformed target goes before the version");
	refuses(SLICE("GET / HTTP/2.0\r\nbad\r\n\r\n"), 505,
	    "the version goes before the fields");
}

static void
test_early_answers(void)
{
	struct http_request r;

	tap_is_num(http_request_parse(SLICE("GET My Song"), &r), 0,
	    "nothing is said of an incomplete line");
	tap_is_num(http_request_parse(SLICE("GET / HTTP/3.0\n"), &r), -1,
	    "a refused request line need not wait for the fields");
	tap_is_num(http_request_parse(slice_of(NULL, 0), &r), 0,
	    "no bytes are no request yet");
}

static void
test_line_ends(void)
{
	struct http_request r;
	struct slice two = SLICE("GET /1 HTTP/1.0\n\nGET /2 HTTP/1.0\r\n\r\n");
	ssize_t n;

	accepts(SLICE("GET / HTTP/1.1\nHost: a\n\n"), "LF alone ends lines");
	accepts(SLICE("GET / HTTP/1.1\r\nHost: a\n\r\n"), "so it does mixed");
	accepts(SLICE("\r\n\n\r\nGET / HTTP/1.0\r\n\r\n"),
	    "empty lines before a request are skipped");
	n = parse(two, &r);
	tap_is_num(n, 17, "a request ends where the next begins");
	n = parse(slice_skip(two, (size_t)n), &r);
	tap_is_slice(r.path, SLICE("/2"), "and the next is found there");
}

static void
test_field_lines(void)
{
#define REFUSES(line, sentence) \
	refuses(SLICE("GET / HTTP/1.1\r\n" H line "\r\n\r\n"), 400, sentence)

	REFUSES("A : b", "a blank before the colon is refused");
	REFUSES("A\t: b", "a tab before the colon is refused");
	REFUSES("A: b\r\n c", "a folded line is refused");
	REFUSES("A: b\r\n\tc", "a line folded by a tab is refused");
	REFUSES("A", "a line without a colon is refused");
	REFUSES(": b", "a line without a name is refused");
	REFUSES("A(: b", "a name that is no token is refused");
	REFUSES("A: \0", "NUL in a value is refused");
	REFUSES("A\0: b", "NUL in a name is refused");
	REFUSES("A: b\rc", "a bare CR in a value is refused");
	REFUSES("A: b\r", "a bare CR at the end of a value is refused");
	REFUSES("A: \x01", "a control byte in a value is refused");
	REFUSES("A: \x7f", "DEL in a value is refused");
#undef REFUSES
	refuses(SLICE("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400,
	    "a blank before the first field is refused");
	accepts(SLICE("GET / HTTP/1.1\r\n" H "A: b\tc \xff\r\n\r\n"),
	    "tabs and bytes above ASCII may stand in a value");
}

static void
test_host(void)
{
	refuses(SLICE("GET / HTTP/1.1\r\n\r\n"), 400, "HTTP/1.1 needs a Host");
	refuses(SLICE("GET http://a/ HTTP/1.1\r\n\r\n"), 400,
	    "and needs it in the absolute form");
	refuses(SLICE("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400,
	    "two Hosts are refused");
	refuses(SLICE("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400,
	    "twice the same Host is refused");
	refuses(SLICE("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), 400,
	    "an invalid Host is refused in HTTP/1.0");
	refuses(SLICE("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400,
	    "a blank before its colon is refused");
}

static void
test_framing(void)
{
	struct http_request r;

#define REFUSES(lines, sentence) \
	refuses(SLICE("GET / HTTP/1.1\r\n" H lines "\r\n\r\n"), 400, sentence)

	REFUSES("Content-Length: 3\r\nContent-Length: 4",
	    "differing lengths are refused");
	REFUSES("Content-Length: 0\r\nContent-Length: 0",
	    "so is the same length twice");
	REFUSES("Content-Length: 3, 3", "and a list of lengths");
	REFUSES("Content-Length: +3", "a length has no sign");
	REFUSES("Content-Length: -1", "and is not negative");
	REFUSES("Content-Length: 0x3", "and is decimal");
	REFUSES("Content-Length:", "and is not empty");
	REFUSES("Content-Length: 1 2", "and is one number");
	REFUSES("Content-Length: 18446744073709551616",
	    "a length that overflows is refused");
	REFUSES("Content-Length: 3\r\nTransfer-Encoding: chunked",
	    "a length with a coding is refused");
	REFUSES("Transfer-Encoding: chunked\r\nContent-Length: 0",
	    "in either order, and a length of 0 too");
	REFUSES("Transfer-Encoding: identity", "identity is no coding");
	REFUSES("Transfer-Encoding: gzip, chunked",
	    "a coding we cannot read is refused");
	REFUSES(
	    "Transfer-Encoding: chunked, chunked", "chunked twice is refused");
	REFUSES("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
	    "in two lines too");
	REFUSES("Transfer-Encoding: \"chunked\"", "a quoted coding is none");
	REFUSES("Transfer-Encoding:", "an empty coding is refused");
#undef REFUSES
	refuses(SLICE("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
	    400, "a coding in HTTP/1.0 is refused");
	parse(SLICE("GET / HTTP/1.0\r\nContent-Length: 1\r\n\r\n"), &r);
	tap_ok(r.has_body, "a length is a body");
	parse(SLICE("GET / HTTP/1.0\r\nContent-Length: 000\r\n\r\n"), &r);
	tap_ok(!r.has_body, "a length of 0 is none");
	parse(
	    SLICE("GET / HTTP/1.1\r\n" H "Transfer-Encoding: Chunked\r\n\r\n"),
	    &r);
	tap_ok(r.has_body, "a coding is a body");
}

static void
test_repeated_fields(void)
{
	struct http_request r;

	refuses(SLICE("GET / HTTP/1.0\r\nRange: bytes=0-\r\n"
		      "Range: bytes=1-\r\n\r\n"),
	    400, "two Ranges are refused");
	refuses(SLICE("GET / HTTP/1.0\r\nIf-Range: \"a\"\r\n"
		      "If-Range: \"a\"\r\n\r\n"),
	    400, "so is If-Range twice");
	parse(SLICE("GET / HTTP/1.0\r\nIf-None-Match: \"a\"\r\n"
		    "If-None-Match: \"b\"\r\n\r\n"),
	    &r);
	tap_is_slice(r.if_none_match, SLICE("\"a\""),
	    "of a list in two lines the first is kept");
	tap_is_slice(r.fields,
	    SLICE("If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n"),
	    "and all lines can be read again");
}

static void
test_persistence(void)
{
	persists(
	    SLICE("GET / HTTP/1.1\r\n" H "\r\n"), true, "HTTP/1.1 persists");
	persists(SLICE("GET / HTTP/1.2\r\n" H "\r\n"), true,
	    "so does a later minor version");
	persists(SLICE("GET / HTTP/1.1\r\n" H "Connection: Close\r\n\r\n"),
	    false, "unless it says close");
	persists(SLICE("GET / HTTP/1.1\r\n" H
		       "Connection: x\r\nConnection: y , close\r\n\r\n"),
	    false, "anywhere in a list of several lines");
	persists(SLICE("GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n"),
	    true, "closed is not close");
	persists(SLICE("GET / HTTP/1.0\r\n\r\n"), false,
	    "HTTP/1.0 does not persist");
	persists(SLICE("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
	    true, "unless it says keep-alive");
	persists(SLICE("GET / HTTP/1.0\r\n"
		       "Connection: keep-alive, close\r\n\r\n"),
	    false, "close goes before keep-alive");
}

/* before, n times fill, after. */
static struct slice
padded(struct buf *b, const char *before, size_t n, const char *after)
{
	buf_truncate(b, 0);
	buf_add_str(b, before);
	for (size_t i = 0; i < n; i++)
		buf_add(b, "a", 1);
	buf_add_str(b, after);
	return buf_slice(b);
}

static void
test_target_limit(struct buf *b)
{
	const char *end = " HTTP/1.0\r\n\r\n";
	size_t most = HTTP_TARGET_BYTES - 1;
	struct http_request r;

	accepts(padded(b, "GET /", most, end), "a target may be 14 KiB long");
	refuses(padded(b, "GET /", most + 1, end), 414, "but not a byte more");
	refuses(padded(b, "GET /", 60000, end), 414,
	    "whatever the length of the head");
	tap_is_num(parse(padded(b, "GET /", most + 1, ""), &r), -1,
	    "a target too long is refused before it ends");
	tap_is_num(r.error, 414, "as such");
	refuses(padded(b, "GET /", most + 1, "\x01 HTTP/2.0\r\n\r\n"), 414,
	    "whatever follows it");
	refuses(padded(b, "GET /\x01", 60000, end), 400,
	    "what is malformed before the limit goes before it");
	refuses(padded(b, "GE(T /", 60000, end), 400, "the method too");
	tap_is_num(http_request_parse(padded(b, "GET a ", 8000, ""), &r), 0,
	    "any line of the seed's is waited for");
}

static void
test_head_limit(struct buf *b)
{
	const char *start = "GET / HTTP/1.0\r\nA: ";
	size_t most = HTTP_HEAD_BYTES - strlen(start) - 4;
	struct http_request r;

	accepts(padded(b, start, most, "\r\n\r\n"), "a head may have 32 KiB");
	refuses(
	    padded(b, start, most + 1, "\r\n\r\n"), 431, "but not a byte more");
	refuses(padded(b, "GET / HTTP/1.0\r\nA : ", most, "\r\n\r\n"), 431,
	    "whatever its fields are");
	refuses(padded(b, "GET / HTTP/2.0\r\nA: ", most + 9, "\r\n\r\n"), 505,
	    "the request line goes before its length");
	refuses(padded(b, "GET / ", 40000, "\r\n\r\n"), 431,
	    "a line that does not end within it is too long");
	refuses(padded(b, "", 40000, " / HTTP/1.0\r\n\r\n"), 431,
	    "so is a method that does not end");
	padded(b, start, HTTP_HEAD_BYTES - strlen(start), "");
	tap_is_num(parse(buf_slice(b), &r), -1,
	    "a full buffer without an end is refused");
	buf_truncate(b, 0);
	for (size_t i = 0; i < HTTP_HEAD_BYTES; i++)
		buf_add(b, "\r\n", 2);
	refuses(buf_slice(b), 431, "empty lines are not skipped for ever");
}

int
main(void)
{
	struct buf b;

	buf_init(&b, 1 << 17);
	test_request_line_form();
	test_whole_request();
	test_absence();
	test_methods();
	test_request_line_errors();
	test_early_answers();
	test_line_ends();
	test_field_lines();
	test_host();
	test_framing();
	test_repeated_fields();
	test_persistence();
	test_target_limit(&b);
	test_head_limit(&b);
	buf_free(&b);
	return tap_done();
}
