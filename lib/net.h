#ifndef NAP_NET_H
#define NAP_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "addr.h"

/* Which families a name may resolve to, a listener may take. */
enum net_family { NET_ANY, NET_V4, NET_V6 };

/* Addresses, best first, owned by the caller. */
struct net_addrs {
	struct addr *list;
	size_t count;
};

/*
 * Resolve a name or a numeric address ("*" and "" for passive: every address).
 * Blocks on the resolver. 0, or -1 with *why pointing at a constant text.
 * Free the result with net_addrs_free.
 */
int net_resolve(const char *host, uint16_t port, enum net_family family,
    struct net_addrs *addrs, const char **why);
void net_addrs_free(struct net_addrs *addrs);

/*
 * A listening TCP socket: non-blocking, close-on-exec, address reuse; an IPv6
 * one takes IPv6 alone. *at is rewritten with the port that it got. Returns the
 * descriptor, or -1 with errno.
 */
int net_listen(struct addr *at);

/*
 * Begin to connect, from the address from unless it is NULL (its port is
 * ignored; EAFNOSUPPORT when it is of the other family). Returns a
 * non-blocking descriptor on which writability tells the outcome
 * (net_outcome), or -1 with errno.
 */
int net_dial(const struct addr *to, const struct addr *from);

/*
 * 0 when the connection stands, else the errno that ended it; ECONNREFUSED for
 * one that got connected to itself.
 */
int net_outcome(int fd);

/*
 * The next waiting connection: non-blocking, close-on-exec, tuned as net_tune
 * does. Returns the descriptor and who it is, or -1 with errno (EAGAIN: none
 * waits).
 */
int net_accept(int listener, struct addr *peer);

/*
 * Take over a connection that another process has accepted: from now on it is
 * as net_accept has them. 0 and who it is, or -1 with errno: ENOTSOCK,
 * EPROTOTYPE, EAFNOSUPPORT or EINVAL (it listens) when it is no connection by
 * TCP; ENOTCONN when it is one no more.
 */
int net_adopt(int fd, struct addr *peer);

/* This end's (the other end's) address. 0, or -1 with errno. */
int net_local(int fd, struct addr *a);
int net_remote(int fd, struct addr *a);

/*
 * TCP_NODELAY, the keep-alive times of naputils(7), Silence, and as long as
 * those take for what is not acknowledged.
 */
void net_tune(int fd);

/*
 * Until it is let go, the kernel holds back what fills no segment (where it
 * can): for what is sent in several calls and is larger than any of them.
 */
void net_hold(int fd, bool hold);

/* Bytes that the kernel holds for the other end; 0 when it does not tell. */
size_t net_unsent(int fd);

/*
 * A Unix-domain socket of that type (SOCK_STREAM, SOCK_DGRAM), close-on-exec.
 * Returns the descriptor, or -1 with errno.
 */
int net_unix(int type);

/*
 * A Unix-domain socket of datagrams: bound to path, telling of each datagram
 * who sent it (SCM_CREDENTIALS); or one whose datagrams go to who is bound
 * there (ENOENT or ECONNREFUSED: nobody). A path of NET_UNIX_PATH bytes or more
 * is ENAMETOOLONG.
 */
#define NET_UNIX_PATH 108
int net_unix_bind(const char *path);
int net_unix_dial(const char *path);

/* Whether fd is a socket that listens. */
bool net_is_listener(int fd);

/* Close so that the other end sees a reset, not an end of stream. */
void net_reset(int fd);

/* Raise the soft limit of descriptors to the hard one; returns it. */
uint64_t net_raise_descriptors(void);

#endif
