#include "name.h"

#include <stdio.h>

#include "lib/num.h"
#include "lib/sha256.h"

#define HASH_BYTES 8

static bool
is_empty(struct slice s)
{
	return s.len == 0;
}

static bool
is_dots(struct slice s)
{
	return slice_eq(s, SLICE(".")) || slice_eq(s, SLICE(".."));
}

static bool
is_long(struct slice s)
{
	return s.len > NAME_BYTES;
}

/* What cannot be one component of a path, whoever wants it. */
static bool
is_no_component(struct slice s)
{
	return slice_find(s, '\0') >= 0 || slice_find(s, '/') >= 0;
}

static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

static bool
is_hidden(struct slice s)
{
	return s.ptr[0] == '.';
}

static bool
ends_in(struct slice s, struct slice end)
{
	return s.len >= end.len &&
	    slice_eq(slice_skip(s, s.len - end.len), end);
}

/* A peer must not choose what an interrupted transfer goes on from. */
static bool
is_ours(struct slice s)
{
	return ends_in(s, SLICE(NAME_PART)) || ends_in(s, SLICE(NAME_FROM)) ||
	    ends_in(s, SLICE(NAME_FROM_NEW));
}

const char *
name_refusal(struct slice base, bool chosen)
{
	static const struct {
		bool (*applies)(struct slice base);
		const char *text;
		bool to_chosen;
	} rules[] = {
	    {is_empty, "is empty", true},
	    {is_dots, "is . or ..", true},
	    {is_no_component, "holds a slash or NUL", true},
	    {is_long, "is longer than 255 bytes", true},
	    {has_control, "holds control bytes", false},
	    {is_hidden, "begins with a dot", false},
	    {is_ours, "is one that nget uses itself", false},
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if ((rules[i].to_chosen || !chosen) && rules[i].applies(base))
			return rules[i].text;
	return NULL;
}

/* A character that is cut in two is left out. */
static size_t
clip(const char *name, size_t len)
{
	if (((unsigned char)name[len] & 0xc0) != 0x80)
		return len;
	for (size_t i = len; i > len - 4; i--)
		if (((unsigned char)name[i] & 0xc0) == 0xc0)
			return i;
	return len;
}

void
name_stem(const char *name, char stem[NAME_STEM_BYTES + 1])
{
	size_t len = strlen(name);
	char hex[2 * HASH_BYTES + 1];
	struct sha256 hash;
	struct digest d;

	if (len <= NAME_STEM_BYTES) {
		memcpy(stem, name, len + 1);
		return;
	}
	sha256_init(&hash);
	sha256_add(&hash, name, len);
	sha256_end(&hash, &d);
	num_hex(d.bytes, HASH_BYTES, hex);
	len = clip(name, NAME_STEM_BYTES - sizeof hex);
	snprintf(stem, NAME_STEM_BYTES + 1, "%.*s~%s", (int)len, name, hex);
}
