#include "lib/http.h"
#include "tap.h"

/* The status that a request head is refused with, 0 when it is accepted. */
static int
refusal_of(const char *text, struct http_request *r)
{
	return http_request_parse(slice_str(text), r) < 0 ? r->error : 0;
}

static void
has_path(const char *target, const char *path, const char *sentence)
{
	struct http_request r;
	char text[512];

	snprintf(
	    text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target);
	tap_ok(refusal_of(text, &r) == 0 && slice_eq(r.path, slice_str(path)),
	    "%s", sentence);
}

static void
refuses_target(const char *target, const char *sentence)
{
	struct http_request r;
	char text[512];

	snprintf(
	    text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", target);
	tap_is_num(refusal_of(text, &r), 400, sentence);
}

static void
has_host(const char *host, bool valid, const char *sentence)
{
	struct http_request r;
	char text[512];

	snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
	tap_is_num(refusal_of(text, &r), valid ? 0 : 400, sentence);
}

static void
test_target_forms(void)
{
	has_path("/", "/", "the root is a path");
	has_path("//x", "//x", "two slashes begin a path, no authority");
	has_path("/?a?b", "/", "a query begins at the first question mark");
	has_path("/a%23%3f", "/a%23%3f", "a path stays percent-encoded");
	has_path("/{a}|[b]\\\"", "/{a}|[b]\\\"",
	    "bytes that a URI would encode pass as they are");
	has_path("http://host/a/b?c", "/a/b", "the absolute form has a path");
	has_path("HTTP://host:80/a", "/a", "its scheme is case-blind");
	has_path("http://[::1]:80/a", "/a", "its host may be IPv6");
	has_path("http://host", "/", "without a path it names the root");
	has_path("http://host?q", "/", "so it does with a query alone");
	has_path("http://host/?q=/x", "/", "a slash in a query is no path");
	has_path("*", "", "the asterisk form has no path");
	has_path("host:80", "", "the authority form has no path");
	refuses_target("http:///a", "an http URI without a host is refused");
	refuses_target("http://user@host/", "user information is refused");
	refuses_target("http://a:b/", "a port in letters is refused");
	refuses_target("https://host/a", "another scheme is refused");
	refuses_target("name", "a relative path is refused");
	refuses_target("/a#b", "a fragment is refused");
	refuses_target("/a b", "a blank in the target is refused");
	refuses_target("/a\tb", "a tab in the target is refused");
	refuses_target("/a\x01", "a control byte in the target is refused");
	refuses_target("/a\x7f", "DEL in the target is refused");
	refuses_target("/\xc3\xa9", "a byte above ASCII is refused");
	refuses_target("", "an empty target is refused");
}

static void
test_host(void)
{
	has_host("a-b_c.example", true, "a Host may be a name");
	has_host("192.0.2.1:9000", true, "a Host may have a port");
	has_host("a:", true, "its port may be empty");
	has_host("a%2db", true, "a Host may be percent-encoded");
	has_host("[2001:db8::7]:9000", true, "a Host may be IPv6");
	has_host("", true, "a Host may be empty");
	has_host(":80", false, "a port without a host is refused");
	has_host("a:80:80", false, "a Host has one port");
	has_host("a:65536", false, "a port has 16 bits");
	has_host("a:+8", false, "a port is digits");
	has_host("a, b", false, "a list of Hosts is refused");
	has_host("a/b", false, "a slash in Host is refused");
	has_host("a@b", false, "user information in Host is refused");
	has_host("a%2", false, "half an encoded byte is refused");
	has_host("a%zz", false, "a badly encoded byte is refused");
	has_host("\xc3\xa9", false, "a byte above ASCII in Host is refused");
	has_host("::1", false, "IPv6 without brackets is refused");
	has_host("[::1", false, "an open bracket is refused");
	has_host("[::1]80", false, "a port needs its colon");
	has_host("[1.2.3.4]", false, "IPv4 in brackets is refused");
	has_host("[fe80::1%eth0]", false, "a zone in Host is refused");
	has_host("[]", false, "empty brackets are refused");
}

int
main(void)
{
	test_target_forms();
	test_host();
	return tap_done();
}
