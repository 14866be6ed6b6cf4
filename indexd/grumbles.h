#ifndef NAP_GRUMBLES_H
#define NAP_GRUMBLES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What clients do wrong is told so many times a minute and no more: nobody is to
 * fill the log. Zeroed: nothing was told yet. Any thread may call.
 */
#define GRUMBLES_A_MINUTE 20u

struct grumbles {
	_Atomic int64_t minute;
	_Atomic uint32_t told; /* in that minute */
	_Atomic uint64_t untold;
};

/*
 * Whether one more may be told; then *untold is how many were not since the last
 * one. now is in milliseconds.
 */
bool grumbles_take(struct grumbles *g, int64_t now, uint64_t *untold);

#endif
