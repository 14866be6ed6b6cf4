#ifndef NAP_BACKOFF_H
#define NAP_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_MIN_MS 500
#define BACKOFF_MAX_MS 30000

/* What went well for so long was no failure. */
#define BACKOFF_STEADY_MS 30000

/* How long to wait before the next attempt. Zeroed: nothing failed yet. */
struct backoff {
	unsigned failures;
	bool settled; /* the attempt has succeeded, at that time */
	int64_t settled_at;
};

/* The attempt has succeeded at now_ms, on a clock that never goes back. */
void backoff_settle(struct backoff *b, int64_t now_ms);

/* Forget failures if what succeeded was steady until now. Whether it was. */
bool backoff_relent(struct backoff *b, int64_t now_ms);

/*
 * One more attempt failed, or what it gained is lost: the milliseconds to wait,
 * between the limits. The more failed in a row the longer it may get; random,
 * any number, spreads those who lost the same thing.
 */
int64_t backoff_next(struct backoff *b, uint32_t random);

#endif
