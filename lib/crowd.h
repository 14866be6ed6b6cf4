#ifndef NAP_CROWD_H
#define NAP_CROWD_H

#include <stdbool.h>
#include <stdint.h>

struct addr;

/*
 * The connections at present, in all and from each address, so that no one
 * takes all that there are. What shares an IPv6 network of CROWD_PREFIX_BITS
 * counts as one address. Any thread may call.
 */
struct crowd;

#define CROWD_PREFIX_BITS 64

/*
 * At most max in all, and max_each from one address. NULL with errno;
 * crowd_free(NULL) is legal.
 */
struct crowd *crowd_new(uint64_t max, uint64_t max_each);
void crowd_free(struct crowd *c);

/* From now on at most so many; those that are more may stay. */
void crowd_limit(struct crowd *c, uint64_t max, uint64_t max_each);

/*
 * Count one more, to which max_each does not apply when it is spared. False
 * when there are too many, or no memory to remember it; it is not counted then.
 */
bool crowd_enter(struct crowd *c, const struct addr *peer, bool spared);

/* One that was counted has gone. */
void crowd_leave(struct crowd *c, const struct addr *peer);

/* What counts as one address: that itself, or its IPv6 network. */
void crowd_host(const struct addr *peer, uint8_t ip[16]);

/* Connections at present. */
uint64_t crowd_count(struct crowd *c);

/* For how many milliseconds there has been none; 0 while there are any. */
int64_t crowd_quiet_ms(struct crowd *c);

#endif
