#include "locator.h"

#include <errno.h>

#include "addr.h"
#include "num.h"

#define PEER_PORT 9000
#define HTTP_PORT 80

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

static bool
is_alphanumeric(unsigned char c)
{
	unsigned char lower = c | 0x20;

	return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

/*
 * One part of a host name (RFC 1123 §2.1, and '_', which is seen in practice).
 * A hyphen in front would make a locator an option of who gets it as operand.
 */
static bool
is_label(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alphanumeric((unsigned char)s.ptr[i]) &&
		    s.ptr[i] != '-' && s.ptr[i] != '_')
			return false;
	return s.len > 0 && s.ptr[0] != '-';
}

/* A name or an IPv4 address; "*" for every address; one dot may end a name. */
static bool
is_host_name(struct slice s)
{
	struct slice label;

	if (slice_eq(s, SLICE("*")))
		return true;
	do {
		slice_cut(s, '.', &label, &s);
		if (!is_label(label))
			return false;
	} while (s.len > 0);
	return true;
}

/* An interface can be called what a locator should not hold. */
static bool
is_plain_zone(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alphanumeric((unsigned char)s.ptr[i]) &&
		    !memchr("-._", s.ptr[i], 3))
			return false;
	return true;
}

static bool
is_v6(struct slice s)
{
	struct slice ip, zone;
	struct addr a;

	slice_cut(s, '%', &ip, &zone);
	return slice_find(ip, ':') >= 0 && is_plain_zone(zone) &&
	    addr_parse_ip(s, &a) == 0;
}

/* What host and port are called in a text; no port when its pointer is NULL. */
struct parts {
	struct slice name;
	struct slice port;
};

/* Behind the opening bracket. */
static int
split_bracketed(struct slice text, struct parts *parts)
{
	struct slice behind;

	if (!slice_cut(text, ']', &parts->name, &behind) || !is_v6(parts->name))
		return invalid();
	if (behind.len == 0)
		return 0;
	if (behind.ptr[0] != ':')
		return invalid();
	parts->port = slice_skip(behind, 1);
	return 0;
}

static int
split_host(struct slice text, struct parts *parts)
{
	struct slice port;

	*parts = (struct parts){.name = text};
	if (slice_starts(text, SLICE("[")))
		return split_bracketed(slice_skip(text, 1), parts);
	if (is_v6(text))
		return 0;
	if (slice_cut(text, ':', &parts->name, &port))
		parts->port = port;
	return is_host_name(parts->name) ? 0 : invalid();
}

int
locator_host_parse(struct slice text, uint16_t default_port, bool zero_port,
    struct locator_host *host)
{
	struct parts parts;
	uint64_t port = default_port;

	if (split_host(text, &parts) < 0)
		return -1;
	if (parts.name.len >= sizeof host->name)
		return invalid();
	if (!parts.port.ptr && default_port == 0)
		return invalid();
	if (parts.port.ptr &&
	    num_parse(parts.port, zero_port ? 0 : 1, UINT16_MAX, &port) < 0)
		return -1;
	memcpy(host->name, parts.name.ptr, parts.name.len);
	host->name[parts.name.len] = '\0';
	host->port = (uint16_t)port;
	return 0;
}

int
locator_host_add(struct buf *out, const struct locator_host *host)
{
	const char *format = strchr(host->name, ':') ? "[%s]:%u" : "%s:%u";

	return buf_printf(out, format, host->name, host->port);
}

static int
refuse(const char **why, const char *text)
{
	*why = text;
	return invalid();
}

/* What a locator never holds as it is, so that shells leave it alone. */
static const struct {
	char byte;
	const char *why;
} unsafe_bytes[] = {
    {' ', "it holds a blank; write %20"},
    {'"', "it holds a quote; write %22"},
    {'\'', "it holds a quote; write %27"},
    {'?', "it holds a question mark; write %3F"},
    {'\\', "it holds a backslash; write %5C"},
};

static const char *
find_unsafe(struct slice text)
{
	size_t count = sizeof unsafe_bytes / sizeof *unsafe_bytes;

	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return "it holds a control byte";
	for (size_t i = 0; i < count; i++)
		if (slice_find(text, unsafe_bytes[i].byte) >= 0)
			return unsafe_bytes[i].why;
	return NULL;
}

static int
parse_fragment(struct slice fragment, struct digest *digest, const char **why)
{
	struct slice name = SLICE("sha256=");

	if (!slice_starts(fragment, name))
		return refuse(why, "what follows # is not sha256=");
	if (digest_parse(slice_skip(fragment, name.len), digest) < 0)
		return refuse(why,
		    "what follows #sha256= is not 64 lower-case "
		    "hexadecimal digits");
	return 0;
}

static int
parse_host(struct slice text, uint16_t default_port, struct locator *l,
    const char **why)
{
	if (text.len == 0)
		return refuse(why, "it names no host");
	if (slice_eq(text, SLICE("*")) || slice_starts(text, SLICE("*:")))
		return refuse(why, "* is no host to connect to");
	if (locator_host_parse(text, default_port, false, &l->host) == 0)
		return 0;
	if (errno == ERANGE)
		return refuse(why, "its port is not between 1 and 65535");
	return refuse(why, "what comes before the first / is no host:port");
}

static int
parse_path(struct slice text, struct locator *l, const char **why)
{
	ssize_t n = locator_decode(text, l->path, sizeof l->path);

	if (n < 0 && errno == EMSGSIZE)
		return refuse(why, "its path is longer than 4096 bytes");
	if (n < 0)
		return refuse(
		    why, "a % in it is not followed by two hexadecimal digits");
	l->path_len = (size_t)n;
	return 0;
}

/* Take "http://" off the front of rest. */
static bool
take_scheme(struct slice *rest)
{
	struct slice scheme = SLICE("http://");

	if (rest->len < scheme.len ||
	    !slice_eq_nocase(slice_of(rest->ptr, scheme.len), scheme))
		return false;
	*rest = slice_skip(*rest, scheme.len);
	return true;
}

/* "https:", where path goes on with its second slash. */
static bool
is_other_scheme(struct slice host, struct slice path)
{
	return host.len && host.ptr[host.len - 1] == ':' &&
	    slice_starts(path, SLICE("/"));
}

int
locator_parse(struct slice text, struct locator *l, const char **why)
{
	const char *unsafe = find_unsafe(text);
	struct slice rest, fragment, host, path;
	bool digest, http;

	if (unsafe)
		return refuse(why, unsafe);
	digest = slice_cut(text, '#', &rest, &fragment);
	http = take_scheme(&rest);
	if (!slice_cut(rest, '/', &host, &path))
		return refuse(why, "it holds no / between host:port and path");
	if (is_other_scheme(host, path))
		return refuse(why, "its scheme is not http://");
	if (parse_host(host, http ? HTTP_PORT : PEER_PORT, l, why) < 0)
		return -1;
	if (parse_path(path, l, why) < 0)
		return -1;
	l->digest.known = false;
	return digest ? parse_fragment(fragment, &l->digest, why) : 0;
}

int
locator_add(struct buf *out, const struct locator *l, bool with_digest)
{
	size_t before = buf_len(out);

	if (locator_host_add(out, &l->host) < 0)
		return -1;
	if (buf_add_str(out, "/") < 0 ||
	    locator_encode(out, slice_of(l->path, l->path_len)) < 0)
		goto fail;
	if (!with_digest || !l->digest.known)
		return 0;
	if (buf_add_str(out, "#sha256=") < 0 || digest_add(out, &l->digest) < 0)
		goto fail;
	return 0;
fail:
	buf_truncate(out, before);
	return -1;
}

static bool
is_plain(char c)
{
	return is_alphanumeric((unsigned char)c) || c == '/' || c == '-' ||
	    c == '.' || c == '_' || c == '~';
}

static size_t
encoded_len(struct slice raw)
{
	size_t len = raw.len;

	for (size_t i = 0; i < raw.len; i++)
		len += is_plain(raw.ptr[i]) ? 0 : 2;
	return len;
}

int
locator_encode(struct buf *out, struct slice raw)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t len = encoded_len(raw);
	char *to = buf_reserve(out, len);
	uint8_t byte;

	if (!to)
		return raw.len == 0 ? 0 : -1;
	for (size_t i = 0; i < raw.len; i++) {
		byte = (uint8_t)raw.ptr[i];
		if (is_plain(raw.ptr[i])) {
			*to++ = raw.ptr[i];
			continue;
		}
		*to++ = '%';
		*to++ = digits[byte >> 4];
		*to++ = digits[byte & 15];
	}
	buf_commit(out, len);
	return 0;
}

/* Take the first byte off the front of rest. 0, or -1 when it is no escape. */
static int
take_byte(struct slice *rest, uint8_t *byte)
{
	struct slice digits = slice_skip(*rest, 1);

	*byte = (uint8_t)rest->ptr[0];
	*rest = digits;
	if (*byte != '%')
		return 0;
	if (digits.len < 2)
		return invalid();
	*rest = slice_skip(digits, 2);
	return num_parse_hex(slice_of(digits.ptr, 2), byte, 1, true);
}

ssize_t
locator_decode(struct slice encoded, char *out, size_t size)
{
	size_t len = 0;
	uint8_t byte;

	while (encoded.len) {
		if (take_byte(&encoded, &byte) < 0)
			return -1;
		if (len == size) {
			errno = EMSGSIZE;
			return -1;
		}
		out[len++] = (char)byte;
	}
	return (ssize_t)len;
}

bool
locator_same_file(const struct locator *a, const struct locator *b)
{
	return a->host.port == b->host.port &&
	    !strcmp(a->host.name, b->host.name) &&
	    slice_eq(
		slice_of(a->path, a->path_len), slice_of(b->path, b->path_len));
}
