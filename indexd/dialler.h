#ifndef NAP_DIALLER_H
#define NAP_DIALLER_H

#include <stdbool.h>
#include <stdint.h>

struct addr;
struct loop;

/*
 * Finds out who can be connected to (naputils(7), Reachability): dials, and
 * closes the connection as soon as it stands. Only so many calls are under way
 * at a time; the others wait in the order in which they came.
 */
struct dialler;
struct dialler_call;

struct dialler_spec {
	struct loop *loop;
	unsigned most; /* calls under way, each a descriptor; at least 1 */
	int64_t ms; /* how long one may take */
};

/*
 * NULL with ENOMEM. Every call has been told or cancelled before it is freed,
 * which is when its loop runs no more. dialler_free(NULL) is legal.
 */
struct dialler *dialler_new(const struct dialler_spec *spec);
void dialler_free(struct dialler *d);

/*
 * Dial to, soon: told is called from the loop, once, with whether a connection
 * came to stand, and the call is gone then. While descriptors or memory are
 * short it waits. NULL with ENOMEM.
 */
struct dialler_call *dialler_call(struct dialler *d, const struct addr *to,
    void (*told)(void *arg, bool reached), void *arg);

/* Nothing is told. NULL is legal. */
void dialler_cancel(struct dialler_call *call);

#endif
