#ifndef NAP_BACKOFF_H
#define NAP_BACKOFF_H

#include <stdint.h>

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 30000

/* How long to wait before the next attempt. Zeroed: nothing failed yet. */
struct backoff {
	unsigned failures;
};

/*
 * One more attempt failed: the milliseconds to wait, between the limits. The
 * more failed in a row the longer it may get; random, any number, spreads those
 * who lost the same thing.
 */
int64_t backoff_next(struct backoff *b, uint32_t random);

#endif
