#include "nshare/seed.h"

#include "lib/http.h"
#include "lib/line.h"
#include "tap.h"

static struct slice name;

static ssize_t
parse(const char *text, bool eof)
{
	return seed_parse(slice_str(text), eof, &name);
}

static void
test_names(void)
{
	tap_is_num(parse("GET a b\nrest", false), 8, "a line is consumed");
	tap_is_slice(name, SLICE("a b"), "and is a raw name");
	tap_ok(parse("GET a\r\n", false) == 7, "CR LF ends it too");
	tap_is_slice(name, SLICE("a"), "and is no part of it");
	parse("GET a%20b\n", false);
	tap_is_slice(name, SLICE("a%20b"), "nothing is decoded");
	parse("GET  a \n", false);
	tap_is_slice(name, SLICE(" a "), "blanks are kept");
	tap_is_num(parse("\r\n\nGET a\n", false), 9, "empty lines are skipped");
	tap_is_num(parse("GET \n", false), 5, "a name may be empty");
	parse("GET a HTTP/1.12\n", false);
	tap_is_slice(name, SLICE("a HTTP/1.12"), "a name may look like HTTP");
}

static void
test_others(void)
{
	tap_is_num(parse("GET /a HTTP/1.1\r\n", false), 0, "HTTP is not it");
	tap_is_num(parse("GET /a HTTP/9.9\n", false), 0, "of any version");
	tap_is_num(parse("PUT a\n", false), 0, "nor is another verb");
	tap_is_num(parse("get a\n", false), 0, "nor are small letters");
	tap_is_num(parse("GET\n", false), 0, "nor the verb alone");
	tap_is_num(seed_parse(SLICE("GET a\0b\n"), false, &name), 0,
	    "nor what holds a NUL");
	tap_is_num(parse("\r\r\nGET a\n", false), 0,
	    "nor what follows a line that HTTP would not skip");
}

static void
test_pieces(void)
{
	static const char text[] = "\r\nGET some name\r\n";
	static char long_line[LINE_MAX_BYTES + 16];
	bool waits = true;

	for (size_t n = 0; n < sizeof text - 1; n++)
		waits = waits &&
		    seed_parse(slice_of(text, n), false, &name) == 0;
	tap_ok(waits, "a line is awaited, wherever it is cut");
	tap_is_num(parse("GET some name", true), 13,
	    "at the end of the stream it counts as it is");
	tap_is_slice(name, SLICE("some name"), "with all that came");
	tap_is_num(parse("", true), 0, "if anything came");
	tap_is_num(parse("GE", true), 0, "and enough of it");
	memset(long_line, 'x', sizeof long_line);
	memcpy(long_line, "GET ", 4);
	tap_is_num(
	    seed_parse(slice_of(long_line, sizeof long_line), true, &name), 0,
	    "a line that is too long is left to HTTP to refuse");
	long_line[HTTP_TARGET_BYTES] = '\n';
	tap_is_num(seed_parse(slice_of(long_line, HTTP_TARGET_BYTES + 1), false,
		       &name),
	    HTTP_TARGET_BYTES + 1, "one that HTTP would wait for is not");
	long_line[HTTP_TARGET_BYTES] = 'x';
	long_line[HTTP_TARGET_BYTES + 1] = '\n';
	tap_is_num(seed_parse(slice_of(long_line, HTTP_TARGET_BYTES + 2), false,
		       &name),
	    0, "whether it came in pieces or not");
}

int
main(void)
{
	test_names();
	test_others();
	test_pieces();
	return tap_done();
}
