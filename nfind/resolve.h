#ifndef NFIND_RESOLVE_H
#define NFIND_RESOLVE_H

#include <stdbool.h>

struct locator_host;
struct loop;
struct net_addrs;

/*
 * A name being looked up in a thread of its own, so that a resolver without an
 * answer holds up neither the other indexes nor the deadline.
 */
struct resolve;

/* Begin; the loop is woken (loop_on_wake) at the end. NULL with errno. */
struct resolve *resolve_start(
    struct loop *loop, const struct locator_host *host);

/* Whether it has come to an end. */
bool resolve_done(const struct resolve *r);

/*
 * What net_resolve had to say, once done; addrs is the caller's, *why lives on.
 * Frees r.
 */
int resolve_take(struct resolve *r, struct net_addrs *addrs, const char **why);

/*
 * It is not wanted any more. When the thread is still at it, false is returned
 * and r stays its own, as must the loop: the process is to end soon.
 */
bool resolve_abandon(struct resolve *r);

#endif
