#include "title.h"

#include <stdint.h>

/* Lower the case of eight bytes, if all are ASCII; false when they are not. */
static inline bool
lower_eight(const char *from, char *to)
{
	uint64_t x, upper;

	memcpy(&x, from, sizeof x);
	if (x & 0x8080808080808080)
		return false;
	upper = (x + 0x3f3f3f3f3f3f3f3f) ^ (x + 0x2525252525252525);
	x |= (upper & 0x8080808080808080) >> 2;
	memcpy(to, &x, sizeof x);
	return true;
}

/* Nearly all paths are ASCII, and take this way. */
static bool
fold_ascii(struct slice path, char *out)
{
	char last[8] = {0};
	size_t i;

	for (i = 0; i + sizeof last <= path.len; i += sizeof last)
		if (!lower_eight(path.ptr + i, out + i))
			return false;
	if (i == path.len)
		return true;
	memcpy(last, path.ptr + i, path.len - i);
	if (!lower_eight(last, last))
		return false;
	memcpy(out + i, last, path.len - i);
	return true;
}

static struct slice
fold(struct slice path, char *out)
{
	if (fold_ascii(path, out))
		return slice_of(out, path.len);
	return slice_of(out, utf8_fold(path, out));
}

static ptrdiff_t
last_byte(struct slice s, char c)
{
	const char *at = memrchr(s.ptr, c, s.len);

	return at ? at - s.ptr : -1;
}

struct slice
title_basename(struct slice path)
{
	return slice_skip(path, (size_t)(last_byte(path, '/') + 1));
}

/* How long an extension may be is said of the path, not of what it folds to. */
static bool
has_ext(struct slice path)
{
	struct slice base = title_basename(path);
	ptrdiff_t dot = last_byte(base, '.');

	return dot >= 0 && base.len - (size_t)dot - 1 <= TITLE_EXT_MAX;
}

struct title
title_read(struct slice path, char room[TITLE_ROOM])
{
	struct title t = {.text = fold(path, room), .has_ext = has_ext(path)};
	size_t dot;

	t.base = t.stem = title_basename(t.text);
	if (!t.has_ext)
		return t;
	dot = (size_t)last_byte(t.base, '.');
	t.stem = slice_of(t.base.ptr, dot);
	t.ext = slice_skip(t.base, dot + 1);
	return t;
}
