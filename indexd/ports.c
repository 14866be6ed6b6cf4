#include "ports.h"

#include <errno.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/locator.h"
#include "lib/log.h"

static int
add(struct ports *p, int fd)
{
	if (p->count == PORTS_MAX) {
		close(fd);
		errno = ENOSPC;
		return -1;
	}
	p->fds[p->count++] = fd;
	return 0;
}

static bool
lacks_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* Listen on each of addrs; a free port, once taken, is taken for all. */
static int
listen_all(struct ports *p, const struct net_addrs *addrs, const char *host)
{
	size_t before = p->count;
	uint16_t taken = 0;
	int lacking = 0;

	for (size_t i = 0; i < addrs->count; i++) {
		struct addr at = addrs->list[i];
		int fd;

		if (at.port == 0)
			at.port = taken;
		fd = net_listen(&at);
		if (fd < 0 && lacks_family(errno)) {
			lacking = errno;
			continue;
		}
		if (fd < 0 || add(p, fd) < 0) {
			log_warn("listen on %s", host);
			return -1;
		}
		taken = at.port;
	}
	if (p->count > before)
		return 0;
	errno = lacking;
	log_warn("listen on %s", host);
	return -1;
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
	outcome = listen_all(p, &addrs, host);
	net_addrs_free(&addrs);
	return outcome;
}

int
ports_inherit(struct ports *p, int first, int count)
{
	for (int fd = first; fd < first + count; fd++)
		if (add(p, fd) < 0) {
			log_warn("descriptor %d of the service manager", fd);
			return -1;
		}
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
