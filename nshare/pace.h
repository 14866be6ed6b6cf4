#ifndef NAP_PACE_H
#define NAP_PACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A rate that all downloads share: each reserves a piece at a time, and the
 * pieces follow one another. Any thread may call.
 */
struct pace {
	uint64_t rate; /* bytes a second; 0: as fast as it goes */
	pthread_mutex_t lock;
	int64_t free_ns; /* when all that is reserved will have been sent */
};

void pace_init(struct pace *pace, uint64_t rate);
void pace_free(struct pace *pace);

/* How many of want bytes to send as one piece. */
uint64_t pace_piece(const struct pace *pace, uint64_t want);

/*
 * Reserve the sending of bytes. Returns in how many milliseconds, from now_ms
 * of a clock that never goes back, they may leave.
 */
int64_t pace_reserve(struct pace *pace, uint64_t bytes, int64_t now_ms);

#endif
