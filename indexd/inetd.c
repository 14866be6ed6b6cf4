#include "inetd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "handoff.h"
#include "lib/addr.h"
#include "lib/drop.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/net.h"
#include "ports.h"

/* What the super-server has put there. */
#define GIVEN STDIN_FILENO

/* That is found out by hand, most of the time: tell whoever tries it, too. */
static enum inetd
misused(bool is_socket)
{
	static const char why[] = "--inetd: descriptor 0 is no socket of TCP%s";
	const char *hint = is_socket ? " (socat wants EXEC:...,nofork)" : "";

	if (!inherit_is_client())
		log_warnx(why, hint);
	log_to_syslog();
	log_warnx(why, hint);
	return INETD_MISUSED;
}

/* It leaves descriptor 0, where /dev/null comes. */
static enum inetd
take_listener(struct ports *ports)
{
	int fd = fcntl(GIVEN, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int flags = fcntl(GIVEN, F_GETFL);

	if (fd < 0 || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    drop_standard() < 0) {
		log_warn("take over descriptor 0");
		return INETD_FAILED;
	}
	return ports_inherit(ports, fd, 1) < 0 ? INETD_FAILED : INETD_SERVE;
}

static enum inetd
pass_on(int *reception, const char *path)
{
	if (inherit_is_service()) {
		log_warnx("systemd ends the index with the connection that "
			  "started it: it wants Accept=no");
		return INETD_FAILED;
	}
	switch (handoff_give(GIVEN, path, reception)) {
	case HANDOFF_DONE:
		return INETD_DONE;
	case HANDOFF_RESIDENT:
		return INETD_SERVE;
	default:
		return INETD_FAILED;
	}
}

/* Whether it is a socket of TCP, or of another kind, or none: errno. */
static bool
is_tcp(void)
{
	int type;
	socklen_t len = sizeof type;
	struct addr near;

	if (getsockopt(GIVEN, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return false;
	return type == SOCK_STREAM && net_local(GIVEN, &near) == 0;
}

enum inetd
inetd_begin(struct ports *ports, int *reception, const char *path)
{
	struct addr peer;

	errno = 0;
	if (!is_tcp())
		return misused(errno != ENOTSOCK);
	log_to_syslog();
	drop_descriptors(STDERR_FILENO + 1);
	if (!inherit_is_service())
		/* It is that of whoever started us. */
		unsetenv("NOTIFY_SOCKET");
	if (net_is_listener(GIVEN))
		return take_listener(ports);
	if (net_remote(GIVEN, &peer) < 0 && errno == ENOTCONN) {
		log_debug("the client has left");
		return INETD_DONE;
	}
	return pass_on(reception, path);
}
