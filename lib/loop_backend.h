#ifndef NAP_LOOP_BACKEND_H
#define NAP_LOOP_BACKEND_H

#include "loop.h"

/*
 * What the loop asks of the system: loop_epoll.c where there is epoll,
 * loop_poll.c elsewhere. A struct loop_io's place is the back end's.
 */
struct loop_backend;

/* Beside LOOP_READ: woken alone among the loops that watch the same socket. */
enum { LOOP_BACKEND_SHARED = 8 };

/* NULL with errno. loop_backend_free(NULL) is legal. */
struct loop_backend *loop_backend_new(void);
void loop_backend_free(struct loop_backend *b);

/*
 * Watch io for events in place of io->events, which the caller then sets. With
 * 0 events, which always succeeds, nothing is delivered to io any more, not
 * even what loop_backend_wait has fetched. 0, or -1 with errno.
 */
int loop_backend_watch(
    struct loop_backend *b, struct loop_io *io, unsigned events);

/*
 * Fetch events, waiting up to ms for the first (-1: without a limit). How many
 * there are, 0 also after a signal, or -1 with errno.
 */
int loop_backend_wait(struct loop_backend *b, int ms);

/* Call ready for each event fetched. */
void loop_backend_deliver(struct loop_backend *b);

#endif
