#ifndef NAP_CROWD_H
#define NAP_CROWD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct addr;
struct crowd_host;

/*
 * The connections at present, in all and from each address: so that no one
 * takes all that there are. Any thread may call. The fields are crowd.c's.
 */
struct crowd {
	pthread_mutex_t lock;
	size_t max;
	size_t max_each;
	size_t count;
	struct crowd_host *hosts;
	size_t host_count;
	size_t host_room;
};

/* At most max in all, and max_each from one address that is not loopback. */
void crowd_init(struct crowd *crowd, size_t max, size_t max_each);
void crowd_free(struct crowd *crowd);

/* Count one more; false when there are too many, and it is not counted. */
bool crowd_enter(struct crowd *crowd, const struct addr *peer);

/* One that was counted has gone. */
void crowd_leave(struct crowd *crowd, const struct addr *peer);

#endif
