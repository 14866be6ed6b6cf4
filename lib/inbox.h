#ifndef NAP_INBOX_H
#define NAP_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

/* Connections that other threads have accepted for this one. */
struct inbox {
	pthread_mutex_t lock;
	struct arrival {
		int fd;
		struct addr address;
	} * list;
	size_t count;
	size_t room;
};

void inbox_init(struct inbox *in);

/* Closes what has not been taken. */
void inbox_free(struct inbox *in);

/* Any thread may put; the descriptor is the inbox's then. 0, or -1 ENOMEM. */
int inbox_put(struct inbox *in, const struct arrival *arrival);

/* Take the arrival that came last, no matter which; false: there is none. */
bool inbox_take(struct inbox *in, struct arrival *arrival);

#endif
