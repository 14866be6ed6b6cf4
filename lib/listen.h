#ifndef NAP_LISTEN_H
#define NAP_LISTEN_H

struct addr;
struct listen;
struct loop;
struct net_addrs;

/*
 * Listen on each of places (net_listen), at one port: where theirs is 0, one
 * that is free for all. A family that the system lacks is passed over if
 * another works. Returns how many descriptors fds got, which has room for one a
 * place, or -1 with errno and none open.
 */
int listen_open(const struct net_addrs *places, int *fds);

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
