#ifndef NAP_ANNOUNCE_H
#define NAP_ANNOUNCE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"
#include "silence.h"

struct addr;
struct announce;
struct catalogue;
struct locator_host;
struct slots;

/* All but index is kept by reference, and outlives the announcement. */
struct announce_spec {
	const struct locator_host *index;
	struct catalogue *files;
	struct slots *slots; /* what LOAD tells */
	const struct addr *from; /* the one address we serve on, or NULL */
	uint16_t port; /* that we serve on */
	struct silence_times times;
	/*
	 * The index has every file: called in the thread of the announcement,
	 * again after each time that the connection was lost. at is our address
	 * as the index knows it.
	 */
	void (*settled)(void *arg, size_t which, struct slice at);
	void *arg;
	size_t which;
};

/*
 * Keep one index told of what is shared, from a thread of its own: it connects,
 * and connects again, until it is freed. What goes wrong it says itself. NULL
 * with errno.
 */
struct announce *announce_new(const struct announce_spec *spec);

/* 0, or -1 with errno. */
int announce_start(struct announce *a);

/* From any thread: the load has changed. */
void announce_load(struct announce *a);

/* From any thread: files have come, changed or gone. */
void announce_news(struct announce *a);

/*
 * Leave the index and end the thread. A thread that is stuck in the resolver
 * is left behind, and uses nothing of the spec's any more: -1 then.
 * announce_free(NULL) is legal.
 */
int announce_free(struct announce *a);

#endif
