#ifndef NAP_PACE_H
#define NAP_PACE_H

#include <pthread.h>
#include <stdint.h>

struct pace;

/* A download's place among those that wait. Begins zeroed; pace.c's. */
struct pace_turn {
	struct pace *pace; /* NULL: it waits for nothing */
	struct pace_turn *before;
	struct pace_turn *after;
	uint64_t number;
};

/*
 * A rate that all downloads share: each takes a piece at a time, and who has
 * waited longest is next. Any thread may call. The fields are pace.c's.
 */
struct pace {
	uint64_t rate; /* bytes a second; 0: as fast as it goes */
	pthread_mutex_t lock;
	int64_t free_ns; /* when all that was taken will have been sent */
	struct pace_turn *first;
	struct pace_turn *last;
	uint64_t next; /* number */
};

/* Longest nap of one that is not next; it may have become that meanwhile. */
#define PACE_NAP_MS 100

void pace_init(struct pace *pace, uint64_t rate);
void pace_free(struct pace *pace);

/* How many of want bytes to send as one piece. */
uint64_t pace_piece(const struct pace *pace, uint64_t want);

/*
 * Ask to send bytes now, now_ms being of a clock that never goes back. 0: they
 * are taken from the rate, and are to leave. Otherwise none are: turn waits in
 * line, in place, and asks again after so many milliseconds.
 */
int64_t pace_take(
    struct pace *pace, struct pace_turn *turn, uint64_t bytes, int64_t now_ms);

/* Wait no longer. Legal for one that does not. */
void pace_leave(struct pace_turn *turn);

#endif
