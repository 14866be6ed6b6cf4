#ifndef NAP_TAP_H
#define NAP_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/slice.h"

/*
 * The Test Anything Protocol for the C unit tests: one "ok" line a check, the
 * plan at the end. Each check's text is a sentence that it proves.
 */

static int tap_checks, tap_failures;

__attribute__((format(printf, 2, 3))) static inline bool
tap_ok(bool passed, const char *sentence, ...)
{
	va_list args;

	printf("%s %d - ", passed ? "ok" : "not ok", ++tap_checks);
	va_start(args, sentence);
	vprintf(sentence, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	tap_failures += !passed;
	return passed;
}

/* Why the check before failed. */
__attribute__((format(printf, 1, 2))) static inline void
tap_note(const char *text, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, text);
	vprintf(text, args);
	va_end(args);
	putchar('\n');
}

static inline void
tap_is_num(long long got, long long want, const char *sentence)
{
	if (!tap_ok(got == want, "%s", sentence))
		tap_note("got %lld, want %lld", got, want);
}

static inline void
tap_is_slice(struct slice got, struct slice want, const char *sentence)
{
	if (!tap_ok(slice_eq(got, want), "%s", sentence))
		tap_note("got '%.*s', want '%.*s'", (int)got.len, got.ptr,
		    (int)want.len, want.ptr);
}

static inline void
tap_is_str(const char *got, const char *want, const char *sentence)
{
	tap_is_slice(slice_str(got), slice_str(want), sentence);
}

/*
 * How often to repeat what is repeated n times: sanitizers take five times as
 * long, and random inputs have been tried by the plain build as well.
 */
static inline unsigned
tap_times(unsigned n)
{
	const char *sanitized = getenv("NAP_SANITIZED");

	return sanitized && *sanitized ? n / 4 : n;
}

/* The last statement of main: return tap_done(); */
static inline int
tap_done(void)
{
	printf("1..%d\n", tap_checks);
	return tap_failures > 0;
}

#endif
