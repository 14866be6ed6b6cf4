#include "nshare/plan.h"

#include <errno.h>

#include "lib/http.h"
#include "tap.h"

#define NOW 1700000000 /* Tue, 14 Nov 2023 22:13:20 GMT */
#define DATE "Tue, 14 Nov 2023 22:13:20 GMT"
#define ETAG "\"0123\""

static struct plan_now now;
static const struct plan_file file = {
    .etag = {ETAG, sizeof ETAG - 1},
    .modified = NOW - 3600,
    .size = 1000,
    .type = "audio/mpeg",
};

static char mem[8192];
static struct buf out;

/* A GET with these fields, each ending in CRLF. */
static struct http_request
request(const char *line, const char *fields)
{
	static char text[1024];
	struct http_request r;

	snprintf(text, sizeof text, "%s\r\nHost: h\r\n%s\r\n", line, fields);
	if (http_request_parse(slice_str(text), &r) <= 0)
		tap_ok(false, "the test's own request is valid");
	return r;
}

/* The answer to it about the file, as text. */
static const char *
answer(const struct http_request *r, const struct plan_file *about)
{
	struct plan_frame frame = plan_frame(r, &now);
	struct plan plan = plan_make(r, about, &now);
	struct plan_file described = *about;
	bool refused = plan.status == 412 || plan.status == 416;
	int failed;

	if (plan_describe(&described, &now) < 0)
		tap_ok(false, "the file is described");
	buf_borrow(&out, mem, sizeof mem);
	if (refused)
		failed = plan_add_error(&out, &frame, plan.status, about->size);
	else
		failed = plan_add_head(&out, &frame, &described, &plan);
	if (failed)
		tap_ok(false, "the head is written");
	mem[buf_len(&out)] = '\0';
	return mem;
}

static bool
has(const char *text, const char *part)
{
	if (strstr(text, part))
		return true;
	tap_note("no '%s' in: %s", part, text);
	return false;
}

static void
test_whole(void)
{
	struct http_request r = request("GET /a HTTP/1.1", "");
	struct plan plan = plan_make(&r, &file, &now);
	const char *text = answer(&r, &file);

	tap_is_str(text,
	    "HTTP/1.1 200 OK\r\n"
	    "Date: " DATE "\r\n"
	    "Content-Length: 1000\r\n"
	    "ETag: " ETAG "\r\n"
	    "Last-Modified: Tue, 14 Nov 2023 21:13:20 GMT\r\n"
	    "Content-Type: audio/mpeg\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Accept-Ranges: bytes\r\n"
	    "\r\n",
	    "a whole file has these fields");
	tap_ok(plan.first == 0 && plan.body == 1000, "and all its bytes");
}

static void
test_head(void)
{
	struct http_request get = request("GET /a HTTP/1.1", "");
	char copy[1024];
	struct http_request head;
	struct plan plan;

	snprintf(copy, sizeof copy, "%s", answer(&get, &file));
	head = request("HEAD /a HTTP/1.1", "Range: bytes=0-1\r\n");
	plan = plan_make(&head, &file, &now);
	tap_is_str(answer(&head, &file), copy, "HEAD is answered as GET is");
	tap_is_num((long long)plan.body, 0, "without the bytes");
}

static void
test_range(void)
{
	struct http_request r = request(
	    "GET /a HTTP/1.1", "Range: bytes=990-\r\n");
	struct plan plan = plan_make(&r, &file, &now);
	const char *text = answer(&r, &file);

	tap_ok(has(text, "HTTP/1.1 206 Partial Content\r\n") &&
		has(text, "Content-Range: bytes 990-999/1000\r\n") &&
		has(text, "Content-Length: 10\r\n"),
	    "a range is told as such");
	tap_ok(plan.first == 990 && plan.body == 10, "and sent alone");
	r = request("GET /a HTTP/1.1", "Range: bytes=1000-\r\n");
	plan = plan_make(&r, &file, &now);
	text = answer(&r, &file);
	tap_ok(plan.status == 416 && plan.body == 0 &&
		has(text, "Content-Range: bytes */1000\r\n"),
	    "one past the end is refused with the size");
	r = request("GET /a HTTP/1.1", "Range: bytes=0-0,5-5\r\n");
	tap_is_num(plan_make(&r, &file, &now).status, 200,
	    "several ranges are the whole file");
}

static void
test_conditions(void)
{
	struct http_request r = request(
	    "GET /a HTTP/1.1", "If-None-Match: " ETAG "\r\n");
	struct plan plan = plan_make(&r, &file, &now);

	tap_is_str(answer(&r, &file),
	    "HTTP/1.1 304 Not Modified\r\n"
	    "Date: " DATE "\r\n"
	    "ETag: " ETAG "\r\n"
	    "Last-Modified: Tue, 14 Nov 2023 21:13:20 GMT\r\n"
	    "\r\n",
	    "what the client has already is not sent again");
	tap_is_num((long long)plan.body, 0, "not at all");
	r = request("GET /a HTTP/1.1", "If-Match: \"x\"\r\n");
	tap_is_num(plan_make(&r, &file, &now).status, 412,
	    "what the client wants otherwise is refused");
	r = request(
	    "GET /a HTTP/1.1", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n");
	tap_is_num(plan_make(&r, &file, &now).status, 200,
	    "a part of another state is the whole");
	r = request(
	    "GET /a HTTP/1.1", "Range: bytes=0-1\r\nIf-Range: " ETAG "\r\n");
	tap_is_num(plan_make(&r, &file, &now).status, 206,
	    "of this state it is the part");
}

static void
test_future(void)
{
	struct http_request r = request("GET /a HTTP/1.1", "");
	struct plan_file later = file;

	later.modified = NOW + 86400;
	tap_ok(has(answer(&r, &later), "Last-Modified: " DATE "\r\n"),
	    "Last-Modified is never after Date");
}

static void
test_digest(void)
{
	struct http_request r = request(
	    "GET /a HTTP/1.1", "Range: bytes=0-1\r\n");
	struct plan_file known = file;

	digest_parse(SLICE("ba7816bf8f01cfea414140de5dae2223"
			   "b00361a396177a9cb410ff61f20015ad"),
	    &known.digest);
	tap_ok(has(answer(&r, &known),
		   "Repr-Digest: sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD"
		   "/YfIAFa0=:\r\n"),
	    "a known digest of the whole is told with a part");
	tap_ok(!strstr(answer(&r, &file), "Digest"), "an unknown one is not");
}

static void
test_connection(void)
{
	struct http_request r = request(
	    "GET /a HTTP/1.1", "Connection: close\r\n");

	tap_ok(has(answer(&r, &file), "Connection: close\r\n"),
	    "who closes is told so");
	r = request("GET /a HTTP/1.0", "");
	tap_ok(
	    has(answer(&r, &file), "Connection: close\r\n"), "HTTP/1.0 closes");
	r = request("GET /a HTTP/1.0", "Connection: keep-alive\r\n");
	tap_ok(has(answer(&r, &file), "Connection: keep-alive\r\n"),
	    "unless it asks, and is told that it need not");
	r = request("GET /a HTTP/1.1", "");
	tap_ok(!strstr(answer(&r, &file), "Connection"),
	    "HTTP/1.1 need not be told");
	r = request("GET /a HTTP/1.1", "Content-Length: 5\r\n");
	tap_ok(!plan_keeps(&r), "after a body that is not read it ends");
}

static void
test_errors(void)
{
	static const int statuses[] = {
	    400, 404, 405, 412, 413, 414, 416, 431, 501, 503, 505};
	struct plan_frame frame = {.now = &now};
	bool all = true;

	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		char length[32];
		const char *body;

		buf_borrow(&out, mem, sizeof mem);
		plan_add_error(&out, &frame, statuses[i], 7);
		mem[buf_len(&out)] = '\0';
		body = strstr(mem, "\r\n\r\n") + 4;
		snprintf(
		    length, sizeof length, "Length: %zu\r\n", strlen(body));
		all = all && has(mem, length) &&
		    strchr(body, '\n') == body + strlen(body) - 1 &&
		    has(mem, "Content-Type: text/plain; charset=utf-8\r\n") &&
		    has(mem, "nosniff") &&
		    !!strstr(mem, "Allow: GET, HEAD\r\n") ==
			(statuses[i] == 405) &&
		    !!strstr(mem, "Retry-After: ") == (statuses[i] == 503) &&
		    !!strstr(mem, "Content-Range: bytes */7\r\n") ==
			(statuses[i] == 416);
	}
	tap_ok(all, "every error has one line of text and the fields it needs");
	buf_borrow(&out, mem, sizeof mem);
	frame.head_only = true;
	plan_add_error(&out, &frame, 404, 0);
	mem[buf_len(&out)] = '\0';
	tap_is_str(
	    strstr(mem, "\r\n\r\n"), "\r\n\r\n", "to HEAD it has no text");
}

static void
test_plain(void)
{
	struct plan_frame frame = {.now = &now, .keep_alive = true};

	buf_borrow(&out, mem, sizeof mem);
	plan_add_plain(&out, &frame, "text/html");
	mem[buf_len(&out)] = '\0';
	tap_ok(has(mem, "Transfer-Encoding: chunked\r\n") &&
		has(mem, "Content-Type: text/html\r\n") &&
		!strstr(mem, "Content-Length"),
	    "what is made up comes in chunks");
	frame.old = true;
	frame.keep_alive = false;
	buf_borrow(&out, mem, sizeof mem);
	plan_add_plain(&out, &frame, "text/html");
	mem[buf_len(&out)] = '\0';
	tap_ok(!strstr(mem, "Transfer-Encoding") &&
		has(mem, "Connection: close\r\n"),
	    "or for HTTP/1.0 until the connection ends");
}

static void
test_room(void)
{
	struct http_request r = request("GET /a HTTP/1.1", "");
	struct plan_file described = file;
	struct plan_frame frame = plan_frame(&r, &now);
	struct plan plan = plan_make(&r, &file, &now);
	bool all_fail = true;
	size_t need = strlen(answer(&r, &file));

	tap_ok(need < PLAN_HEAD_BYTES, "a head is as short as promised");
	plan_describe(&described, &now);
	for (size_t size = 1; size <= need; size++) {
		buf_borrow(&out, mem, size);
		all_fail = all_fail &&
		    plan_add_head(&out, &frame, &described, &plan) < 0;
	}
	tap_ok(all_fail, "without room for it that is an error");
}

static void
test_describe(void)
{
	struct http_request r = request("GET /a HTTP/1.1", "");
	struct plan_frame frame = plan_frame(&r, &now);
	struct plan plan = plan_make(&r, &file, &now);
	struct plan_file other = file;
	char type[PLAN_TEXT_BYTES];

	plan_describe(&other, &now);
	memset(&other.digest, 0, sizeof other.digest);
	other.digest.known = true;
	plan_describe(&other, &now);
	buf_borrow(&out, mem, sizeof mem);
	plan_add_head(&out, &frame, &other, &plan);
	mem[buf_len(&out)] = '\0';
	tap_ok(has(mem, "Repr-Digest: sha-256=:AAAA"),
	    "a file is described anew when more is known of it");
	memset(type, 'x', sizeof type - 1);
	type[sizeof type - 1] = '\0';
	other.type = type;
	tap_ok(plan_describe(&other, &now) < 0 && errno == ENOBUFS,
	    "a type that is too long is refused");
}

static void
test_now(void)
{
	struct plan_now clock = {0};

	plan_set_now(&clock, 0);
	tap_is_str(clock.date, "Thu, 01 Jan 1970 00:00:00 GMT",
	    "the first second has a date");
	plan_set_now(&clock, NOW);
	tap_is_str(clock.date, DATE, "and so has every other");
}

int
main(void)
{
	plan_set_now(&now, NOW);
	test_whole();
	test_head();
	test_range();
	test_conditions();
	test_future();
	test_digest();
	test_connection();
	test_errors();
	test_plain();
	test_room();
	test_describe();
	test_now();
	return tap_done();
}
