#ifndef NAP_WORKER_H
#define NAP_WORKER_H

#include <stddef.h>

struct index;

/*
 * One loop and the clients it serves. Whichever worker accepts a connection
 * gives it to the one that has fewest.
 */
struct worker;

struct worker_spec {
	struct index *index;
	unsigned shard; /* where its peers' listings go */
	const int *listeners; /* shared with the other workers */
	size_t listener_count;
	int reception; /* for this one alone (reception.h), or -1 */
	struct worker *const *crew; /* all, once they run, itself among them */
	unsigned crew_count;
};

/* NULL with errno. */
struct worker *worker_new(const struct worker_spec *spec);

/* Serve until worker_stop, then close every connection; or worker_rest. */
void worker_run(struct worker *w);

/* From any thread. */
void worker_stop(struct worker *w);

/*
 * From any thread: have worker_run return with all as it is, to be run again or
 * freed.
 */
void worker_rest(struct worker *w);

/* Once it no longer runs. */
void worker_free(struct worker *w);

#endif
