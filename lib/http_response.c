#include "http.h"

#include <string.h>

#include "http_field.h"
#include "num.h"

/* What is known of a response while its fields are being read. */
struct reading {
	struct http_response *r;
	struct http_field_framing framing;
	struct slice range; /* Content-Range */
	bool bad_digest;
};

/* Several times the same is once; anything else is a contradiction. */
static int
keep(struct slice *slot, struct slice value)
{
	if (slot->ptr != NULL && !slice_eq(*slot, value))
		return -1;
	*slot = value;
	return 0;
}

static int
take_etag(struct reading *reading, struct slice value)
{
	return keep(&reading->r->etag, value);
}

static int
take_last_modified(struct reading *reading, struct slice value)
{
	return keep(&reading->r->last_modified, value);
}

static int
take_location(struct reading *reading, struct slice value)
{
	return keep(&reading->r->location, value);
}

static int
take_retry_after(struct reading *reading, struct slice value)
{
	return keep(&reading->r->retry_after, value);
}

static int
take_content_encoding(struct reading *reading, struct slice value)
{
	return keep(&reading->r->content_encoding, value);
}

/* "first-last" within total, when that is known. */
static int
read_range(struct slice text, struct http_response *r)
{
	struct slice first, last;

	if (!slice_cut(text, '-', &first, &last) ||
	    num_parse(first, 0, UINT64_MAX, &r->range_first) < 0 ||
	    num_parse(last, r->range_first, UINT64_MAX, &r->range_last) < 0)
		return -1;
	r->has_range = true;
	return r->has_total && r->range_last >= r->range_total ? -1 : 0;
}

/* RFC 9110 §14.4; other units than bytes say nothing to us. */
static int
take_content_range(struct reading *reading, struct slice value)
{
	struct http_response *r = reading->r;
	struct slice unit, range, total;

	if (keep(&reading->range, value) < 0)
		return -1;
	slice_cut(value, ' ', &unit, &value);
	if (!slice_eq_nocase(unit, SLICE("bytes")))
		return 0;
	if (!slice_cut(value, '/', &range, &total))
		return -1;
	if (!slice_eq(total, SLICE("*"))) {
		if (num_parse(total, 0, UINT64_MAX, &r->range_total) < 0)
			return -1;
		r->has_total = true;
	}
	if (slice_eq(range, SLICE("*")))
		return r->has_total ? 0 : -1;
	return read_range(range, r);
}

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/*
 * 32 bytes are 43 digits and one '='. RFC 8941 §4.2.7 would have the '=', and
 * what the last digit has to spare, forgiven.
 */
static int
read_base64(struct slice text, struct digest *d)
{
	const size_t digits = (DIGEST_BYTES * 8 + 5) / 6;
	unsigned bits = 0, held = 0;
	size_t n = 0;

	if (text.len == digits + 1 && text.ptr[digits] == '=')
		text.len = digits;
	if (text.len != digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		int value = base64_value(text.ptr[i]);

		if (value < 0)
			return -1;
		bits = (bits & 0xff) << 6 | (unsigned)value;
		held += 6;
		if (held >= 8) {
			held -= 8;
			d->bytes[n++] = (uint8_t)(bits >> held);
		}
	}
	d->known = true;
	return 0;
}

/* ":base64:", parameters aside. */
static int
read_byte_sequence(struct slice item, struct digest *d)
{
	struct slice text, parameters;

	if (item.len == 0 || item.ptr[0] != ':' ||
	    !slice_cut(slice_skip(item, 1), ':', &text, &parameters))
		return -1;
	if (parameters.len > 0 && parameters.ptr[0] != ';')
		return -1;
	return read_base64(text, d);
}

/* A dictionary of RFC 8941 §3.2, of which one key matters. */
static int
take_repr_digest(struct reading *reading, struct slice value)
{
	struct slice member, key, item;

	while (http_field_member(&value, &member)) {
		struct digest d = {0};

		slice_cut(member, '=', &key, &item);
		if (!slice_eq(key, SLICE("sha-256")))
			continue;
		if (read_byte_sequence(item, &d) < 0) {
			reading->bad_digest = true;
			continue;
		}
		if (reading->r->digest.known &&
		    !digest_eq(&reading->r->digest, &d))
			return -1;
		reading->r->digest = d;
	}
	return 0;
}

static int
take_field(struct reading *reading, const struct http_field *field)
{
	static const struct {
		const char *name;
		int (*take)(struct reading *, struct slice value);
	} fields[] = {
	    {"ETag", take_etag},
	    {"Last-Modified", take_last_modified},
	    {"Location", take_location},
	    {"Retry-After", take_retry_after},
	    {"Content-Encoding", take_content_encoding},
	    {"Content-Range", take_content_range},
	    {"Repr-Digest", take_repr_digest},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (http_field_named(field, fields[i].name))
			return fields[i].take(reading, field->value);
	return http_field_take_framing(&reading->framing, field);
}

/* RFC 9112 §6.3, for an answer to a GET. */
static enum http_framing
framing_of(int status, const struct http_field_framing *framing)
{
	if (status < 200 || status == 204 || status == 304)
		return HTTP_NO_BODY;
	if (framing->chunked)
		return HTTP_CHUNKED;
	return framing->has_length ? HTTP_LENGTH : HTTP_UNTIL_CLOSE;
}

/* Returns NULL, or what is wrong. */
static const char *
read_fields(struct slice fields, struct http_response *r)
{
	struct reading reading = {.r = r};
	struct http_field field;
	ssize_t n;

	while ((n = http_field_next(&fields, &field)) > 0)
		if (take_field(&reading, &field) < 0)
			return "a field that is malformed or contradicts "
			       "itself";
	if (n < 0)
		return "malformed field line";
	if (!http_field_framing_is_sound(&reading.framing, r->minor))
		return "a length of two meanings";
	r->framing = framing_of(r->status, &reading.framing);
	r->length = r->framing == HTTP_LENGTH ? reading.framing.length : 0;
	r->keep_alive = r->framing != HTTP_UNTIL_CLOSE &&
	    http_field_persists(&reading.framing, r->minor);
	r->digest.known &= !reading.bad_digest;
	return NULL;
}

/* Returns NULL, or what is wrong. */
static const char *
read_status_line(struct slice line, struct http_response *r)
{
	static const char malformed[] = "malformed status line";
	uint64_t minor, status;

	if (line.len < 12 || line.ptr[8] != ' ' ||
	    num_parse(slice_of(line.ptr + 7, 1), 0, 9, &minor) < 0 ||
	    num_parse(slice_of(line.ptr + 9, 3), 100, 999, &status) < 0)
		return malformed;
	if (line.len > 12 && line.ptr[12] != ' ')
		return malformed;
	if (!http_field_is_text(line))
		return malformed;
	r->minor = (int)minor;
	r->status = (int)status;
	return NULL;
}

/* Whether in can be, or begin, a response of HTTP/1.x. */
static bool
may_be_http(struct slice in)
{
	struct slice name = SLICE("HTTP/1.");

	if (in.len < name.len)
		name.len = in.len;
	return slice_starts(in, name);
}

/* Returns NULL, or what is wrong; *bytes is 0 until the head is whole. */
static const char *
read_head(struct slice in, struct http_response *r, size_t *bytes)
{
	struct http_field_head head;
	const char *error;

	*bytes = 0;
	if (!may_be_http(in))
		return "not an HTTP/1.x response";
	if (in.len > HTTP_HEAD_BYTES)
		in.len = HTTP_HEAD_BYTES;
	http_field_split(in, &head);
	error = head.has_start ? read_status_line(head.start, r) : NULL;
	if (error != NULL)
		return error;
	if (head.bytes == 0)
		return in.len < HTTP_HEAD_BYTES ? NULL : "head too long";
	*bytes = head.bytes;
	return read_fields(head.fields, r);
}

ssize_t
http_response_parse(struct slice in, struct http_response *r)
{
	size_t bytes;

	*r = (struct http_response){0};
	r->error = read_head(in, r, &bytes);
	return r->error != NULL ? -1 : (ssize_t)bytes;
}

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
	    {200, "OK"},
	    {206, "Partial Content"},
	    {304, "Not Modified"},
	    {400, "Bad Request"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {412, "Precondition Failed"},
	    {413, "Content Too Large"},
	    {414, "URI Too Long"},
	    {416, "Range Not Satisfiable"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}
