#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "slice.h"

#define BACKLOG 4096

/* naputils(7), Silence; in seconds. */
#define KEEP_IDLE 15
#define KEEP_INTERVAL 10
#define KEEP_PROBES 3
#define UNACKNOWLEDGED_MS 45000

union sock {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

static void
set_v4(struct addr *a, const void *ip)
{
	memset(a->ip, 0, 10);
	memset(a->ip + 10, 0xff, 2);
	memcpy(a->ip + 12, ip, 4);
}

static socklen_t
to_sock(const struct addr *a, union sock *s)
{
	memset(s, 0, sizeof *s);
	if (addr_is_v4(a)) {
		s->v4.sin_family = AF_INET;
		s->v4.sin_port = htons(a->port);
		memcpy(&s->v4.sin_addr, a->ip + 12, 4);
		return sizeof s->v4;
	}
	s->v6.sin6_family = AF_INET6;
	s->v6.sin6_port = htons(a->port);
	s->v6.sin6_scope_id = a->scope;
	memcpy(&s->v6.sin6_addr, a->ip, 16);
	return sizeof s->v6;
}

static int
from_sock(const union sock *s, struct addr *a)
{
	memset(a, 0, sizeof *a);
	switch (s->any.sa_family) {
	case AF_INET:
		set_v4(a, &s->v4.sin_addr);
		a->port = ntohs(s->v4.sin_port);
		return 0;
	case AF_INET6:
		memcpy(a->ip, &s->v6.sin6_addr, 16);
		a->port = ntohs(s->v6.sin6_port);
		a->scope = s->v6.sin6_scope_id;
		return 0;
	default:
		errno = EAFNOSUPPORT;
		return -1;
	}
}

static bool
is_wanted(const struct addr *a, enum net_family family)
{
	return family == NET_ANY || addr_is_v4(a) == (family == NET_V4);
}

/* Add a, unless it is there already or not of the family. 0, or -1. */
static int
append(struct net_addrs *addrs, const struct addr *a, enum net_family family)
{
	struct addr *list;

	if (!is_wanted(a, family))
		return 0;
	for (size_t i = 0; i < addrs->count; i++)
		if (addr_eq(&addrs->list[i], a))
			return 0;
	list = reallocarray(addrs->list, addrs->count + 1, sizeof *list);
	if (list == NULL)
		return -1;
	list[addrs->count++] = *a;
	addrs->list = list;
	return 0;
}

static int
add_every(struct net_addrs *addrs, uint16_t port, enum net_family family)
{
	struct addr v6 = {.port = port}, v4 = {.port = port};

	set_v4(&v4, "\0\0\0");
	if (append(addrs, &v6, family) == -1)
		return -1;
	return append(addrs, &v4, family);
}

static int
look_up(const char *host, enum net_family family, struct addrinfo **found)
{
	static const int families[] = {
	    [NET_ANY] = AF_UNSPEC, [NET_V4] = AF_INET, [NET_V6] = AF_INET6};
	struct addrinfo hints = {
	    .ai_family = families[family],
	    .ai_socktype = SOCK_STREAM,
	};

	return getaddrinfo(host, NULL, &hints, found);
}

static int
add_found(struct net_addrs *addrs, const struct addrinfo *found, uint16_t port,
    enum net_family family)
{
	for (; found != NULL; found = found->ai_next) {
		union sock s = {0};
		struct addr a;

		if (found->ai_addrlen > sizeof s)
			continue;
		memcpy(&s, found->ai_addr, found->ai_addrlen);
		if (from_sock(&s, &a) == -1)
			continue;
		a.port = port;
		if (append(addrs, &a, family) == -1)
			return -1;
	}
	return 0;
}

static int
resolve_name(const char *host, uint16_t port, enum net_family family,
    struct net_addrs *addrs, const char **why)
{
	struct addrinfo *found;
	int code = look_up(host, family, &found);

	if (code != 0) {
		*why = gai_strerror(code);
		return -1;
	}
	code = add_found(addrs, found, port, family);
	freeaddrinfo(found);
	return code;
}

int
net_resolve(const char *host, uint16_t port, enum net_family family,
    struct net_addrs *addrs, const char **why)
{
	struct addr numeric;
	int result;

	*addrs = (struct net_addrs){0};
	*why = "out of memory";
	if (*host == '\0' || strcmp(host, "*") == 0) {
		result = add_every(addrs, port, family);
	} else if (addr_parse_ip(slice_str(host), &numeric) == 0) {
		numeric.port = port;
		result = append(addrs, &numeric, family);
	} else {
		result = resolve_name(host, port, family, addrs, why);
	}
	if (result == 0 && addrs->count == 0) {
		*why = "no address of that family";
		result = -1;
	}
	if (result == -1)
		net_addrs_free(addrs);
	return result;
}

void
net_addrs_free(struct net_addrs *addrs)
{
	free(addrs->list);
	*addrs = (struct net_addrs){0};
}

static void
set_option(int fd, int level, int name, int value)
{
	/* None is worth failing for: a Unix-domain socket knows none. */
	(void)setsockopt(fd, level, name, &value, sizeof value);
}

static int
fail_closing(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static int
stream_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int
net_listen(struct addr *at)
{
	union sock s;
	socklen_t len = to_sock(at, &s);
	int fd = stream_socket(s.any.sa_family);

	if (fd == -1)
		return -1;
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (s.any.sa_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, &s.any, len) == -1 || listen(fd, BACKLOG) == -1)
		return fail_closing(fd);
	if (net_local(fd, at) == -1)
		return fail_closing(fd);
	return fd;
}

static int
bind_source(int fd, struct addr from)
{
	union sock s;
	socklen_t len;

	from.port = 0;
	len = to_sock(&from, &s);
#ifdef IP_BIND_ADDRESS_NO_PORT
	/* The port is chosen with the destination known: many more fit. */
	set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
#endif
	return bind(fd, &s.any, len);
}

int
net_dial(const struct addr *to, const struct addr *from)
{
	union sock s;
	socklen_t len = to_sock(to, &s);
	int fd;

	if (from != NULL && addr_is_v4(from) != addr_is_v4(to)) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	fd = stream_socket(s.any.sa_family);
	if (fd == -1)
		return -1;
	net_tune(fd);
	if (from != NULL && bind_source(fd, *from) == -1)
		return fail_closing(fd);
	/* Interrupted, it goes on nevertheless. */
	if (connect(fd, &s.any, len) == -1 && errno != EINPROGRESS &&
	    errno != EINTR)
		return fail_closing(fd);
	return fd;
}

/* A free port that is dialled may be given to the dialler: it gets itself. */
static bool
is_its_own_peer(int fd)
{
	struct addr near, far;

	return net_local(fd, &near) == 0 && net_remote(fd, &far) == 0 &&
	    addr_eq(&near, &far);
}

int
net_outcome(int fd)
{
	int error;
	socklen_t len = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		return errno;
	if (error == 0 && is_its_own_peer(fd))
		return ECONNREFUSED;
	return error;
}

/* What ended a connection before we took it; another may wait. */
static bool
is_passing(int error)
{
	switch (error) {
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTUNREACH:
		return true;
	default:
		return false;
	}
}

int
net_accept(int listener, struct addr *peer)
{
	union sock s = {0};
	socklen_t len;
	int fd;

	do {
		len = sizeof s;
		fd = accept4(
		    listener, &s.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (fd == -1 && is_passing(errno));
	if (fd == -1)
		return -1;
	if (from_sock(&s, peer) == -1)
		return fail_closing(fd);
	net_tune(fd);
	return fd;
}

/* 0, or the errno that says why fd is not one end of a stream. */
static int
is_no_stream(int fd)
{
	int type;
	socklen_t len = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1)
		return errno;
	if (type != SOCK_STREAM)
		return EPROTOTYPE;
	return net_is_listener(fd) ? EINVAL : 0;
}

int
net_adopt(int fd, struct addr *peer)
{
	int error = is_no_stream(fd), flags;

	if (error != 0) {
		errno = error;
		return -1;
	}
	if (net_remote(fd, peer) == -1)
		return -1;
	flags = fcntl(fd, F_GETFL);
	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	net_tune(fd);
	return 0;
}

int
net_local(int fd, struct addr *a)
{
	union sock s = {0};
	socklen_t len = sizeof s;

	if (getsockname(fd, &s.any, &len) == -1)
		return -1;
	return from_sock(&s, a);
}

int
net_remote(int fd, struct addr *a)
{
	union sock s = {0};
	socklen_t len = sizeof s;

	if (getpeername(fd, &s.any, &len) == -1)
		return -1;
	return from_sock(&s, a);
}

void
net_tune(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_PROBES);
	/* Keep-alive rests while something sent waits to be acknowledged. */
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
}

void
net_hold(int fd, bool hold)
{
#ifdef TCP_CORK
	set_option(fd, IPPROTO_TCP, TCP_CORK, hold);
#else
	(void)fd;
	(void)hold;
#endif
}

size_t
net_unsent(int fd)
{
	int bytes;

	if (ioctl(fd, TIOCOUTQ, &bytes) == -1 || bytes < 0)
		return 0;
	return (size_t)bytes;
}

int
net_unix(int type)
{
	return socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
}

static int
open_unix(const char *path, bool name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct sockaddr *to = (const struct sockaddr *)&at;
	size_t len = strlen(path);
	int fd = len < NET_UNIX_PATH ? net_unix(SOCK_DGRAM) : -1, on = 1;

	if (fd == -1) {
		errno = len < NET_UNIX_PATH ? errno : ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, len);
	if (name &&
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1)
		return fail_closing(fd);
	if ((name ? bind : connect)(fd, to, sizeof at) == -1)
		return fail_closing(fd);
	return fd;
}

int
net_unix_bind(const char *path)
{
	return open_unix(path, true);
}

int
net_unix_dial(const char *path)
{
	return open_unix(path, false);
}

bool
net_is_listener(int fd)
{
	int listens = 0;
	socklen_t len = sizeof listens;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == -1)
		return false;
	return listens != 0;
}

void
net_reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

uint64_t
net_raise_descriptors(void)
{
	struct rlimit limit;
	rlim_t before;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 0;
	before = limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		return before;
	return limit.rlim_cur;
}
