#include "http_select.h"

#include "http_date.h"
#include "http_field.h"
#include "num.h"

/* How two entity tags compare (RFC 9110 §8.8.3.2). */
enum comparison { STRONG, WEAK };

/* A field that lists entity tags. */
struct condition {
	const char *name;
	struct slice value; /* of its first line */
	enum comparison comparison;
};

/*
 * Take an entity tag off the front of list; a weak one is told by *weak. A tag
 * may hold commas. Returns false when none is left or what comes is none.
 */
static bool
take_tag(struct slice *list, struct slice *tag, bool *weak)
{
	ptrdiff_t end;

	while (list->len > 0 && memchr(", \t", list->ptr[0], 3) != NULL)
		*list = slice_skip(*list, 1);
	*weak = slice_starts(*list, SLICE("W/"));
	if (*weak)
		*list = slice_skip(*list, 2);
	if (!slice_starts(*list, SLICE("\"")))
		return false;
	end = slice_find(slice_skip(*list, 1), '"');
	if (end < 0)
		return false;
	*tag = slice_of(list->ptr, (size_t)end + 2);
	*list = slice_trim(slice_skip(*list, tag->len));
	return list->len == 0 || list->ptr[0] == ',';
}

static bool
lists_tag(struct slice list, struct slice etag, enum comparison comparison)
{
	struct slice tag;
	bool weak;

	if (slice_eq(list, SLICE("*")))
		return true;
	while (take_tag(&list, &tag, &weak))
		if (slice_eq(tag, etag) && (!weak || comparison == WEAK))
			return true;
	return false;
}

/* A list in several lines is one list. */
static bool
holds(const struct http_request *r, const struct condition *condition,
    struct slice etag)
{
	struct slice fields = r->fields;
	struct http_field field;

	if (lists_tag(condition->value, etag, condition->comparison))
		return true;
	while (http_field_next(&fields, &field) > 0)
		if (http_field_named(&field, condition->name) &&
		    lists_tag(field.value, etag, condition->comparison))
			return true;
	return false;
}

/* 412 or 200. */
static int
check_unchanged(const struct http_request *r,
    const struct http_resource *resource, time_t now)
{
	struct condition if_match = {"If-Match", r->if_match, STRONG};
	time_t when;

	if (r->if_match.ptr != NULL)
		return holds(r, &if_match, resource->etag) ? 200 : 412;
	if (r->if_unmodified_since.ptr == NULL ||
	    http_date_parse(r->if_unmodified_since, now, &when) < 0)
		return 200;
	return resource->modified <= when ? 200 : 412;
}

/* 304 or 200. */
static int
check_changed(const struct http_request *r,
    const struct http_resource *resource, time_t now)
{
	struct condition if_none_match = {
	    "If-None-Match", r->if_none_match, WEAK};
	time_t when;

	if (r->if_none_match.ptr != NULL)
		return holds(r, &if_none_match, resource->etag) ? 304 : 200;
	if (r->if_modified_since.ptr == NULL ||
	    http_date_parse(r->if_modified_since, now, &when) < 0)
		return 200;
	return resource->modified <= when ? 304 : 200;
}

/* RFC 9110 §13.1.5: what the client has a part of is what there is. */
static bool
may_continue(const struct http_request *r, const struct http_resource *resource,
    time_t now)
{
	struct slice value = r->if_range;
	time_t when;

	if (value.ptr == NULL)
		return true;
	if (slice_starts(value, SLICE("\"")))
		return slice_eq(value, resource->etag);
	return http_date_parse(value, now, &when) == 0 &&
	    resource->modified == when;
}

static struct http_selection
whole(uint64_t size)
{
	return (struct http_selection){.status = 200, .length = size};
}

static struct http_selection
without_content(int status)
{
	return (struct http_selection){.status = status};
}

static bool
is_number(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9')
		n++;
	return s.len > 0 && n == s.len;
}

/* A number too large for 64 bits lies past the end of any file. */
static uint64_t
position(struct slice digits)
{
	uint64_t n;

	return num_parse(digits, 0, UINT64_MAX, &n) < 0 ? UINT64_MAX : n;
}

/*
 * The last n bytes. Of nothing they are nothing, which 206 cannot describe
 * though the range is satisfiable.
 */
static struct http_selection
select_suffix(uint64_t n, uint64_t size)
{
	if (n == 0)
		return without_content(416);
	if (size == 0)
		return whole(size);
	if (n > size)
		n = size;
	return (struct http_selection){206, size - n, n};
}

/* One range-spec of RFC 9110 §14.1.2; a malformed one selects everything. */
static struct http_selection
select_range(struct slice spec, uint64_t size)
{
	struct slice first_text, last_text;
	uint64_t first, last;

	if (!slice_cut(spec, '-', &first_text, &last_text))
		return whole(size);
	if (first_text.len == 0 && is_number(last_text))
		return select_suffix(position(last_text), size);
	if (!is_number(first_text) ||
	    (last_text.len > 0 && !is_number(last_text)))
		return whole(size);
	first = position(first_text);
	last = last_text.len > 0 ? position(last_text) : UINT64_MAX;
	if (last < first)
		return whole(size);
	if (first >= size)
		return without_content(416);
	if (last >= size)
		last = size - 1;
	return (struct http_selection){206, first, last - first + 1};
}

static struct http_selection
select_part(struct slice range, uint64_t size)
{
	struct slice unit, ranges, spec, other;

	if (!slice_cut(range, '=', &unit, &ranges) ||
	    !slice_eq_nocase(unit, SLICE("bytes")))
		return whole(size);
	if (!http_field_member(&ranges, &spec) ||
	    http_field_member(&ranges, &other))
		return whole(size);
	return select_range(spec, size);
}

struct http_selection
http_select(const struct http_request *r, const struct http_resource *resource,
    time_t now)
{
	int status = check_unchanged(r, resource, now);

	if (status == 200)
		status = check_changed(r, resource, now);
	if (status != 200)
		return without_content(status);
	if (r->method != HTTP_GET || r->range.ptr == NULL ||
	    !may_continue(r, resource, now))
		return whole(resource->size);
	return select_part(r->range, resource->size);
}

/* How well a media type is liked, and by how narrow a range. */
struct liking {
	int thousandths;
	int narrowness;
};

/* "0.25" is 250 (RFC 9110 §12.4.2); -1 when it is no weight. */
static int
weight_of(struct slice text)
{
	struct slice whole_part, fraction;
	int n, place = 100;

	slice_cut(text, '.', &whole_part, &fraction);
	if (!is_number(whole_part) || whole_part.len != 1 || fraction.len > 3)
		return -1;
	n = (whole_part.ptr[0] - '0') * 1000;
	for (size_t i = 0; i < fraction.len; i++, place /= 10) {
		if (fraction.ptr[i] < '0' || fraction.ptr[i] > '9')
			return -1;
		n += (fraction.ptr[i] - '0') * place;
	}
	return n <= 1000 ? n : -1;
}

/* The weight among the parameters of a media range; 1 when none is given. */
static int
weight_among(struct slice parameters)
{
	struct slice parameter, name, value;

	while (parameters.len > 0) {
		slice_cut(parameters, ';', &parameter, &parameters);
		slice_cut(slice_trim(parameter), '=', &name, &value);
		if (slice_eq_nocase(name, SLICE("q")))
			return weight_of(value);
	}
	return 1000;
}

/* Of ranges equally narrow, the one that likes the type most counts. */
static void
consider(struct liking *liking, int narrowness, int thousandths)
{
	if (narrowness < liking->narrowness)
		return;
	if (narrowness == liking->narrowness &&
	    thousandths <= liking->thousandths)
		return;
	*liking = (struct liking){thousandths, narrowness};
}

/* What a media range of this weight says of the two types. */
static void
judge(struct slice range, int weight, struct liking *html, struct liking *plain)
{
	static const struct {
		const char *range;
		int narrowness;
		bool has_html, has_plain;
	} ranges[] = {
	    {"text/html", 3, true, false},
	    {"text/plain", 3, false, true},
	    {"text/*", 2, true, true},
	    {"*/*", 1, true, true},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (!slice_eq_nocase(range, slice_str(ranges[i].range)))
			continue;
		if (ranges[i].has_html)
			consider(html, ranges[i].narrowness, weight);
		if (ranges[i].has_plain)
			consider(plain, ranges[i].narrowness, weight);
	}
}

bool
http_prefers_html(struct slice accept)
{
	struct liking html = {0}, plain = {0};
	struct slice member, range, parameters;

	while (http_field_member(&accept, &member)) {
		int weight;

		slice_cut(member, ';', &range, &parameters);
		weight = weight_among(parameters);
		if (weight >= 0)
			judge(slice_trim(range), weight, &html, &plain);
	}
	return html.thousandths > plain.thousandths;
}
