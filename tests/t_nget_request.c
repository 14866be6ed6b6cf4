#include "nget/request.h"
#include "tap.h"

#define REST                            \
	"Accept-Encoding: identity\r\n" \
	"Connection: close\r\n\r\n"

static void
is_head(const struct request *r, const char *want, const char *sentence)
{
	struct buf out;

	buf_init(&out, 16384);
	tap_is_num(request_add(&out, r), 0, "a request is built");
	tap_is_slice(buf_slice(&out), slice_str(want), sentence);
	buf_free(&out);
}

static void
test_heads(void)
{
	struct locator l;
	struct request r = {.locator = &l};
	const char *why;

	(void)locator_parse(SLICE("h:1/a/My%20Song%0d%0aX%3f"), &l, &why);
	is_head(&r, "GET /a/My%20Song%0D%0AX%3F HTTP/1.1\r\nHost: h:1\r\n" REST,
	    "names are encoded, whatever they hold");
	r.from = 7;
	(void)locator_parse(SLICE("[fe80::1%1]:9000/x"), &l, &why);
	is_head(&r,
	    "GET /x HTTP/1.1\r\nHost: [fe80::1]:9000\r\nRange: "
	    "bytes=7-\r\n" REST,
	    "a range is asked for; the Host has brackets and no interface");
	r.etag = SLICE("\"v1\"");
	r.accept = "text/plain";
	(void)locator_parse(SLICE("h:1/"), &l, &why);
	is_head(&r,
	    "GET / HTTP/1.1\r\nHost: h:1\r\nAccept: text/plain\r\n"
	    "Range: bytes=7-\r\nIf-Range: \"v1\"\r\n" REST,
	    "a validator makes the range depend on it");
	r.from = 0;
	is_head(&r,
	    "GET / HTTP/1.1\r\nHost: h:1\r\nAccept: text/plain\r\n" REST,
	    "but there is none of all");
}

static void
test_seed(void)
{
	static const char *const bad[] = {
	    "", "/x", " x", "x ", "\tx", "x\t", "a\nb", "x\r"};
	struct buf out;

	tap_ok(request_seed_takes(SLICE("My Song \xff %41.mp3")),
	    "the seed's form takes nearly any name");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		tap_ok(!request_seed_takes(slice_str(bad[i])),
		    "though not number %zu", i);
	tap_ok(!request_seed_takes(slice_of("a\0b", 3)), "and no NUL");
	buf_init(&out, 64);
	(void)request_add_seed(&out, SLICE("My Song%41"));
	tap_is_slice(buf_slice(&out), SLICE("GET My Song%41\n"),
	    "and sends it as it is");
	buf_free(&out);
}

int
main(void)
{
	test_heads();
	test_seed();
	return tap_done();
}
