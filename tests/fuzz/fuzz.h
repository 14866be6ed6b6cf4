#ifndef NAP_FUZZ_H
#define NAP_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "lib/slice.h"

/*
 * A harness holds one subject against what its header promises, whatever the
 * bytes. libFuzzer calls it with bytes of its own making, and replay.c with the
 * files of its corpus. Each call stands for itself: it always returns 0, frees
 * what it took and leaves nothing behind. A promise that is broken aborts.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(promise) \
	((promise) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #promise))

_Noreturn static inline void
fuzz_fail(const char *file, int line, const char *promise)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
	abort();
}

static inline struct slice
fuzz_input(const uint8_t *data, size_t size)
{
	return slice_of((const char *)data, size);
}

/* Take a byte off the front of in; 0 when nothing is left. */
static inline uint8_t
fuzz_byte(struct slice *in)
{
	uint8_t byte = in->len > 0 ? (uint8_t)in->ptr[0] : 0;

	*in = slice_skip(*in, 1);
	return byte;
}

/*
 * Take a line, without its LF, off the front of in; all that is left when there
 * is no LF. Inputs made of lines can be read and written by people.
 */
static inline struct slice
fuzz_line(struct slice *in)
{
	struct slice line;

	slice_cut(*in, '\n', &line, in);
	return line;
}

/* Take a line for a number as strtoull does; "-1" is the largest. */
static inline uint64_t
fuzz_number(struct slice *in)
{
	struct slice line = fuzz_line(in);
	char text[32] = "";

	if (line.len > 0)
		memcpy(text, line.ptr, line.len < 31 ? line.len : 31);
	return strtoull(text, NULL, 10);
}

/* Pieces of that length; of longer ones where they would be too many. */
#define FUZZ_PIECES_MAX 200

static inline size_t
fuzz_piece(struct slice s, uint64_t wanted)
{
	size_t least = s.len / FUZZ_PIECES_MAX + 1;

	return wanted > least ? (size_t)wanted : least;
}

/*
 * s in memory of its own and no more, so that one byte too far is seen; to be
 * freed.
 */
static inline struct slice
fuzz_copy(struct slice s)
{
	char *mem = malloc(s.len);

	if (s.len > 0) {
		if (!mem)
			abort();
		memcpy(mem, s.ptr, s.len);
	}
	return slice_of(mem, s.len);
}

static inline void
fuzz_free(struct slice copy)
{
	free((void *)(uintptr_t)copy.ptr);
}

/* s as a string, to be freed; up to its first NUL. */
static inline char *
fuzz_string(struct slice s)
{
	char *text = strndup(s.len > 0 ? s.ptr : "", s.len);

	if (!text)
		abort();
	return text;
}

/* Whether part lies in whole; where an empty one lies says nothing. */
static inline bool
fuzz_is_within(struct slice part, struct slice whole)
{
	if (part.len == 0)
		return true;
	return whole.len >= part.len && part.ptr >= whole.ptr &&
	    part.ptr <= whole.ptr + (whole.len - part.len);
}

/* Whether s holds a byte that a terminal obeys, LF among them. */
static inline bool
fuzz_has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

#endif
