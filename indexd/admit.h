#ifndef NAP_ADMIT_H
#define NAP_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

struct addr;
struct limits;

/*
 * Counts the connections of each address (of each /64, in IPv6) and says
 * whether one more is within the limit. Thread-safe.
 */
struct admit;

/* limits outlives it. NULL with errno; admit_free(NULL) is legal. */
struct admit *admit_new(const struct limits *limits);
void admit_free(struct admit *a);

/*
 * Count a connection in. False when its address has too many already, or no
 * memory is left to remember it; it is then not counted.
 */
bool admit_enter(struct admit *a, const struct addr *client);

/* Count out one that was let in. */
void admit_leave(struct admit *a, const struct addr *client);

/* Connections at present. */
uint64_t admit_count(struct admit *a);

#endif
