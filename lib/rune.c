#include "rune.h"

#include <stdbool.h>

/*
 * What a first byte promises (RFC 3629 §4): the length, and where the second
 * byte may lie, which is what keeps overlong forms and surrogates out.
 */
struct lead {
	uint8_t first, last;
	uint8_t length;
	uint8_t second_min, second_max;
};

static const struct lead leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static const struct lead *
find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	return NULL;
}

static size_t
decode_long(struct slice s, uint32_t *rune)
{
	const uint8_t *byte = (const uint8_t *)s.ptr;
	const struct lead *lead = find_lead(byte[0]);
	uint32_t value;

	if (!lead || s.len < lead->length || byte[1] < lead->second_min ||
	    byte[1] > lead->second_max)
		return 0;
	value = byte[0] & (0x7f >> lead->length);
	for (size_t i = 1; i < lead->length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (byte[i] & 0x3f);
	}
	*rune = value;
	return lead->length;
}

size_t
rune_decode(struct slice s, uint32_t *rune)
{
	uint8_t first = (uint8_t)s.ptr[0];

	if (first >= 0x80)
		return decode_long(s, rune);
	*rune = first;
	return 1;
}

static size_t
encoded_length(uint32_t rune)
{
	if (rune < 0x80)
		return 1;
	if (rune < 0x800)
		return 2;
	return rune < 0x10000 ? 3 : 4;
}

size_t
rune_encode(uint32_t rune, char out[4])
{
	static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = encoded_length(rune);

	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (rune & 0x3f));
		rune >>= 6;
	}
	out[0] = (char)(marks[length] | rune);
	return length;
}

bool
rune_valid(struct slice s)
{
	uint32_t rune;

	while (s.len) {
		size_t n = rune_decode(s, &rune);

		if (n == 0)
			return false;
		s = slice_skip(s, n);
	}
	return true;
}

/* What a terminal obeys, or shows as nothing at all. */
static const struct {
	uint32_t first, last;
} hidden[] = {
    {0x0000, 0x001f}, /* C0 */
    {0x007f, 0x009f}, /* DEL and C1 */
    {0x061c, 0x061c}, /* Arabic letter mark */
    {0x200e, 0x200f}, /* direction marks */
    {0x2028, 0x202e}, /* separators, direction embeddings and overrides */
    {0x2066, 0x2069}, /* direction isolates */
    {0xfeff, 0xfeff}, /* byte order mark */
};

static bool
is_hidden(uint32_t rune)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (rune >= hidden[i].first && rune <= hidden[i].last)
			return true;
	return false;
}

static int
add_escaped(struct buf *out, struct slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	char text[4 * 4];
	size_t len = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		uint8_t byte = (uint8_t)bytes.ptr[i];

		text[len++] = '\\';
		text[len++] = 'x';
		text[len++] = digits[byte >> 4];
		text[len++] = digits[byte & 15];
	}
	return buf_add(out, text, len);
}

static int
add_visible(struct buf *out, struct slice one, uint32_t rune)
{
	if (rune == '\\')
		return buf_add_str(out, "\\\\");
	if (is_hidden(rune))
		return add_escaped(out, one);
	return buf_add_slice(out, one);
}

int
rune_visible(struct buf *out, struct slice s)
{
	while (s.len) {
		uint32_t rune = 0;
		size_t n = rune_decode(s, &rune);
		struct slice one = slice_of(s.ptr, n ? n : 1);

		if ((n ? add_visible(out, one, rune) : add_escaped(out, one)) <
		    0)
			return -1;
		s = slice_skip(s, one.len);
	}
	return 0;
}
