#ifndef NAP_SLICE_H
#define NAP_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * A view of bytes that somebody else owns: never written through, never
 * assumed to end in NUL. Valid as long as what it points into.
 */
struct slice {
	const char *ptr;
	size_t len;
};

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

static inline struct slice
slice_of(const char *ptr, size_t len)
{
	return (struct slice){ptr, len};
}

static inline struct slice
slice_str(const char *string)
{
	return (struct slice){string, strlen(string)};
}

/* s without its first n bytes; empty when it has no more than n. */
static inline struct slice
slice_skip(struct slice s, size_t n)
{
	if (n > s.len)
		n = s.len;
	return (struct slice){s.ptr ? s.ptr + n : NULL, s.len - n};
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || !memcmp(a.ptr, b.ptr, a.len));
}

/* Equal but for the case of ASCII letters. */
bool slice_eq_nocase(struct slice a, struct slice b);

bool slice_starts(struct slice s, struct slice prefix);

/* Bytewise order, the shorter of two first when one begins the other. */
int slice_cmp(struct slice a, struct slice b);

/* Where byte c stands first (last) in s, or -1. */
ptrdiff_t slice_find(struct slice s, char c);
ptrdiff_t slice_rfind(struct slice s, char c);

/*
 * Split s at the first c: head is what stands before, tail what follows.
 * Without a c, head is all of s, tail is empty, and false is returned.
 */
bool slice_cut(struct slice s, char c, struct slice *head, struct slice *tail);

/*
 * Take the next run of bytes that are not in separators off the front of rest.
 * Returns false, with an empty token, when there is none.
 */
bool slice_token(
    struct slice *rest, const char *separators, struct slice *token);

/* s without blanks and tabs at either end. */
struct slice slice_trim(struct slice s);

/*
 * A NUL-terminated copy, to be freed. NULL with ENOMEM, or with EINVAL when s
 * holds a NUL, which the copy could not carry.
 */
char *slice_dup(struct slice s);

#endif
