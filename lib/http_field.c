#include "http_field.h"

#include <errno.h>
#include <string.h>

#include "http.h"
#include "num.h"

#define SEARCH_BLOCK 64 /* bytes */

/* tchar of RFC 9110 §5.6.2, a bit for each ASCII byte. */
static const uint32_t token_bytes[8] = {
    0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff, 0, 0, 0, 0};

static bool
is_token_byte(unsigned char c)
{
	return token_bytes[c / 32] >> c % 32 & 1;
}

size_t
http_field_token_span(struct slice s)
{
	size_t n = 0;

	while (n < s.len && is_token_byte((unsigned char)s.ptr[n]))
		n++;
	return n;
}

bool
http_field_is_text(struct slice s)
{
	bool control = false;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		control |= (c < 0x20 && c != '\t') || c == 0x7f;
	}
	return !control;
}

/* How many bytes the line terminator at the front of s has, 0 if none. */
static size_t
terminator_span(struct slice s)
{
	if (s.len >= 1 && s.ptr[0] == '\n')
		return 1;
	return s.len >= 2 && s.ptr[0] == '\r' && s.ptr[1] == '\n' ? 2 : 0;
}

static struct slice
without_cr(struct slice line)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/*
 * Whether an LF among SEARCH_BLOCK bytes at p has an empty line after it, which
 * needs two bytes more. A head may come a byte at a time, and is searched again
 * for each; without branches, compilers make vectors of this.
 */
static bool
block_has_end(const char *p)
{
	unsigned char found = 0;

	for (size_t i = 0; i < SEARCH_BLOCK; i++) {
		unsigned char lf = p[i] == '\n';
		unsigned char next_lf = p[i + 1] == '\n';
		unsigned char next_cr = p[i + 1] == '\r';
		unsigned char last_lf = p[i + 2] == '\n';

		found |= lf & (next_lf | (next_cr & last_lf));
	}
	return found;
}

/* How many bytes of in go before its first empty line; 0: there is none. */
static size_t
lines_span(struct slice in)
{
	size_t i = 0;

	while (in.len - i >= SEARCH_BLOCK + 2 && !block_has_end(in.ptr + i))
		i += SEARCH_BLOCK;
	for (; i < in.len; i++)
		if (in.ptr[i] == '\n' &&
		    terminator_span(slice_skip(in, i + 1)) > 0)
			return i + 1;
	return 0;
}

void
http_field_split(struct slice in, struct http_field_head *head)
{
	size_t lines;

	*head = (struct http_field_head){0};
	head->has_start = slice_cut(in, '\n', &head->start, &head->fields);
	if (!head->has_start)
		return;
	head->start = without_cr(head->start);
	lines = lines_span(in);
	if (lines == 0)
		return;
	head->fields.len = (size_t)(in.ptr + lines - head->fields.ptr);
	head->bytes = lines + terminator_span(slice_skip(in, lines));
}

ssize_t
http_field_next(struct slice *fields, struct http_field *field)
{
	struct slice line, rest;
	ssize_t taken;
	size_t name;

	if (fields->len == 0)
		return 0;
	slice_cut(*fields, '\n', &line, &rest);
	line = without_cr(line);
	name = http_field_token_span(line);
	if (name == 0 || name == line.len || line.ptr[name] != ':')
		return -1;
	field->name = slice_of(line.ptr, name);
	field->value = slice_trim(slice_skip(line, name + 1));
	if (!http_field_is_text(field->value))
		return -1;
	taken = (ssize_t)(fields->len - rest.len);
	*fields = rest;
	return taken;
}

bool
http_field_named(const struct http_field *field, const char *name)
{
	return (field->name.ptr[0] | 0x20) == (name[0] | 0x20) &&
	    slice_eq_nocase(field->name, slice_str(name));
}

/* Where the first member of list ends: at a comma outside of quotes. */
static size_t
member_span(struct slice list)
{
	bool quoted = false;
	size_t i;

	for (i = 0; i < list.len; i++) {
		char c = list.ptr[i];

		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\' && i + 1 < list.len)
			i++;
		else if (!quoted && c == ',')
			break;
	}
	return i;
}

bool
http_field_member(struct slice *list, struct slice *member)
{
	while (list->len > 0) {
		size_t n = member_span(*list);

		*member = slice_trim(slice_of(list->ptr, n));
		*list = slice_skip(*list, n + 1);
		if (member->len > 0)
			return true;
	}
	return false;
}

static int
take_length(struct http_field_framing *framing, struct slice value)
{
	uint64_t length;

	if (num_parse(value, 0, UINT64_MAX, &length) < 0)
		return -1;
	if (framing->has_length && framing->length != length)
		return -1;
	framing->length_repeated = framing->has_length;
	framing->has_length = true;
	framing->length = length;
	return 0;
}

static int
take_coding(struct http_field_framing *framing, struct slice value)
{
	if (framing->chunked || !slice_eq_nocase(value, SLICE("chunked")))
		return -1;
	framing->chunked = true;
	return 0;
}

static int
take_connection(struct http_field_framing *framing, struct slice value)
{
	struct slice option;

	while (http_field_member(&value, &option)) {
		framing->close |= slice_eq_nocase(option, SLICE("close"));
		framing->keep_alive |= slice_eq_nocase(
		    option, SLICE("keep-alive"));
	}
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct http_field_framing *, struct slice value);
} framing_fields[] = {
    {"Content-Length", take_length},
    {"Transfer-Encoding", take_coding},
    {"Connection", take_connection},
};

int
http_field_take_framing(
    struct http_field_framing *framing, const struct http_field *field)
{
	size_t n = sizeof framing_fields / sizeof *framing_fields;

	for (size_t i = 0; i < n; i++)
		if (http_field_named(field, framing_fields[i].name))
			return framing_fields[i].take(framing, field->value);
	return 0;
}

bool
http_field_framing_is_sound(const struct http_field_framing *framing, int minor)
{
	return !framing->chunked || (!framing->has_length && minor > 0);
}

bool
http_field_persists(const struct http_field_framing *framing, int minor)
{
	return !framing->close && (minor > 0 || framing->keep_alive);
}

int
http_add_field(struct buf *out, const char *name, struct slice value)
{
	size_t name_len = strlen(name), size;
	char *to;

	if (!http_field_is_text(value)) {
		errno = EINVAL;
		return -1;
	}
	if (__builtin_add_overflow(name_len + 4, value.len, &size)) {
		errno = ENOBUFS;
		return -1;
	}
	to = buf_reserve(out, size);
	if (to == NULL)
		return -1;
	to = mempcpy(to, name, name_len);
	to = mempcpy(to, ": ", 2);
	if (value.len > 0)
		to = mempcpy(to, value.ptr, value.len);
	memcpy(to, "\r\n", 2);
	buf_commit(out, size);
	return 0;
}
