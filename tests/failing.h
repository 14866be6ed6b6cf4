#ifndef NAP_FAILING_H
#define NAP_FAILING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Calls of libc that fail when they are told to: each in turn, as only tests can
 * have it. What is linked with failing.c and failing_calls.c, and for each of
 * the calls there with --wrap of the linker (failing_link in Makefile.am), calls
 * them in place of libc. Other than what is preloaded, that works with any libc
 * and with sanitizers. What libc itself calls is left alone.
 *
 * Programs are told by the environment:
 *
 *	NAP_FAIL=CALL=HOW@N	the Nth call fails, counted in all threads
 *	NAP_FAIL=CALL=HOW@N/M	and each Mth after it
 *	NAP_FAIL_MARK=FILE	its first byte is 'x' once a call has failed
 *
 * CALL is a call's name, or "memory" for all that give memory. HOW is the name
 * of an error, or "short": the call takes one byte of what it was given.
 */

/* Whether this call is to fail: errno is set then. */
bool failing_now(const char *call);

/*
 * The same of a call that moves *len bytes, which is also cut down when it is
 * to be short, and not to fail.
 */
bool failing_short(const char *call, size_t *len);

#endif
