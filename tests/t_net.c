#include "lib/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static struct addr
ip(const char *text, uint16_t port)
{
	struct addr a = {0};

	if (addr_parse_ip(slice_str(text), &a) == -1)
		abort();
	a.port = port;
	return a;
}

/* The addresses that host resolves to, as one text, or why it does not. */
static const char *
resolved(const char *host, enum net_family family)
{
	static char all[1024];
	struct net_addrs addrs;
	const char *why;
	char text[ADDR_TEXT];

	if (net_resolve(host, 80, family, &addrs, &why) == -1)
		return addrs.count || addrs.list ? "not emptied" : why;
	all[0] = '\0';
	for (size_t i = 0; i < addrs.count && i < 8; i++) {
		if (i > 0)
			strcat(all, " ");
		strcat(all, addr_text(&addrs.list[i], text));
	}
	net_addrs_free(&addrs);
	return all;
}

static void
test_resolve(void)
{
	tap_is_str(resolved("192.0.2.7", NET_ANY), "192.0.2.7:80",
	    "a numeric IPv4 address is itself");
	tap_is_str(resolved("2001:db8::7", NET_ANY), "[2001:db8::7]:80",
	    "so is a numeric IPv6 address");
	tap_is_str(
	    resolved("fe80::1%1", NET_V6), "[fe80::1%1]:80", "a scope is kept");
	tap_is_str(resolved("::ffff:192.0.2.7", NET_V4), "192.0.2.7:80",
	    "a mapped address is IPv4");
	tap_is_str(resolved("192.0.2.7", NET_V6), "no address of that family",
	    "an IPv4 address is no IPv6 one");
	tap_is_str(resolved("::1", NET_V4), "no address of that family",
	    "nor the other way round");
	tap_is_str(resolved("", NET_ANY), "[::]:80 0.0.0.0:80",
	    "an empty name is every address of both families");
	tap_is_str(resolved("*", NET_V4), "0.0.0.0:80",
	    "a star is every address, here of IPv4");
	tap_is_str(resolved("*", NET_V6), "[::]:80", "or of IPv6");
	tap_is_str(resolved("localhost", NET_V4), "127.0.0.1:80",
	    "localhost is the loopback, once");
	tap_ok(strstr(resolved("256.1.1.1.", NET_V4), ":80") == NULL,
	    "what is neither name nor address says why");
}

static void
test_listen(void)
{
	struct addr at = ip("127.0.0.1", 0), again, local;
	int fd = net_listen(&at), other;

	tap_ok(fd >= 0, "a socket listens");
	tap_ok(at.port != 0, "a free port is told");
	tap_ok(fcntl(fd, F_GETFL) & O_NONBLOCK, "it does not block");
	tap_ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "it closes on exec");
	tap_ok(net_is_listener(fd), "it is known for a listener");
	tap_ok(net_local(fd, &local) == 0 && addr_eq(&local, &at),
	    "its address can be asked for");
	again = at;
	other = net_listen(&again);
	tap_ok(other == -1 && errno == EADDRINUSE, "a taken port is refused");
	tap_ok(net_accept(fd, &again) == -1 && errno == EAGAIN,
	    "EAGAIN says that nobody waits");
	close(fd);
	tap_ok(!net_is_listener(fd), "a closed descriptor listens no more");
}

static int
pipe_end(void)
{
	int ends[2];

	if (pipe(ends) == -1)
		abort();
	close(ends[1]);
	return ends[0];
}

static void
test_listener_kinds(void)
{
	int pipe = pipe_end(), plain = net_unix(SOCK_DGRAM);
	struct addr a;

	tap_ok(!net_is_listener(pipe), "a pipe is no listener");
	tap_ok(!net_is_listener(plain), "nor is a socket that does not listen");
	tap_ok(fcntl(plain, F_GETFD) & FD_CLOEXEC,
	    "a Unix-domain socket closes on exec");
	tap_ok(net_local(plain, &a) == -1 && errno == EAFNOSUPPORT,
	    "a Unix-domain socket has no address of ours");
	tap_ok(
	    net_local(pipe, &a) == -1 && errno == ENOTSOCK, "nor has a pipe");
	close(pipe);
	close(plain);
}

static void
test_v6_only(void)
{
	struct addr six = ip("::", 0), four;
	int a = net_listen(&six), b;

	if (a == -1) {
		tap_ok(true, "IPv6 alone # SKIP no IPv6 here");
		return;
	}
	four = ip("0.0.0.0", six.port);
	b = net_listen(&four);
	tap_ok(b >= 0, "IPv6 and IPv4 listen on the same port");
	close(a);
	close(b);
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	getsockopt(fd, level, name, &value, &len);
	return value;
}

static bool
is_tuned(int fd)
{
	return option(fd, IPPROTO_TCP, TCP_NODELAY) > 0 &&
	    option(fd, SOL_SOCKET, SO_KEEPALIVE) > 0 &&
	    option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 15 &&
	    option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 10 &&
	    option(fd, IPPROTO_TCP, TCP_KEEPCNT) == 3;
}

static bool
wait_for(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, 10000) == 1;
}

/* Both ends of a new connection to at. */
static bool
connect_pair(int listener, const struct addr *at, int ends[2])
{
	struct addr peer;

	ends[0] = net_dial(at, NULL);
	if (ends[0] == -1 || !wait_for(listener, POLLIN))
		return false;
	ends[1] = net_accept(listener, &peer);
	return ends[1] != -1 && wait_for(ends[0], POLLOUT);
}

static void
test_connection(const char *host)
{
	struct addr at = ip(host, 0), peer, a, b;
	int listener = net_listen(&at), out, in;

	if (listener == -1) {
		tap_ok(true, "a connection to %s # SKIP not here", host);
		return;
	}
	out = net_dial(&at, NULL);
	tap_ok(out >= 0, "a connection to %s begins", host);
	tap_ok(wait_for(listener, POLLIN), "the listener becomes readable");
	in = net_accept(listener, &peer);
	tap_ok(in >= 0, "it is accepted");
	tap_ok(wait_for(out, POLLOUT), "the dialler becomes writable");
	tap_is_num(net_outcome(out), 0, "the connection stands");
	net_local(out, &a);
	tap_ok(addr_eq(&a, &peer), "accepting tells who it is");
	net_remote(out, &b);
	tap_ok(addr_eq(&b, &at), "the other end is the one dialled");
	tap_ok(net_local(in, &b) == 0 && addr_eq(&b, &at),
	    "this end is the listener's");
	tap_ok(is_tuned(out) && is_tuned(in), "both ends are tuned");
	tap_ok(fcntl(in, F_GETFL) & O_NONBLOCK,
	    "what is accepted is "
	    "non-blocking");
	tap_ok(fcntl(in, F_GETFD) & FD_CLOEXEC, "and closes on exec");
	close(out);
	close(in);
	close(listener);
}

static void
test_refused(void)
{
	struct addr at = ip("127.0.0.1", 0);
	int fd = net_listen(&at), error;

	close(fd);
	fd = net_dial(&at, NULL);
	if (fd != -1)
		wait_for(fd, POLLOUT);
	error = fd == -1 ? errno : net_outcome(fd);
	tap_is_num(error, ECONNREFUSED, "a port without a listener refuses");
	if (fd != -1)
		close(fd);
	tap_is_num(net_outcome(-1), EBADF, "no descriptor has no outcome");
}

/* A dialler bound to the very port that it dials. */
static void
test_own_peer(void)
{
	struct addr at = ip("127.0.0.1", 0);
	int fd = net_listen(&at);
	struct sockaddr_in self = {
	    .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(at.port),
	};

	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&self, sizeof self) == -1 ||
	    connect(fd, (struct sockaddr *)&self, sizeof self) == -1)
		tap_ok(true, "its own peer # SKIP not here");
	else
		tap_is_num(net_outcome(fd), ECONNREFUSED,
		    "a connection to itself is none");
	close(fd);
}

static void
test_source(void)
{
	struct addr at = ip("127.0.0.1", 0), from = ip("127.0.0.2", 9), peer;
	struct addr six = ip("::1", 0), elsewhere = ip("192.0.2.1", 0);
	int listener = net_listen(&at), out = net_dial(&at, &from), in;

	wait_for(listener, POLLIN);
	in = net_accept(listener, &peer);
	tap_ok(in >= 0 && addr_same_host(&peer, &from),
	    "a dialler comes from the address that it is told");
	tap_ok(peer.port != 9, "whose port is ignored");
	tap_ok(net_dial(&at, &six) == -1 && errno == EAFNOSUPPORT,
	    "a source of the other family is refused");
	tap_ok(net_dial(&at, &elsewhere) == -1 && errno == EADDRNOTAVAIL,
	    "so is one that is not ours");
	close(out);
	close(in);
	close(listener);
}

static void
test_aborted_before_accept(void)
{
	struct addr at = ip("127.0.0.1", 0), peer, second;
	int listener = net_listen(&at), first = net_dial(&at, NULL), out, in;

	wait_for(first, POLLOUT);
	net_reset(first);
	out = net_dial(&at, NULL);
	wait_for(out, POLLOUT);
	net_local(out, &second);
	in = net_accept(listener, &peer);
	if (in != -1 && !addr_eq(&peer, &second)) {
		close(in);
		in = net_accept(listener, &peer);
	}
	tap_ok(in != -1 && addr_eq(&peer, &second),
	    "a connection reset while it waits does not hide the next");
	close(in);
	close(out);
	close(listener);
}

static void
test_reset(void)
{
	struct addr at = ip("127.0.0.1", 0);
	int listener = net_listen(&at), ends[2];
	char byte;

	tap_ok(connect_pair(listener, &at, ends), "a connection stands");
	tap_is_num((long long)net_unsent(ends[0]), 0, "nothing is unsent");
	net_reset(ends[0]);
	wait_for(ends[1], POLLIN);
	tap_ok(recv(ends[1], &byte, 1, 0) == -1 && errno == ECONNRESET,
	    "a reset is seen as one");
	close(ends[1]);
	close(listener);
}

static void
test_unsent(void)
{
	struct addr at = ip("127.0.0.1", 0);
	int listener = net_listen(&at), ends[2];
	static char bytes[65536];

	connect_pair(listener, &at, ends);
	while (send(ends[0], bytes, sizeof bytes, 0) > 0)
		continue;
	tap_ok(net_unsent(ends[0]) > 0,
	    "what the other end has no room for is unsent");
	tap_is_num((long long)net_unsent(-1), 0,
	    "nothing is unsent where nobody knows");
	close(ends[0]);
	close(ends[1]);
	close(listener);
}

static void
test_hold(void)
{
	struct addr at = ip("127.0.0.1", 0);
	int listener = net_listen(&at), ends[2];
	char bytes[8];

	connect_pair(listener, &at, ends);
	net_tune(ends[0]);
	net_hold(ends[0], true);
	tap_ok(send(ends[0], "ab", 2, 0) == 2 && send(ends[0], "cd", 2, 0) == 2,
	    "what is held back is taken all the same");
	net_hold(ends[0], false);
	wait_for(ends[1], POLLIN);
	tap_is_num(recv(ends[1], bytes, sizeof bytes, 0), 4,
	    "and leaves in one piece when it is let go");
	close(ends[0]);
	close(ends[1]);
	close(listener);
}

static void
test_descriptors(void)
{
	struct rlimit limit;
	uint64_t got = net_raise_descriptors();

	getrlimit(RLIMIT_NOFILE, &limit);
	tap_ok(limit.rlim_cur == limit.rlim_max && got == limit.rlim_cur,
	    "the limit of descriptors is raised as far as it goes");
}

static void
test_adopt(void)
{
	struct addr at = ip("127.0.0.1", 0), peer, far;
	int listener = net_listen(&at), ends[2], given;

	tap_ok(connect_pair(listener, &at, ends), "a connection stands");
	net_local(ends[1], &far);
	/* As it would come from elsewhere, untuned. */
	given = dup(ends[0]);
	fcntl(given, F_SETFL, 0);
	tap_ok(net_adopt(given, &peer) == 0 && addr_eq(&peer, &far),
	    "one that another has accepted is adopted, and tells who it is");
	tap_ok(is_tuned(given) && fcntl(given, F_GETFL) & O_NONBLOCK &&
		fcntl(given, F_GETFD) & FD_CLOEXEC,
	    "and is then as if it had come to us");
	close(given);
	tap_ok(net_adopt(listener, &peer) == -1 && errno == EINVAL,
	    "a listener is not adopted");
	net_reset(ends[1]);
	wait_for(ends[0], POLLIN);
	tap_ok(net_adopt(ends[0], &peer) == -1 && errno == ENOTCONN,
	    "nor is a connection that was reset");
	close(ends[0]);
	close(listener);
}

static void
test_adopt_refused(void)
{
	struct addr peer;
	int unknown = socket(AF_INET, SOCK_DGRAM, 0), pair[2], ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1 || pipe(ends) == -1)
		abort();
	tap_ok(net_adopt(unknown, &peer) == -1 && errno == EPROTOTYPE,
	    "datagrams are no connection");
	tap_ok(net_adopt(pair[0], &peer) == -1 && errno == EAFNOSUPPORT,
	    "a stream within the system is none of ours");
	tap_ok(net_adopt(ends[0], &peer) == -1 && errno == ENOTSOCK,
	    "a pipe is no socket");
	close(unknown);
	for (int i = 0; i < 2; i++) {
		close(pair[i]);
		close(ends[i]);
	}
}

static void
test_unix(void)
{
	char dir[] = "/tmp/t_net.XXXXXX", path[64],
	     long_path[NET_UNIX_PATH + 1];
	int at, to;
	char byte;

	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(path, sizeof path, "%s/socket", dir);
	tap_ok(net_unix_dial(path) == -1 && errno == ENOENT,
	    "where no socket is nobody is found");
	at = net_unix_bind(path);
	to = net_unix_dial(path);
	tap_ok(at >= 0 && to >= 0 && send(to, "x", 1, 0) == 1 &&
		recv(at, &byte, 1, MSG_DONTWAIT) == 1,
	    "what is sent to a path arrives at who is bound to it");
	tap_ok(
	    net_unix_bind(path) == -1 && errno == EADDRINUSE, "which is one");
	close(at);
	tap_ok(net_unix_dial(path) == -1 && errno == ECONNREFUSED,
	    "once that has closed it nobody is there");
	memset(long_path, 'x', NET_UNIX_PATH);
	long_path[NET_UNIX_PATH] = '\0';
	tap_ok(net_unix_bind(long_path) == -1 && errno == ENAMETOOLONG,
	    "a path that does not fit is refused");
	close(to);
	unlink(path);
	rmdir(dir);
}

int
main(void)
{
	alarm(60);
	test_resolve();
	test_listen();
	test_listener_kinds();
	test_v6_only();
	test_connection("127.0.0.1");
	test_connection("::1");
	test_refused();
	test_own_peer();
	test_source();
	test_aborted_before_accept();
	test_reset();
	test_adopt();
	test_adopt_refused();
	test_unix();
	test_unsent();
	test_hold();
	test_descriptors();
	return tap_done();
}
