#ifndef NAP_PORTS_H
#define NAP_PORTS_H

#include <stddef.h>

#include "lib/net.h"

#define PORTS_MAX 64
#define PORTS_DEFAULT 8080

/* The listening sockets of one indexd. */
struct ports {
	int fds[PORTS_MAX];
	size_t count;
};

/*
 * Listen on every address that host (HOST[:PORT], "*" for all) stands for, and
 * say which. An address family that the system lacks is passed over when
 * another worked. 0, or -1 after saying why.
 */
int ports_listen(struct ports *p, const char *host, enum net_family family);

/* Take over the listening descriptors first to first + count - 1. */
int ports_inherit(struct ports *p, int first, int count);

/* Say "listening on ADDR:PORT" for each. */
void ports_announce(const struct ports *p);

void ports_close(struct ports *p);

#endif
