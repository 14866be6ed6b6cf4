#include "listeners.h"

#include <errno.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/net.h"

/* A port that is free for one family may be taken for the other. */
#define FREE_PORT_TRIES 32

/* Where to listen. */
struct places {
	struct addr list[2];
	size_t count;
};

static bool
lacks_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

void
listeners_close(struct listeners *l)
{
	int error = errno;

	while (l->count > 0)
		close(l->fds[--l->count]);
	errno = error;
}

/* On all places or none. */
static int
try_port(struct listeners *l, const struct places *places, uint16_t port)
{
	int lacking = 0;

	l->port = port;
	for (size_t i = 0; i < places->count; i++) {
		struct addr at = places->list[i];
		int fd;

		at.port = l->port;
		fd = net_listen(&at);
		if (fd < 0 && lacks_family(errno)) {
			lacking = errno;
			continue;
		}
		if (fd < 0) {
			listeners_close(l);
			return -1;
		}
		l->fds[l->count++] = fd;
		l->port = at.port;
	}
	if (l->count > 0)
		return 0;
	errno = lacking;
	return -1;
}

static int
try_free_ports(struct listeners *l, const struct places *places)
{
	for (int i = 0; i < FREE_PORT_TRIES; i++) {
		if (try_port(l, places, 0) == 0)
			return 0;
		if (errno != EADDRINUSE)
			return -1;
	}
	return -1;
}

static int
find_places(struct listeners *l, const char *host, struct places *places)
{
	struct net_addrs addrs;
	const char *why;

	if (!host) {
		*places = (struct places){.count = 2};
		return addr_parse_ip(SLICE("0.0.0.0"), &places->list[0]) < 0 ||
			addr_parse_ip(SLICE("::"), &places->list[1]) < 0
		    ? -1
		    : 0;
	}
	if (net_resolve(host, 0, NET_ANY, &addrs, &why) < 0) {
		log_warnx("listen on %s: %s", host, why);
		return -1;
	}
	l->alone = true;
	l->only = addrs.list[0];
	*places = (struct places){.list = {l->only}, .count = 1};
	net_addrs_free(&addrs);
	return 0;
}

int
listeners_open(struct listeners *l, const struct listeners_spec *spec)
{
	struct places places;
	int result;

	*l = (struct listeners){.count = 0};
	if (find_places(l, spec->host, &places) < 0)
		return -1;
	if (spec->port == 0)
		result = try_free_ports(l, &places);
	else
		result = try_port(l, &places, spec->port);
	if (result < 0 && errno == EADDRINUSE && spec->or_free)
		result = try_free_ports(l, &places);
	if (result < 0)
		log_warn("listen on %s port %u",
		    spec->host ? spec->host : "every address", spec->port);
	return result;
}
