#include "lib/locator.h"

#include <errno.h>

#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
test_hosts(void)
{
	static const struct {
		const char *text, *shown;
		uint16_t port;
	} cases[] = {
	    {"host", "host:8080", 8080},
	    {"host:1", "host:1", 8080},
	    {"host:65535", "host:65535", 0},
	    {"my-host_1.example.", "my-host_1.example.:8080", 8080},
	    {"192.0.2.7:9000", "192.0.2.7:9000", 0},
	    {"[2001:db8::7]", "[2001:db8::7]:8080", 8080},
	    {"[2001:db8::7]:9000", "[2001:db8::7]:9000", 0},
	    {"2001:db8::7", "[2001:db8::7]:8080", 8080},
	    {"::1", "[::1]:8080", 8080},
	    {"[fe80::1%3]:9", "[fe80::1%3]:9", 0},
	    {"[fe80::1%lo]:9", "[fe80::1%lo]:9", 0},
	    {"*:8080", "*:8080", 0},
	};
	struct locator_host host;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = {.cap = 300};

		tap_ok(locator_host_parse(slice_str(cases[i].text),
			   cases[i].port, false, &host) == 0,
		    "'%s' is a host", cases[i].text);
		locator_host_add(&out, &host);
		tap_is_slice(buf_slice(&out), slice_str(cases[i].shown),
		    "a host is shown with its port");
		buf_free(&out);
	}
}

static void
refuses_host(struct slice text, uint16_t port, int error)
{
	struct locator_host host = {"kept", 7};

	errno = 0;
	tap_ok(locator_host_parse(text, port, false, &host) < 0 &&
		errno == error && !strcmp(host.name, "kept") && host.port == 7,
	    "'%.*s' is refused as %s", (int)text.len, text.ptr,
	    error == ERANGE ? "out of range" : "no host and port");
}

static void
test_bad_hosts(void)
{
	static const struct slice bad[] = {SLICE(""), SLICE(":80"),
	    SLICE("host:"), SLICE("host:x"), SLICE("host:+1"), SLICE("host: 1"),
	    SLICE("a:b:c"), SLICE("host:1:2"), SLICE("ho st"), SLICE("host\0"),
	    SLICE("host/x"), SLICE("user@host"), SLICE("[host]"),
	    SLICE("[1.2.3.4]"), SLICE("[::1"), SLICE("[::1]x"), SLICE("[::1]:"),
	    SLICE("[]"), SLICE("[]:80"), SLICE("::1]"), SLICE("::g"),
	    SLICE("[::1]80"), SLICE("**"), SLICE("h\xc3\xb6st"),
	    SLICE("[::1%1]"), SLICE("[fe80::1%lo:*]"), SLICE("-ofile"),
	    SLICE("a.-b"), SLICE("."), SLICE(".."), SLICE("a..b"), SLICE(".a"),
	    SLICE("a..")};
	char name[LOCATOR_HOST_BYTES];

	for (size_t i = 0; i < COUNT(bad); i++)
		refuses_host(bad[i], 8080, EINVAL);
	refuses_host(SLICE("host"), 0, EINVAL);
	refuses_host(SLICE("::1"), 0, EINVAL);
	refuses_host(SLICE("host:0"), 8080, ERANGE);
	refuses_host(SLICE("host:65536"), 8080, ERANGE);
	refuses_host(SLICE("[::1]:99999999999999999999"), 8080, ERANGE);
	memset(name, 'x', sizeof name);
	refuses_host(slice_of(name, sizeof name), 8080, EINVAL);
}

static void
test_host_edges(void)
{
	char name[LOCATOR_HOST_BYTES - 1];
	struct locator_host host;
	struct buf small = {.cap = 5};

	memset(name, 'x', sizeof name);
	tap_ok(locator_host_parse(
		   slice_of(name, sizeof name), 1, false, &host) == 0,
	    "a name may have 255 bytes");
	tap_ok(locator_host_parse(SLICE("h:0"), 1, true, &host) == 0 &&
		host.port == 0,
	    "port 0 is taken where it is allowed");
	locator_host_parse(SLICE("host:80"), 0, false, &host);
	errno = 0;
	tap_ok(locator_host_add(&small, &host) < 0 && errno == ENOBUFS &&
		buf_len(&small) == 0,
	    "a host without room is not appended");
	buf_free(&small);
}

static struct locator
parsed(const char *text)
{
	struct locator l;
	const char *why = "";

	memset(&l, 0, sizeof l);
	if (locator_parse(slice_str(text), &l, &why) < 0)
		tap_ok(false, "%s is a locator, not: %s", text, why);
	return l;
}

static void
test_parse(void)
{
	static const struct {
		const char *text, *host, *path;
		uint16_t port;
		bool digest;
	} cases[] = {
	    {"192.0.2.7:9000/Album/My%20Song.mp3", "192.0.2.7",
		"Album/My Song.mp3", 9000, false},
	    {"[2001:db8::7]:1/x", "2001:db8::7", "x", 1, false},
	    {"h/x", "h", "x", 9000, false},
	    {"http://h/x", "h", "x", 80, false},
	    {"HTTP://h:9000/x", "h", "x", 9000, false},
	    {"h:1/x#sha256=" HEX, "h", "x", 1, true},
	    {"h:1/%23%3f%2F", "h", "#?/", 1, false},
	    {"h:1/", "h", "", 1, false},
	    {"h:1//x", "h", "/x", 1, false},
	    {"h:1/\xc3\xa9(1)+&;", "h", "\xc3\xa9(1)+&;", 1, false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct locator l = parsed(cases[i].text);

		tap_ok(!strcmp(l.host.name, cases[i].host), "'%s' has its host",
		    cases[i].text);
		tap_is_num(l.host.port, cases[i].port, "its port");
		tap_is_slice(slice_of(l.path, l.path_len),
		    slice_str(cases[i].path), "its path, decoded");
		tap_ok(l.digest.known == cases[i].digest, "and its digest");
	}
}

static void
test_bad_locators(void)
{
	static const struct {
		struct slice text;
		const char *why;
	} cases[] = {
	    {SLICE(""), "no /"},
	    {SLICE("h:1"), "no /"},
	    {SLICE("h:1#sha256=" HEX), "no /"},
	    {SLICE("/x"), "no host"},
	    {SLICE("http:///x"), "no host"},
	    {SLICE("https://h/x"), "scheme"},
	    {SLICE("ftp://h/x"), "scheme"},
	    {SLICE("h:/x"), "host:port"},
	    {SLICE("u@h:1/x"), "host:port"},
	    {SLICE("h:0/x"), "between"},
	    {SLICE("h:65536/x"), "between"},
	    {SLICE("*:1/x"), "no host"},
	    {SLICE("*/x"), "no host"},
	    {SLICE("h:1/a b"), "blank"},
	    {SLICE(" h:1/a"), "blank"},
	    {SLICE("h:1/a\tb"), "control"},
	    {SLICE("h:1/a\n"), "control"},
	    {SLICE("h:1/a\0"), "control"},
	    {SLICE("h:1/a\x7f"), "control"},
	    {SLICE("h:1/a'b"), "quote"},
	    {SLICE("h:1/a\"b"), "quote"},
	    {SLICE("h:1/a\\b"), "backslash"},
	    {SLICE("h:1/a?b"), "question"},
	    {SLICE("h:1/%"), "hexadecimal"},
	    {SLICE("h:1/%4"), "hexadecimal"},
	    {SLICE("h:1/%g0"), "hexadecimal"},
	    {SLICE("h:1/%4g"), "hexadecimal"},
	    {SLICE("h:1/%%41"), "hexadecimal"},
	    {SLICE("h:1/x#"), "sha256="},
	    {SLICE("h:1/x#top"), "sha256="},
	    {SLICE("h:1/x#SHA256=" HEX), "sha256="},
	    {SLICE("h:1/x#sha256="), "64"},
	    {SLICE("h:1/x#sha256=" HEX "0"), "64"},
	    {SLICE("h:1/x#sha256=" HEX "#"), "64"},
	    {SLICE("h:1/x#sha256=BA7816BF8F01CFEA414140DE5DAE2223"
		   "b00361a396177a9cb410ff61f20015ad"),
		"64"},
	};
	struct locator l;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why = "";

		errno = 0;
		tap_ok(locator_parse(cases[i].text, &l, &why) < 0 &&
			errno == EINVAL && strstr(why, cases[i].why),
		    "locator %zu is refused: %s", i + 1, why);
	}
}

static void
test_long_path(void)
{
	static char text[4 + 3 * (LOCATOR_PATH_BYTES + 1)] = "h:1/";
	const char *why = "";
	struct locator l;

	for (size_t i = 4; i < sizeof text; i += 3)
		memcpy(text + i, "%41", 3);
	tap_ok(locator_parse(slice_of(text, sizeof text - 3), &l, &why) == 0 &&
		l.path_len == LOCATOR_PATH_BYTES,
	    "a path has 4096 bytes when decoded");
	tap_ok(locator_parse(slice_of(text, sizeof text), &l, &why) < 0 &&
		errno == EINVAL && strstr(why, "longer"),
	    "and not one more");
}

static void
test_add(void)
{
	struct locator l = parsed("[2001:db8::7]:9000/a%20b/c#sha256=" HEX);
	struct buf out = {.cap = 200}, small = {.cap = 4};

	locator_add(&out, &l, false);
	tap_is_slice(buf_slice(&out), SLICE("[2001:db8::7]:9000/a%20b/c"),
	    "a locator is written without its digest");
	buf_truncate(&out, 0);
	locator_add(&out, &l, true);
	tap_is_slice(buf_slice(&out),
	    SLICE("[2001:db8::7]:9000/a%20b/c#sha256=" HEX), "or with it");
	buf_truncate(&out, 0);
	l.digest.known = false;
	locator_add(&out, &l, true);
	tap_is_slice(buf_slice(&out), SLICE("[2001:db8::7]:9000/a%20b/c"),
	    "unless it is unknown");
	buf_free(&out);

	l.digest.known = true;
	buf_add_str(&small, "row ");
	for (; small.cap < 100; small.cap++)
		if (locator_add(&small, &l, true) == 0 || buf_len(&small) != 4)
			break;
	tap_is_slice(buf_slice(&small), SLICE("row "),
	    "wherever room ends, nothing is appended then");
	buf_free(&small);
}

/* Every byte, and what it becomes; then back. */
static void
test_encode(void)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789-._~/";
	struct buf out = {.cap = 1000};
	bool as_told = true;
	char raw[256], back[256];

	for (int c = 0; c < 256; c++) {
		char escape[4], byte = (char)c;

		raw[c] = byte;
		snprintf(escape, sizeof escape,
		    c && strchr(kept, c) ? "%c" : "%%%02X", c);
		buf_truncate(&out, 0);
		locator_encode(&out, slice_of(&byte, 1));
		as_told &= slice_eq(buf_slice(&out), slice_str(escape));
	}
	tap_ok(as_told, "unreserved bytes and / stay, others become %%XX");
	buf_truncate(&out, 0);
	locator_encode(&out, slice_of(raw, 256));
	tap_ok(locator_decode(buf_slice(&out), back, 256) == 256 &&
		!memcmp(raw, back, 256),
	    "every byte is decoded as it was encoded");
	buf_free(&out);
}

static void
test_decode(void)
{
	char out[4];

	tap_ok(locator_decode(SLICE("%e9%E9+"), out, 4) == 3 &&
		!memcmp(out, "\xe9\xe9+", 3),
	    "escapes have either case, and a plus is a plus");
	tap_is_num(
	    locator_decode(SLICE(""), out, 0), 0, "nothing decodes to nothing");
	tap_is_num(locator_decode(SLICE("a%62cd"), out, 4), 4,
	    "what is decoded may fill its room");
	errno = 0;
	tap_ok(locator_decode(SLICE("abcde"), out, 4) < 0 && errno == EMSGSIZE,
	    "more is EMSGSIZE");
	errno = 0;
	tap_ok(locator_decode(SLICE("a%6"), out, 4) < 0 && errno == EINVAL,
	    "an escape cut off is EINVAL");
	tap_is_num(locator_decode(slice_of("%62", 2), out, 4), -1,
	    "nothing is read past the end");
}

static void
test_same_file(void)
{
	static const struct {
		const char *a, *b;
		bool same;
		const char *sentence;
	} cases[] = {
	    {"h:1/a", "h:1/%61", true, "however a path is written"},
	    {"h:1/a", "h:1/a#sha256=" HEX, true, "a digest does not count"},
	    {"h:1/a", "h:1/A", false, "another path is another file"},
	    {"h:1/a", "h:1/ab", false, "so is a longer one"},
	    {"h:1/a", "h:2/a", false, "another port is another peer"},
	    {"h:1/a", "i:1/a", false, "so is another host"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct locator a, b;
		const char *why;

		(void)locator_parse(slice_str(cases[i].a), &a, &why);
		(void)locator_parse(slice_str(cases[i].b), &b, &why);
		tap_ok(locator_same_file(&a, &b) == cases[i].same, "%s",
		    cases[i].sentence);
	}
}

int
main(void)
{
	test_hosts();
	test_bad_hosts();
	test_host_edges();
	test_parse();
	test_bad_locators();
	test_long_path();
	test_add();
	test_encode();
	test_decode();
	test_same_file();
	return tap_done();
}
