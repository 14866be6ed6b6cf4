#include "http_body.h"

#include <errno.h>
#include <string.h>

#include "http_field.h"

#define CHUNK_LINE_BYTES 1024
#define TRAILER_BYTES 8192

/* What comes next of a chunked body. */
enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER };

void
http_body_init(struct http_body *b, const struct http_response *r)
{
	*b = (struct http_body){
	    .framing = r->framing,
	    .left = r->framing == HTTP_LENGTH ? r->length : 0,
	    .state = CHUNK_SIZE,
	};
	b->done = b->framing == HTTP_NO_BODY ||
	    (b->framing == HTTP_LENGTH && b->left == 0);
}

/*
 * Point line at the first line of in, its CRLF left out. Returns the bytes
 * taken, 0 when it is not complete, -1 when it has more than max bytes or ends
 * in LF alone.
 */
static ssize_t
take_line(struct slice in, size_t max, struct slice *line)
{
	ptrdiff_t end;

	if (in.len > max)
		in.len = max;
	end = slice_find(in, '\n');
	if (end < 0)
		return in.len < max ? 0 : -1;
	if (end == 0 || in.ptr[end - 1] != '\r')
		return -1;
	*line = slice_of(in.ptr, (size_t)end - 1);
	return end + 1;
}

/* The value of a hexadecimal digit in either case, 16 for another byte. */
static unsigned
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	return c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;
}

/* chunk-size [chunk-ext] of RFC 9112 §7.1. */
static int
parse_size(struct slice line, uint64_t *size)
{
	uint64_t n = 0;
	size_t digits = 0;
	struct slice extension;

	for (; digits < line.len; digits++) {
		unsigned value = hex_value(line.ptr[digits]);

		if (value > 15)
			break;
		if (n > UINT64_MAX >> 4)
			return -1;
		n = n << 4 | value;
	}
	extension = slice_skip(line, digits);
	if (digits == 0 || n > INT64_MAX || !http_field_is_text(extension))
		return -1;
	if (extension.len > 0 &&
	    !slice_starts(slice_trim(extension), SLICE(";")))
		return -1;
	*size = n;
	return 0;
}

static ssize_t
next_size(struct http_body *b, struct slice in)
{
	struct slice line;
	ssize_t n = take_line(in, CHUNK_LINE_BYTES, &line);

	if (n <= 0)
		return n;
	if (parse_size(line, &b->left) < 0)
		return -1;
	b->state = b->left > 0 ? CHUNK_DATA : TRAILER;
	if (b->state == TRAILER)
		b->left = TRAILER_BYTES;
	return n;
}

static size_t
next_data(struct http_body *b, struct slice in, struct slice *data)
{
	*data = in;
	if (data->len > b->left)
		data->len = (size_t)b->left;
	b->left -= data->len;
	return data->len;
}

/* The CRLF after a chunk. */
static ssize_t
next_end(struct http_body *b, struct slice in)
{
	if (in.len >= 1 && in.ptr[0] != '\r')
		return -1;
	if (in.len < 2)
		return 0;
	if (in.ptr[1] != '\n')
		return -1;
	b->state = CHUNK_SIZE;
	return 2;
}

/* A trailer field, which is dropped, or the empty line that ends them. */
static ssize_t
next_trailer(struct http_body *b, struct slice in)
{
	struct slice line;
	struct http_field field;
	ssize_t n = take_line(in, (size_t)b->left, &line);

	if (n <= 0)
		return n;
	in.len = (size_t)n;
	if (line.len > 0 && http_field_next(&in, &field) < 0)
		return -1;
	b->done = line.len == 0;
	b->left -= (uint64_t)n;
	return n;
}

static ssize_t
next_chunked(struct http_body *b, struct slice in, struct slice *data)
{
	ssize_t n;

	switch (b->state) {
	case CHUNK_SIZE:
		return next_size(b, in);
	case CHUNK_DATA:
		n = (ssize_t)next_data(b, in, data);
		if (b->left == 0)
			b->state = CHUNK_END;
		return n;
	case CHUNK_END:
		return next_end(b, in);
	default:
		return next_trailer(b, in);
	}
}

ssize_t
http_body_next(struct http_body *b, struct slice in, struct slice *data)
{
	ssize_t n;

	*data = slice_of(in.ptr, 0);
	if (b->done)
		return 0;
	if (b->framing == HTTP_UNTIL_CLOSE) {
		*data = in;
		return (ssize_t)in.len;
	}
	if (b->framing == HTTP_LENGTH) {
		n = (ssize_t)next_data(b, in, data);
		b->done = b->left == 0;
		return n;
	}
	n = next_chunked(b, in, data);
	if (n < 0)
		errno = EINVAL;
	return n;
}

int
http_body_end(struct http_body *b)
{
	if (b->framing == HTTP_UNTIL_CLOSE)
		b->done = true;
	if (b->done)
		return 0;
	errno = EPROTO;
	return -1;
}
