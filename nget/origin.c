#include "origin.h"

#include <errno.h>

#include "lib/http.h"
#include "lib/num.h"

#define FIRST_LINE "naputils part 1"

/* etagc of RFC 9110 §8.8.3 between quotes. */
static bool
is_strong_etag(struct slice s)
{
	if (s.len < 2 || s.len >= ORIGIN_ETAG_BYTES)
		return false;
	for (size_t i = 1; i < s.len - 1; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c <= ' ' || c == '"' || c == 0x7f)
			return false;
	}
	return s.ptr[0] == '"' && s.ptr[s.len - 1] == '"';
}

static void
set_etag(struct origin *o, struct slice etag)
{
	memcpy(o->etag, etag.ptr, etag.len);
	o->etag[etag.len] = '\0';
}

void
origin_describe(
    struct origin *o, const struct locator *l, const struct http_response *r)
{
	*o = (struct origin){.locator = *l, .digest = r->digest};
	if (is_strong_etag(r->etag))
		set_etag(o, r->etag);
	o->sized = r->framing == HTTP_LENGTH;
	o->size = o->sized ? r->length : 0;
}

static int
add_line(struct buf *out, const char *key, const char *value)
{
	return buf_printf(out, "%s %s\n", key, value);
}

static int
add_locator(struct buf *out, const struct origin *o)
{
	if (buf_add_str(out, "locator ") < 0 ||
	    locator_add(out, &o->locator, false) < 0)
		return -1;
	return buf_add_str(out, "\n");
}

static int
add_number(struct buf *out, const char *key, uint64_t n)
{
	return buf_printf(out, "%s %llu\n", key, (unsigned long long)n);
}

static int
add_digest(struct buf *out, const struct origin *o)
{
	if (buf_add_str(out, "digest ") < 0 || digest_add(out, &o->digest) < 0)
		return -1;
	return buf_add_str(out, "\n");
}

static int
add_held(struct buf *out, const struct origin *o)
{
	for (size_t i = 0; i < o->held_count; i++)
		if (buf_printf(out, "%s%llu-%llu", i ? "," : "held ",
			(unsigned long long)o->held[i].from,
			(unsigned long long)o->held[i].end) < 0)
			return -1;
	return o->held_count ? buf_add_str(out, "\n") : 0;
}

int
origin_add(struct buf *out, const struct origin *o)
{
	if (buf_add_str(out, FIRST_LINE "\n") < 0 || add_locator(out, o) < 0)
		return -1;
	if (o->etag[0] && add_line(out, "etag", o->etag) < 0)
		return -1;
	if (o->sized && add_number(out, "size", o->size) < 0)
		return -1;
	if (o->digest.known && add_digest(out, o) < 0)
		return -1;
	if (add_held(out, o) < 0)
		return -1;
	return add_number(out, "have", o->have);
}

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

static int
take_locator(struct slice value, struct origin *o)
{
	const char *why;

	if (locator_parse(value, &o->locator, &why) < 0)
		return -1;
	return o->locator.digest.known ? invalid() : 0;
}

static int
take_etag(struct slice value, struct origin *o)
{
	if (!is_strong_etag(value))
		return invalid();
	set_etag(o, value);
	return 0;
}

static int
take_size(struct slice value, struct origin *o)
{
	o->sized = true;
	return num_parse(value, 0, UINT64_MAX, &o->size);
}

static int
take_digest(struct slice value, struct origin *o)
{
	return digest_parse(value, &o->digest);
}

static int
take_range(struct slice text, struct coverage_range *range)
{
	struct slice from, end;

	if (!slice_cut(text, '-', &from, &end) ||
	    num_parse(from, 0, INT64_MAX, &range->from) < 0)
		return invalid();
	return num_parse(end, range->from, INT64_MAX, &range->end);
}

/* In order, with a gap before each but the first. */
static int
take_held(struct slice value, struct origin *o)
{
	struct slice text;
	bool more = true;

	while (more) {
		struct coverage_range *range = o->held + o->held_count;

		if (o->held_count == ORIGIN_HELD_MAX)
			return invalid();
		more = slice_cut(value, ',', &text, &value);
		if (take_range(text, range) < 0)
			return invalid();
		if (o->held_count && range->from <= range[-1].end)
			return invalid();
		o->held_count++;
	}
	return 0;
}

static int
take_have(struct slice value, struct origin *o)
{
	return num_parse(value, 0, UINT64_MAX, &o->have);
}

/* In the order in which they stand; the last tells that none is missing. */
static const struct field {
	const char *key;
	bool required;
	int (*take)(struct slice value, struct origin *o);
} fields[] = {
    {"locator", true, take_locator},
    {"etag", false, take_etag},
    {"size", false, take_size},
    {"digest", false, take_digest},
    {"held", false, take_held},
    {"have", true, take_have},
};

/* Take the line of one field off the front of text, if it stands there. */
static int
parse_field(struct slice *text, const struct field *field, struct origin *o)
{
	struct slice line, rest, key, value;
	bool whole = slice_cut(*text, '\n', &line, &rest);

	slice_cut(line, ' ', &key, &value);
	if (!slice_eq(key, slice_str(field->key)))
		return field->required ? invalid() : 0;
	if (!whole || field->take(value, o) < 0)
		return invalid();
	*text = rest;
	return 0;
}

/* Numbers and locators can be written in other ways than ours. */
static bool
is_as_written(struct slice text, const struct origin *o)
{
	char mem[ORIGIN_TEXT_BYTES];
	struct buf out;

	buf_borrow(&out, mem, sizeof mem);
	return origin_add(&out, o) == 0 && slice_eq(buf_slice(&out), text);
}

int
origin_parse(struct slice text, struct origin *o)
{
	struct slice first = SLICE(FIRST_LINE "\n"), rest;

	*o = (struct origin){0};
	if (!slice_starts(text, first))
		return invalid();
	rest = slice_skip(text, first.len);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (parse_field(&rest, fields + i, o) < 0)
			return -1;
	if (o->held_count && !(o->sized && o->digest.known))
		return invalid();
	return is_as_written(text, o) ? 0 : invalid();
}

bool
origin_vouches(
    const struct origin *o, const struct locator *l, const struct digest *want)
{
	if (want->known && o->digest.known)
		return digest_eq(&o->digest, want);
	return locator_same_file(&o->locator, l) &&
	    (o->etag[0] || o->digest.known);
}
