#ifndef NAP_SERVE_H
#define NAP_SERVE_H

#include <stddef.h>

struct serve;
struct site;

struct serve_spec {
	const struct site *site; /* outlives it */
	const int *listeners; /* stay their owner's */
	size_t listener_count;
	size_t max_conns; /* in all */
	size_t max_each; /* from one address; loopback is spared */
};

/* A server that does not run yet. NULL with errno. */
struct serve *serve_new(const struct serve_spec *spec);

/* Serve, in threads of its own. 0, or -1 with errno. */
int serve_start(struct serve *s);

/* From any thread: slots may be free. */
void serve_wake(struct serve *s);

/* End every connection and every thread. serve_free(NULL) is legal. */
void serve_free(struct serve *s);

#endif
