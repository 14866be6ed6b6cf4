#include "nfind/format.h"

#include <stdlib.h>

#include "nfind/print.h"
#include "nfind/row.h"
#include "tests/tap.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef int format(
    struct buf *out, const struct print_style *style, const struct row *row);

static void
expect(format *form, struct print_style style, const char *line,
    const char *want, const char *sentence)
{
	struct row *row = row_parse(slice_str(line));
	struct buf out;

	buf_init(&out, 65536);
	if (!row || form(&out, &style, row) < 0)
		tap_note("not formatted: %s", line);
	tap_is_slice(buf_len(&out) ? buf_slice(&out) : SLICE(""),
	    slice_str(want), sentence);
	buf_free(&out);
	free(row);
}

static void
test_locator(void)
{
	const char *line = "192.0.2.7:9000/a%20b\t1\t2\t" HEX "\t1";
	struct print_style style = {.form = PRINT_LOCATORS};

	expect(format_locator, style, line, "192.0.2.7:9000/a%20b#sha256=" HEX,
	    "programs get the digest behind the locator");
	style.terminal = true;
	expect(format_locator, style, line, "192.0.2.7:9000/a%20b",
	    "people do not");
	style.digest = PRINT_DIGEST_ALWAYS;
	expect(format_locator, style, line, "192.0.2.7:9000/a%20b#sha256=" HEX,
	    "unless they ask for it");
	style = (struct print_style){.digest = PRINT_DIGEST_NEVER};
	expect(format_locator, style, line, "192.0.2.7:9000/a%20b",
	    "programs may do without it");
	style.digest = PRINT_DIGEST_ALWAYS;
	expect(format_locator, style, "192.0.2.7:9000/a\t1\t2\t-\t1",
	    "192.0.2.7:9000/a", "an unknown digest is never shown");
	expect(format_locator, style,
	    "http://[2001:DB8::7]:1/%61\xc3\xa9\t1\t2\t-\t1",
	    "[2001:DB8::7]:1/a%C3%A9", "a locator has one form");
}

static void
test_long(void)
{
	const char *line = "192.0.2.7:9000/d/a%5Cb\t1536\t1769862896\t" HEX
			   "\t1";
	struct print_style style = {.form = PRINT_LONG};

	expect(format_long, style, line,
	    "192.0.2.7:9000/d/a%5Cb\t1536\t2026-01-31T12:34:56Z\t" HEX
	    "\td/a\\\\b",
	    "the long form has five columns");
	style.terminal = true;
	expect(format_long, style, line,
	    "192.0.2.7:9000/d/a%5Cb\t1.5K\t2026-01-31T12:34:56Z\t" HEX
	    "\td/a\\\\b",
	    "people get sizes that they can read");
	expect(format_long, style, "192.0.2.7:9000/x\t-\t-\t-\t-",
	    "192.0.2.7:9000/x\t-\t-\t-\tx", "what is unknown is a dash");
	expect(format_long, style,
	    "192.0.2.7:9000/x\t-\t9223372036854775807\t-\t-",
	    "192.0.2.7:9000/x\t-\t-\t-\tx", "a time without a date too");
	expect(format_long, style,
	    "192.0.2.7:9000/%C2%9B31m%E2%80%AEz%FF\t-\t-\t-\t-",
	    "192.0.2.7:9000/%C2%9B31m%E2%80%AEz%FF\t-\t-\t-\t"
	    "\\xc2\\x9b31m\\xe2\\x80\\xaez\\xff",
	    "a name cannot make the terminal do anything");
}

static void
test_json(void)
{
	struct print_style style = {.form = PRINT_JSON};

	expect(format_json, style,
	    "[::1]:9000/a%20%22b%22\t18446744073709551614\t0\t" HEX "\t2",
	    "{\"locator\":\"[::1]:9000/a%20%22b%22\",\"host\":\"::1\","
	    "\"port\":9000,\"path\":\"a \\\"b\\\"\","
	    "\"size\":18446744073709551614,\"mtime\":0,\"digest\":\"" HEX
	    "\",\"class\":2}",
	    "an object has all there is to know");
	expect(format_json, style, "h:1/%5C%C3%A9%FF%C3\t-\t-\t-\t-",
	    "{\"locator\":\"h:1/%5C%C3%A9%FF%C3\",\"host\":\"h\",\"port\":1,"
	    "\"path\":\"\\\\\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\",\"size\":null,"
	    "\"mtime\":null,\"digest\":null,\"class\":null}",
	    "what is unknown is null, what is not UTF-8 is U+FFFD");
	expect(format_json, style,
	    "h:1/%C2%9B%E2%80%AE%F0%9F%98%80\t-\t-\t-\t-",
	    "{\"locator\":\"h:1/%C2%9B%E2%80%AE%F0%9F%98%80\",\"host\":\"h\","
	    "\"port\":1,\"path\":\"\\u009b\\u202e\xf0\x9f\x98\x80\","
	    "\"size\":null,\"mtime\":null,\"digest\":null,\"class\":null}",
	    "what a terminal would obey is escaped");
	style.digest = PRINT_DIGEST_ALWAYS;
	expect(format_json, style, "h:1/x\t-\t-\t" HEX "\t-",
	    "{\"locator\":\"h:1/x#sha256=" HEX "\",\"host\":\"h\",\"port\":1,"
	    "\"path\":\"x\",\"size\":null,\"mtime\":null,\"digest\":\"" HEX
	    "\",\"class\":null}",
	    "the locator has the digest when that is asked for");
}

static void
test_others(void)
{
	const char *line = "[2001:db8::7]:9000/a%20b\t1\t2\t" HEX "\t1";
	struct print_style style = {.digest = PRINT_DIGEST_ALWAYS};

	expect(format_url, style, line, "http://[2001:db8::7]:9000/a%20b",
	    "a URL never has a fragment");
	expect(format_peer, style, line, "[2001:db8::7]:9000",
	    "a peer is its host and port");
}

int
main(void)
{
	test_locator();
	test_long();
	test_json();
	test_others();
	return tap_done();
}
