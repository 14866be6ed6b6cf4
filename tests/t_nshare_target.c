#include "lib/http.h"
#include "nshare/target.h"
#include "tap.h"

/* What a request line asks nshare for: its status, and target. */
static int
read_target(const char *line, const char *fields, struct target *t)
{
	static char text[HTTP_HEAD_BYTES];
	struct http_request r;

	snprintf(text, sizeof text, "%s\r\nHost: h\r\n%s\r\n", line, fields);
	if (http_request_parse(slice_str(text), &r) <= 0)
		return r.error;
	return target_read(&r, t);
}

static void
is_file(const char *target, struct slice path, const char *sentence)
{
	struct target t;
	char line[512];

	snprintf(line, sizeof line, "GET %s HTTP/1.1", target);
	tap_ok(read_target(line, "", &t) == 0 && !t.directory &&
		slice_eq(target_path(&t), path) && t.path[t.len] == '\0',
	    "%s", sentence);
}

static void
is_directory(const char *target, const char *path, const char *sentence)
{
	struct target t;
	char line[512];

	memset(&t, 'x', sizeof t);
	snprintf(line, sizeof line, "GET %s HTTP/1.1", target);
	tap_ok(read_target(line, "", &t) == 0 && t.directory &&
		slice_eq(target_path(&t), slice_str(path)) &&
		t.path[t.len] == '\0',
	    "%s", sentence);
}

static void
is_refused(const char *line, int status, const char *sentence)
{
	struct target t;

	tap_is_num(read_target(line, "", &t), status, sentence);
}

static void
test_files(void)
{
	is_file("/a", SLICE("a"), "a path is relative to the directory");
	is_file("/a/b%20c", SLICE("a/b c"), "it is decoded");
	is_file("/%ff%FE", SLICE("\xff\xfe"), "to any bytes");
	is_file("/%3f%23%25", SLICE("?#%"), "once");
	is_file("/%2561", SLICE("%61"), "and not twice");
	is_file("/a%2fb", SLICE("a/b"), "a slash may be encoded");
	is_file("/a?b=c", SLICE("a"), "a query is ignored");
	is_file("http://x/a", SLICE("a"), "the absolute form is understood");
	is_file("/..a", SLICE("..a"), "two dots may begin a name");
	is_file("/-rf", SLICE("-rf"), "so may a dash");
}

static void
test_directories(void)
{
	is_directory("/", "", "the root is a directory");
	is_directory("/a/", "a", "so is what ends in a slash");
	is_directory("/a%20b/c/", "a b/c", "at any depth");
	is_directory("/a%2f", "a", "even in an encoded one");
	is_directory("http://x", "", "an absolute form may have no path");
}

static void
test_refusals(void)
{
	is_refused("GET /a%0 HTTP/1.1", 400, "half an escape is malformed");
	is_refused("GET /a%zz HTTP/1.1", 400, "so is one without digits");
	is_refused("GET /a%00b HTTP/1.1", 400, "so is a NUL");
	is_refused("GET /%00 HTTP/1.1", 400, "by itself too");
	is_refused("GET /.. HTTP/1.1", 400, "climbing is refused");
	is_refused("GET /a/../b HTTP/1.1", 400, "in the middle");
	is_refused("GET /a/%2e%2E/b HTTP/1.1", 400, "in disguise");
	is_refused("GET /a%2f..%2fb HTTP/1.1", 400, "in another");
	is_refused("GET /../ HTTP/1.1", 400, "before a slash");
	is_refused("GET * HTTP/1.1", 400, "no path is no path");
	is_refused("GET // HTTP/1.1", 404, "nothing lies below nothing");
	is_refused("GET /a//b HTTP/1.1", 404, "nor between two slashes");
	is_refused("GET /./a HTTP/1.1", 404, "a dot names nothing");
	is_refused("GET /a%0Ab HTTP/1.1", 404, "no name has a control byte");
	is_refused("POST /a HTTP/1.1", 405, "files cannot be written");
	is_refused("OPTIONS * HTTP/1.1", 405, "options are not told");
	is_refused("BREW /a HTTP/1.1", 501, "coffee is not made");
	is_refused("get /a HTTP/1.1", 501, "methods are in capitals");
}

static void
test_bodies(void)
{
	struct target t;

	tap_is_num(read_target("GET /a HTTP/1.1", "Content-Length: 1\r\n", &t),
	    413, "a body is refused");
	tap_is_num(read_target("GET /a HTTP/1.1", "Content-Length: 0\r\n", &t),
	    0, "an empty one is none");
	tap_is_num(read_target(
		       "GET /a HTTP/1.1", "Transfer-Encoding: chunked\r\n", &t),
	    413, "a chunked one is refused");
	tap_is_num(read_target("PUT /a HTTP/1.1", "Content-Length: 1\r\n", &t),
	    405, "the method comes first");
}

static void
test_lengths(void)
{
	char line[PATH_MAX_BYTES + 64];
	struct target t;

	snprintf(line, sizeof line, "GET /%0*d HTTP/1.1", PATH_MAX_BYTES, 0);
	tap_is_num(read_target(line, "", &t), 0, "4096 bytes are a path");
	snprintf(line, sizeof line, "GET /%0*d/ HTTP/1.1", PATH_MAX_BYTES, 0);
	tap_ok(read_target(line, "", &t) == 0 && t.directory,
	    "and may be a directory");
	snprintf(
	    line, sizeof line, "GET /%0*d HTTP/1.1", PATH_MAX_BYTES + 1, 0);
	tap_is_num(read_target(line, "", &t), 404, "4097 are none");
	snprintf(
	    line, sizeof line, "GET /%0*d/ HTTP/1.1", PATH_MAX_BYTES + 1, 0);
	tap_is_num(read_target(line, "", &t), 404, "of either kind");
}

int
main(void)
{
	test_files();
	test_directories();
	test_refusals();
	test_bodies();
	test_lengths();
	return tap_done();
}
