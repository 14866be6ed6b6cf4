#ifndef NAP_BENCH_PEERS_H
#define NAP_BENCH_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "payload.h"

/*
 * Many peers in one process, all of them connected to one index, or to one
 * redis-server, the names of which live as long as the connections, or for
 * good. Whatever does not go as it should ends the program.
 */
struct peers;

/* So many peers, none of them connected. They share the wire and the port. */
struct peers *peers_new(enum wire wire, uint16_t port, size_t count);
void peers_free(struct peers *p);

/* The port that the n-th peer says it serves on. */
unsigned peers_port(size_t n);

/*
 * Give the n-th peer what it will say when it registers. The payload is the
 * caller's and must stay until then.
 */
void peers_give(struct peers *p, size_t n, const struct payload *payload);

/* Connect; in the wire of version 2 the HELLO is answered as well. */
void peers_join(struct peers *p, size_t n);

/* End the connection. */
void peers_leave(struct peers *p, size_t n);

/*
 * All who joined and have not yet registered say what they were given, at the
 * same time, as fast as the other side takes it, or so many names a second
 * unless rate is 0. Returns, when all of it has been answered, the nanoseconds
 * that took.
 */
int64_t peers_register(struct peers *p, uint64_t rate);

/* Stay, and answer what the index asks, until standard input ends. */
void peers_stay(struct peers *p);

#endif
