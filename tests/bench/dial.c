#include "dial.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define PER_SOURCE 20000

static struct sockaddr_in
loopback(uint32_t host, uint16_t port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK + host),
	    .sin_port = htons(port),
	};
}

static void
set(int fd, int level, int option)
{
	int on = 1;

	if (setsockopt(fd, level, option, &on, sizeof on) < 0)
		err(1, "socket option");
}

int
dial(uint16_t port, size_t nth)
{
	struct sockaddr_in from = loopback((uint32_t)(nth / PER_SOURCE), 0);
	struct sockaddr_in to = loopback(0, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	set(fd, IPPROTO_TCP, TCP_NODELAY);
	set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
	if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
		err(1, "bind");
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		err(1, "connect to port %u", port);
	return fd;
}

void
dial_send(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err(1, "send");
		bytes += n;
		len -= (size_t)n;
	}
}

size_t
dial_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		err(1, "descriptors");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		err(1, "descriptors");
	return limit.rlim_cur;
}
