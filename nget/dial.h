#ifndef NAP_NGET_DIAL_H
#define NAP_NGET_DIAL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/net.h"

struct conn;
struct conn_ops;
struct locator_host;
struct loop;

/*
 * The addresses of a host, dialled one after the other until one of them takes
 * the connection. What its user fills in outlives the dial.
 */
struct dial {
	struct loop *loop;
	int64_t timeout_ms; /* for one address; fewer while others follow */
	const struct conn_ops *ops; /* of the connections */
	void *owner; /* of the connections */
	struct net_addrs addrs; /* dial.c's, as what follows */
	size_t dialled; /* how many of them */
};

/*
 * Look the host up. Blocks on the resolver; a signal may end the process
 * meanwhile. 0, or -1 with *why pointing at a constant text.
 */
int dial_begin(
    struct dial *d, const struct locator_host *host, const char **why);

/*
 * Begin to connect (conn_dial) to the next address; error is what the one
 * before ended with, 0 at first. NULL when no more is left, with errno, which
 * the last one left behind.
 */
struct conn *dial_next(struct dial *d, int error);

/* Connections live on. Legal without dial_begin, and twice. */
void dial_end(struct dial *d);

#endif
