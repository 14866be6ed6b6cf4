#include "listeners.h"

#include <errno.h>
#include <unistd.h>

#include "lib/listen.h"
#include "lib/log.h"
#include "lib/net.h"

void
listeners_close(struct listeners *l)
{
	while (l->count > 0)
		close(l->fds[--l->count]);
}

/* Listen on all of places at port. 0, or -1 with errno. */
static int
try_port(struct listeners *l, struct net_addrs *places, uint16_t port)
{
	struct addr at;
	int count;

	for (size_t i = 0; i < places->count; i++)
		places->list[i].port = port;
	count = listen_open(places, l->fds);
	if (count < 0)
		return -1;
	l->count = (size_t)count;
	if (net_local(l->fds[0], &at) < 0) {
		listeners_close(l);
		return -1;
	}
	l->port = at.port;
	return 0;
}

int
listeners_open(struct listeners *l, const struct listeners_spec *spec)
{
	const char *host = spec->host ? spec->host : "*", *why;
	struct net_addrs places;
	int result;

	*l = (struct listeners){.alone = spec->host};
	if (net_resolve(host, 0, NET_ANY, &places, &why) < 0) {
		log_warnx("listen on %s: %s", host, why);
		return -1;
	}
	if (l->alone) {
		l->only = places.list[0];
		places.count = 1;
	}
	result = try_port(l, &places, spec->port);
	if (result < 0 && errno == EADDRINUSE && spec->or_free)
		result = try_port(l, &places, 0);
	if (result < 0)
		log_warn("listen on %s port %u",
		    spec->host ? host : "every address", spec->port);
	else
		log_debug("listening on port %u", l->port);
	net_addrs_free(&places);
	return result;
}
