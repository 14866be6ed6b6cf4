#ifndef NAP_NGET_STOP_H
#define NAP_NGET_STOP_H

#include <signal.h>

#include "lib/loop.h"

/*
 * SIGINT and SIGTERM as events of a loop. The fields are stop.c's, signal
 * aside.
 */
struct stop {
	struct loop_io io;
	struct loop *loop;
	sigset_t before; /* what was blocked */
	int signal; /* the one that came, or 0 */
};

/*
 * From now on the first such signal stops loop; one that is ignored stays so.
 * 0, or -1 with errno.
 */
int stop_open(struct stop *s, struct loop *loop);

/*
 * Between the two calls such a signal ends the process as it usually does: where
 * something else than the loop waits.
 */
void stop_let(sigset_t *held);
void stop_hold(const sigset_t *held);

/* Undo stop_open. */
void stop_close(struct stop *s);

/* Undo it and die of the signal that came. */
_Noreturn void stop_die(struct stop *s);

#endif
