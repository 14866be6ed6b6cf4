#include "slice.h"

#include <errno.h>
#include <stdlib.h>

static unsigned char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool
slice_eq_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (fold(a.ptr[i]) != fold(b.ptr[i]))
			return false;
	return true;
}

bool
slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len &&
	    slice_eq(slice_of(s.ptr, prefix.len), prefix);
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t
slice_find(struct slice s, char c)
{
	const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return at ? at - s.ptr : -1;
}

ptrdiff_t
slice_rfind(struct slice s, char c)
{
	for (size_t i = s.len; i > 0; i--)
		if (s.ptr[i - 1] == c)
			return (ptrdiff_t)i - 1;
	return -1;
}

bool
slice_cut(struct slice s, char c, struct slice *head, struct slice *tail)
{
	ptrdiff_t at = slice_find(s, c);

	if (at < 0) {
		*head = s;
		*tail = slice_skip(s, s.len);
		return false;
	}
	*head = slice_of(s.ptr, (size_t)at);
	*tail = slice_skip(s, (size_t)at + 1);
	return true;
}

/* strchr would find its own terminator for a NUL. */
static bool
is_any_of(char c, const char *set)
{
	return c && strchr(set, c);
}

bool
slice_token(struct slice *rest, const char *separators, struct slice *token)
{
	size_t start = 0, end;

	while (start < rest->len && is_any_of(rest->ptr[start], separators))
		start++;
	for (end = start; end < rest->len; end++)
		if (is_any_of(rest->ptr[end], separators))
			break;
	*token = slice_skip(*rest, start);
	token->len = end - start;
	*rest = slice_skip(*rest, end);
	return token->len > 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice
slice_trim(struct slice s)
{
	while (s.len && is_blank(s.ptr[0]))
		s = slice_skip(s, 1);
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

char *
slice_dup(struct slice s)
{
	char *copy;

	if (slice_find(s, '\0') >= 0) {
		errno = EINVAL;
		return NULL;
	}
	copy = malloc(s.len + 1);
	if (!copy)
		return NULL;
	if (s.len)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return copy;
}
