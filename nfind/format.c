#include "format.h"

#include <time.h>

#include "lib/locator.h"
#include "lib/num.h"
#include "lib/proto.h"
#include "lib/rune.h"
#include "print.h"
#include "row.h"

#define UNKNOWN "-"

/* "2026-01-31T12:34:56Z" and a NUL, in years of as many digits as there are. */
#define TIME_TEXT 40

static int
add_address(struct buf *out, const struct row *row)
{
	if (buf_add_slice(out, row->at) < 0 || buf_add(out, "/", 1) < 0)
		return -1;
	return locator_encode(out, row->path);
}

static int
add_fragment(struct buf *out, const struct row *row)
{
	if (!row->digest.known)
		return 0;
	if (buf_add_str(out, "#sha256=") < 0)
		return -1;
	return digest_add(out, &row->digest);
}

/* What reads a plain locator has no other place to learn the digest from. */
static bool
wants_fragment(const struct print_style *style)
{
	if (style->digest != PRINT_DIGEST_AUTO)
		return style->digest == PRINT_DIGEST_ALWAYS;
	return style->form == PRINT_LOCATORS && !style->terminal;
}

int
format_locator(
    struct buf *out, const struct print_style *style, const struct row *row)
{
	if (add_address(out, row) < 0)
		return -1;
	return wants_fragment(style) ? add_fragment(out, row) : 0;
}

int
format_url(
    struct buf *out, const struct print_style *style, const struct row *row)
{
	(void)style;
	if (buf_add_str(out, "http://") < 0)
		return -1;
	return add_address(out, row);
}

int
format_peer(
    struct buf *out, const struct print_style *style, const struct row *row)
{
	(void)style;
	return buf_add_slice(out, row->at);
}

static int
add_size(struct buf *out, const struct print_style *style, uint64_t size)
{
	char text[NUM_SIZE_TEXT];

	if (size == PROTO_NO_SIZE)
		return buf_add_str(out, UNKNOWN);
	if (!style->terminal)
		return buf_add_num(out, size);
	return buf_add_str(out, num_size_text(size, text));
}

static int
add_time(struct buf *out, int64_t seconds)
{
	char text[TIME_TEXT];
	time_t when = (time_t)seconds;
	struct tm tm;

	if (seconds == PROTO_NO_TIME || !gmtime_r(&when, &tm) ||
	    !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return buf_add_str(out, UNKNOWN);
	return buf_add_str(out, text);
}

int
format_long(
    struct buf *out, const struct print_style *style, const struct row *row)
{
	if (format_locator(out, style, row) < 0 || buf_add(out, "\t", 1) < 0 ||
	    add_size(out, style, row->size) < 0 || buf_add(out, "\t", 1) < 0 ||
	    add_time(out, row->mtime) < 0 || buf_add(out, "\t", 1) < 0 ||
	    digest_add(out, &row->digest) < 0 || buf_add(out, "\t", 1) < 0)
		return -1;
	return rune_visible(out, row->path);
}

/* Whether a terminal would obey the character rather than show it. */
static bool
is_hidden(struct slice one)
{
	char mem[32];
	struct buf shown;

	buf_borrow(&shown, mem, sizeof mem);
	return rune_visible(&shown, one) < 0 ||
	    !slice_eq(buf_slice(&shown), one);
}

/* One character of a string; n is 0 when its first byte begins none. */
static int
add_json_rune(struct buf *out, struct slice one, uint32_t rune)
{
	if (one.len == 0)
		return buf_add_str(out, "\xef\xbf\xbd");
	if (rune == '"' || rune == '\\')
		return buf_printf(out, "\\%c", (int)rune);
	if (rune <= 0xffff && is_hidden(one))
		return buf_printf(out, "\\u%04x", (unsigned)rune);
	return buf_add_slice(out, one);
}

static int
add_json_string(struct buf *out, struct slice s)
{
	if (buf_add(out, "\"", 1) < 0)
		return -1;
	while (s.len) {
		uint32_t rune = 0;
		size_t n = rune_decode(s, &rune);

		if (add_json_rune(out, slice_of(s.ptr, n), rune) < 0)
			return -1;
		s = slice_skip(s, n ? n : 1);
	}
	return buf_add(out, "\"", 1);
}

static int
add_json_number(struct buf *out, const char *key, uint64_t value, bool known)
{
	if (buf_printf(out, ",\"%s\":", key) < 0)
		return -1;
	return known ? buf_add_num(out, value) : buf_add_str(out, "null");
}

static int
add_json_digest(struct buf *out, const struct digest *digest)
{
	if (!digest->known)
		return buf_add_str(out, ",\"digest\":null");
	if (buf_add_str(out, ",\"digest\":\"") < 0 ||
	    digest_add(out, digest) < 0)
		return -1;
	return buf_add(out, "\"", 1);
}

/* Where it is: the locator needs no escapes. */
static int
add_json_place(
    struct buf *out, const struct print_style *style, const struct row *row)
{
	if (buf_add_str(out, "{\"locator\":\"") < 0 ||
	    format_locator(out, style, row) < 0 ||
	    buf_add_str(out, "\",\"host\":") < 0 ||
	    add_json_string(out, row->host) < 0 ||
	    add_json_number(out, "port", row->port, true) < 0 ||
	    buf_add_str(out, ",\"path\":") < 0)
		return -1;
	return add_json_string(out, row->path);
}

int
format_json(
    struct buf *out, const struct print_style *style, const struct row *row)
{
	bool has_size = row->size != PROTO_NO_SIZE;
	bool has_time = row->mtime != PROTO_NO_TIME;

	if (add_json_place(out, style, row) < 0 ||
	    add_json_number(out, "size", row->size, has_size) < 0 ||
	    add_json_number(out, "mtime", (uint64_t)row->mtime, has_time) < 0 ||
	    add_json_digest(out, &row->digest) < 0 ||
	    add_json_number(out, "class", row->rank, row->rank > 0) < 0)
		return -1;
	return buf_add(out, "}", 1);
}
