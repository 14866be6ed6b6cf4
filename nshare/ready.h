#ifndef NAP_READY_H
#define NAP_READY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/addr.h"
#include "lib/slice.h"

/*
 * Whether every index has every file by now, which happens once, unless it is
 * given up before. Any thread may call. The fields are ready.c's.
 */
struct ready {
	pthread_mutex_t lock;
	bool *has; /* for each index */
	size_t count;
	size_t missing;
	bool over; /* it happened, or was given up */
	char at[ADDR_TEXT]; /* what the first index calls us */
	void (*happened)(void *arg, const char *at);
	void *arg;
};

/*
 * For count indexes, at least one. happened is called with the address that
 * the first index knows us by, in the thread that told the last. 0, or -1 with
 * ENOMEM.
 */
int ready_init(struct ready *r, size_t count,
    void (*happened)(void *arg, const char *at), void *arg);
void ready_free(struct ready *r);

/* Index number which has every file, and knows us by at. */
void ready_tell(struct ready *r, size_t which, struct slice at);

/* It shall not happen any more. False when it has. */
bool ready_give_up(struct ready *r);

#endif
