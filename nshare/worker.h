#ifndef NAP_WORKER_H
#define NAP_WORKER_H

#include <stddef.h>

struct crowd;
struct site;
struct worker;

/* What a worker serves, and from where; all of it outlives the worker. */
struct worker_spec {
	const struct site *site;
	struct crowd *crowd;
	const int *listeners;
	size_t listener_count;
	struct worker *const *crew; /* all workers, once they run */
	size_t crew_count;
};

/*
 * A loop that accepts connections of shared listening sockets and serves them
 * for life. NULL with errno. It is run by one thread.
 */
struct worker *worker_new(const struct worker_spec *spec);

/* Run until stopped; every connection has been ended when it returns. */
void worker_run(struct worker *w);

/* From any thread: slots may be free; stop. */
void worker_wake(struct worker *w);
void worker_stop(struct worker *w);

/* Free one that does not run. worker_free(NULL) is legal. */
void worker_free(struct worker *w);

#endif
