#ifndef NAP_LISTENERS_H
#define NAP_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

#define LISTENERS_PORT 9000
#define LISTENERS_MAX 2

/* The sockets that files are served on: one, or one for each family. */
struct listeners {
	int fds[LISTENERS_MAX];
	size_t count;
	uint16_t port; /* the same for both */
	bool alone; /* on the one address only */
	struct addr only;
};

struct listeners_spec {
	const char *host; /* the one address to listen on; NULL: every one */
	uint16_t port; /* 0: a free one */
	bool or_free; /* when port is taken, a free one will do */
};

/*
 * Listen. A system without one of the families serves the other. 0, or -1
 * after saying why.
 */
int listeners_open(struct listeners *l, const struct listeners_spec *spec);

void listeners_close(struct listeners *l);

#endif
