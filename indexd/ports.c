#include "ports.h"

#include <errno.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/listen.h"
#include "lib/locator.h"
#include "lib/log.h"

/* Listen on all of addrs. 0, or -1 with errno. */
static int
listen_all(struct ports *p, const struct net_addrs *addrs)
{
	int count;

	if (addrs->count > PORTS_MAX - p->count) {
		errno = ENOSPC;
		return -1;
	}
	count = listen_open(addrs, p->fds + p->count);
	if (count < 0)
		return -1;
	p->count += (size_t)count;
	return 0;
}

int
ports_listen(struct ports *p, const char *host, enum net_family family)
{
	struct locator_host where;
	struct net_addrs addrs;
	const char *why;
	int outcome;

	if (locator_host_parse(slice_str(host), PORTS_DEFAULT, true, &where) <
	    0) {
		log_warnx("listen on '%s': want HOST or HOST:PORT", host);
		return -1;
	}
	if (net_resolve(where.name, where.port, family, &addrs, &why) < 0) {
		log_warnx("listen on %s: %s", host, why);
		return -1;
	}
	outcome = listen_all(p, &addrs);
	if (outcome < 0)
		log_warn("listen on %s", host);
	net_addrs_free(&addrs);
	return outcome;
}

int
ports_inherit(struct ports *p, int first, int count)
{
	if ((size_t)count > PORTS_MAX - p->count) {
		log_warnx("the service manager passes more than %d sockets",
		    PORTS_MAX);
		return -1;
	}
	for (int i = 0; i < count; i++)
		p->fds[p->count++] = first + i;
	return 0;
}

void
ports_announce(const struct ports *p)
{
	char text[ADDR_TEXT];
	struct addr at;

	for (size_t i = 0; i < p->count; i++)
		if (net_local(p->fds[i], &at) == 0)
			log_info("listening on %s", addr_text(&at, text));
}

void
ports_close(struct ports *p)
{
	while (p->count > 0)
		close(p->fds[--p->count]);
}
