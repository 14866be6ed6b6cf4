#ifndef NAP_LISTEN_H
#define NAP_LISTEN_H

struct addr;
struct listen;
struct loop;

/*
 * Accept connections of a listening socket on a loop. Without a free
 * descriptor it stops asking, says so once, and tries again every 100 ms: the
 * connections at hand are served meanwhile.
 *
 * accepted owns fd. NULL with errno; listener stays the caller's in any case.
 */
struct listen *listen_new(struct loop *loop, int listener,
    void (*accepted)(void *arg, int fd, const struct addr *peer), void *arg);

/* listen_free(NULL) is legal. */
void listen_free(struct listen *l);

#endif
