#include "http.h"

#include <string.h>

#include "addr.h"
#include "http_field.h"
#include "num.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/<digit>.<digit>" */
static bool
is_version(struct slice s)
{
	return s.len == 8 && slice_starts(s, SLICE("HTTP/")) &&
	    is_digit(s.ptr[5]) && s.ptr[6] == '.' && is_digit(s.ptr[7]);
}

bool
http_is_request_line(struct slice line)
{
	if (line.len < 9 || line.ptr[line.len - 9] != ' ')
		return false;
	return is_version(slice_skip(line, line.len - 8));
}

static bool
is_hex_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* unreserved or sub-delims of RFC 3986 */
static bool
is_name_byte(char c)
{
	if (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return c != '\0' && strchr("-._~!$&'()*+,;=", c) != NULL;
}

static bool
is_reg_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_name_byte(s.ptr[i]))
			continue;
		if (s.ptr[i] != '%' || s.len - i < 3 ||
		    !is_hex_digit(s.ptr[i + 1]) || !is_hex_digit(s.ptr[i + 2]))
			return false;
		i += 2;
	}
	return true;
}

/* What stands between brackets; no zone can be meant there. */
static bool
is_ipv6(struct slice s)
{
	struct addr a;

	return slice_find(s, ':') >= 0 && slice_find(s, '%') < 0 &&
	    addr_parse_ip(s, &a) == 0;
}

static bool
is_port(struct slice s)
{
	uint64_t port;

	return s.len == 0 || num_parse(s, 0, 65535, &port) == 0;
}

/*
 * uri-host [":" port] of RFC 9110 §7.2. Without a host it is valid only when
 * wholly empty, which says that the target has no authority (RFC 9112 §3.2).
 */
static bool
is_authority(struct slice s)
{
	struct slice host, rest;

	if (s.len == 0)
		return true;
	if (s.ptr[0] != '[') {
		slice_cut(s, ':', &host, &rest);
		return host.len > 0 && is_reg_name(host) && is_port(rest);
	}
	if (!slice_cut(slice_skip(s, 1), ']', &host, &rest) || !is_ipv6(host))
		return false;
	if (rest.len > 0 && rest.ptr[0] != ':')
		return false;
	return is_port(slice_skip(rest, 1));
}

/* The path of "//authority/path?query", what follows the scheme http. */
static int
read_absolute(struct slice rest, struct http_request *r)
{
	struct slice authority = rest, path;
	size_t n = 0;

	while (n < rest.len && rest.ptr[n] != '/' && rest.ptr[n] != '?')
		n++;
	authority.len = n;
	if (authority.len == 0 || !is_authority(authority))
		return 400;
	slice_cut(slice_skip(rest, n), '?', &path, &rest);
	r->path = path.len > 0 ? path : SLICE("/");
	return 0;
}

/* The four forms of RFC 9112 §3.2. */
static int
read_target_form(struct http_request *r)
{
	struct slice scheme = SLICE("http://"), t = r->target, rest;

	if (t.ptr[0] == '/') {
		slice_cut(t, '?', &r->path, &rest);
		return 0;
	}
	if (t.len >= scheme.len &&
	    slice_eq_nocase(slice_of(t.ptr, scheme.len), scheme))
		return read_absolute(slice_skip(t, scheme.len), r);
	if (slice_eq(t, SLICE("*")))
		return 0;
	return slice_find(t, ':') > 0 && is_authority(t) ? 0 : 400;
}

/* Blanks, control bytes, a fragment and bytes above ASCII end a target. */
static size_t
target_span(struct slice s)
{
	size_t n = 0;

	while (
	    n < s.len && s.ptr[n] > ' ' && s.ptr[n] < 0x7f && s.ptr[n] != '#')
		n++;
	return n;
}

static enum http_method
method_of(struct slice name)
{
	static const struct {
		const char *name;
		enum http_method method;
	} methods[] = {
	    {"GET", HTTP_GET},
	    {"HEAD", HTTP_HEAD},
	    {"POST", HTTP_REFUSED},
	    {"PUT", HTTP_REFUSED},
	    {"DELETE", HTTP_REFUSED},
	    {"CONNECT", HTTP_REFUSED},
	    {"OPTIONS", HTTP_REFUSED},
	    {"TRACE", HTTP_REFUSED},
	    {"PATCH", HTTP_REFUSED},
	};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (slice_eq(name, slice_str(methods[i].name)))
			return methods[i].method;
	return HTTP_UNKNOWN;
}

static int
read_version(struct slice version, struct http_request *r)
{
	int error;

	if (!is_version(version))
		return 400;
	error = read_target_form(r);
	if (error)
		return error;
	r->minor = version.ptr[7] - '0';
	return version.ptr[5] == '1' ? 0 : 505;
}

/*
 * Read the request line from left to right, so that the first thing wrong in a
 * beginning of it is the first thing wrong in all of it. Returns the status of
 * the refusal, 0 when nothing is wrong (yet, unless whole).
 */
static int
read_request_line(struct slice line, bool whole, struct http_request *r)
{
	size_t method = http_field_token_span(line), target;
	struct slice rest;

	if (method == line.len)
		return whole ? 400 : 0;
	if (method == 0 || line.ptr[method] != ' ')
		return 400;
	r->method = method_of(slice_of(line.ptr, method));
	rest = slice_skip(line, method + 1);
	target = target_span(rest);
	if (target > HTTP_TARGET_BYTES)
		return 414;
	if (target == rest.len)
		return whole ? 400 : 0;
	if (target == 0 || rest.ptr[target] != ' ')
		return 400;
	r->target = slice_of(rest.ptr, target);
	return whole ? read_version(slice_skip(rest, target + 1), r) : 0;
}

/*
 * Until its end has come, a line may yet be the seed's and nothing is said of
 * it, unless it is longer than any of the seed's.
 */
static int
check_start(const struct http_field_head *head, struct http_request *r)
{
	if (!head->has_start && head->start.len <= HTTP_TARGET_BYTES)
		return 0;
	return read_request_line(head->start, head->has_start, r);
}

/*
 * Fields that are kept as sent. In several lines a list is one list (RFC 9110
 * §5.3), of which the first line is kept; of anything else, a contradiction.
 */
static const struct kept_field {
	const char *name;
	size_t offset;
	bool is_list;
} kept_fields[] = {
    {"Host", offsetof(struct http_request, host), false},
    {"Accept", offsetof(struct http_request, accept), true},
    {"Range", offsetof(struct http_request, range), false},
    {"If-Range", offsetof(struct http_request, if_range), false},
    {"If-Match", offsetof(struct http_request, if_match), true},
    {"If-None-Match", offsetof(struct http_request, if_none_match), true},
    {"If-Modified-Since", offsetof(struct http_request, if_modified_since),
	false},
    {"If-Unmodified-Since", offsetof(struct http_request, if_unmodified_since),
	false},
};

static int
keep_field(struct http_request *r, const struct http_field *field)
{
	size_t n = sizeof kept_fields / sizeof *kept_fields;
	const struct kept_field *kept = kept_fields;
	struct slice *slot;

	while (kept < kept_fields + n && !http_field_named(field, kept->name))
		kept++;
	if (kept == kept_fields + n)
		return 0;
	slot = (struct slice *)((char *)r + kept->offset);
	if (slot->ptr != NULL)
		return kept->is_list ? 0 : -1;
	*slot = field->value;
	return 0;
}

/* Returns 0, or the status of the refusal. */
static int
read_fields(struct slice fields, struct http_request *r)
{
	struct http_field_framing framing = {0};
	struct http_field field;
	ssize_t n;

	r->fields = fields;
	while ((n = http_field_next(&fields, &field)) > 0)
		if (http_field_take_framing(&framing, &field) < 0 ||
		    keep_field(r, &field) < 0)
			return 400;
	if (n < 0 || framing.length_repeated)
		return 400;
	if (!http_field_framing_is_sound(&framing, r->minor))
		return 400;
	if (r->host.ptr ? !is_authority(r->host) : r->minor > 0)
		return 400;
	r->keep_alive = http_field_persists(&framing, r->minor);
	r->has_body = framing.chunked || framing.length > 0;
	return 0;
}

static size_t
empty_lines_span(struct slice in)
{
	struct slice rest = in;

	for (;;) {
		if (slice_starts(rest, SLICE("\n")))
			rest = slice_skip(rest, 1);
		else if (slice_starts(rest, SLICE("\r\n")))
			rest = slice_skip(rest, 2);
		else
			return in.len - rest.len;
	}
}

/*
 * Fields are read only once the head is whole, and nothing past the limit is
 * ever looked at: the answer depends on the bytes, not on the pieces.
 */
ssize_t
http_request_parse(struct slice in, struct http_request *r)
{
	struct http_field_head head;
	size_t skipped;

	*r = (struct http_request){0};
	if (in.len > HTTP_HEAD_BYTES)
		in.len = HTTP_HEAD_BYTES;
	skipped = empty_lines_span(in);
	http_field_split(slice_skip(in, skipped), &head);
	r->error = check_start(&head, r);
	if (r->error)
		return -1;
	if (head.bytes == 0) {
		if (in.len < HTTP_HEAD_BYTES)
			return 0;
		r->error = 431;
		return -1;
	}
	r->error = read_fields(head.fields, r);
	return r->error ? -1 : (ssize_t)(skipped + head.bytes);
}
