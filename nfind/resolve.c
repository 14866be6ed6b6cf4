#include "resolve.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/locator.h"
#include "lib/loop.h"
#include "lib/net.h"

struct resolve {
	struct locator_host host;
	struct loop *loop;
	pthread_t thread;
	atomic_bool done; /* the fields below are no longer the thread's */
	struct net_addrs addrs;
	const char *why;
	int outcome;
};

static void *
look_up(void *arg)
{
	struct resolve *r = arg;

	r->outcome = net_resolve(
	    r->host.name, r->host.port, NET_ANY, &r->addrs, &r->why);
	atomic_store(&r->done, true);
	loop_wake(r->loop);
	return NULL;
}

struct resolve *
resolve_start(struct loop *loop, const struct locator_host *host)
{
	struct resolve *r = calloc(1, sizeof *r);
	int error;

	if (!r)
		return NULL;
	r->host = *host;
	r->loop = loop;
	error = pthread_create(&r->thread, NULL, look_up, r);
	if (!error)
		return r;
	free(r);
	errno = error;
	return NULL;
}

bool
resolve_done(const struct resolve *r)
{
	return atomic_load(&r->done);
}

int
resolve_take(struct resolve *r, struct net_addrs *addrs, const char **why)
{
	int outcome = r->outcome;

	pthread_join(r->thread, NULL);
	*addrs = r->addrs;
	*why = r->why;
	free(r);
	return outcome;
}

bool
resolve_abandon(struct resolve *r)
{
	struct net_addrs addrs;
	const char *why;

	if (!resolve_done(r)) {
		pthread_detach(r->thread);
		return false;
	}
	resolve_take(r, &addrs, &why);
	net_addrs_free(&addrs);
	return true;
}
