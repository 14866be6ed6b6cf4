/*
 * talk - hold one TCP conversation, for tests of servers.
 *
 *	talk HOST PORT [-f ADDRESS] [-s N] [-w] [-t SECONDS]
 *
 * Connects, sends standard input, closes its sending side when that ends, and
 * prints what arrives until the other side ends the conversation.
 *
 *	-f ADDRESS
 *		connect from this IPv4 address
 *	-s N	send in writes of N bytes, each a segment of its own, with a
 *		short pause between
 *	-w	wait: leave the sending side open when standard input ends
 *	-t SECONDS
 *		give up after so long, 10 by default
 *
 * Exit status: 0 the other side ended in order, 1 no connection or another
 * failure, 2 bad usage, 3 the connection was reset, 4 time-out. It has nothing
 * from the library: it stands for programs that are not ours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK 65536
#define PAUSE_MS 2
#define TIMEOUT_MS 10000
#define SECONDS_MAX 86400

enum { ENDED = 0, FAILED = 1, USAGE = 2, RESET = 3, TIMEOUT = 4, GOING = -1 };

struct options {
	const char *host;
	const char *port;
	struct sockaddr_in from; /* sin_family is 0: any */
	size_t segment;
	bool wait;
	int64_t timeout_ms;
};

struct talk {
	int fd;
	bool wait;
	bool sending;
	size_t segment;
	int64_t deadline;
	int64_t send_at;
	bool reset;
	size_t out_at, out_len;
	char out[CHUNK];
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
failed(const char *what)
{
	fprintf(stderr, "talk: %s: %s\n", what, strerror(errno));
	return FAILED;
}

/* Connect within the time to one address; -1 with errno. */
static int
connect_to(const struct options *o, const struct addrinfo *a, int64_t deadline)
{
	int fd = socket(a->ai_family, SOCK_STREAM, 0), error = 0, on = 1;
	int64_t left = deadline - now_ms();
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof error;

	if (fd < 0)
		return -1;
	if (o->from.sin_family != 0 &&
	    bind(fd, (const struct sockaddr *)&o->from, sizeof o->from) < 0) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!connect(fd, a->ai_addr, a->ai_addrlen))
		return fd;
	if (errno != EINPROGRESS)
		error = errno;
	else if (poll(&p, 1, left > 0 ? (int)left : 0) < 1)
		error = ETIMEDOUT;
	else
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

static int
connect_any(const struct options *o, int64_t deadline)
{
	struct addrinfo want = {.ai_socktype = SOCK_STREAM}, *all;
	int fd = -1, error = getaddrinfo(o->host, o->port, &want, &all);

	if (error) {
		fprintf(stderr, "talk: %s port %s: %s\n", o->host, o->port,
		    gai_strerror(error));
		return -1;
	}
	for (struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
		fd = connect_to(o, a, deadline);
	if (fd < 0)
		fprintf(stderr, "talk: %s port %s: %s\n", o->host, o->port,
		    strerror(errno));
	freeaddrinfo(all);
	return fd;
}

static void
stop_sending(struct talk *t)
{
	t->sending = false;
	if (!t->wait)
		shutdown(t->fd, SHUT_WR);
}

static int
read_input(struct talk *t)
{
	ssize_t n = read(STDIN_FILENO, t->out, CHUNK);

	if (n < 0)
		return errno == EINTR ? GOING : failed("standard input");
	if (n == 0)
		stop_sending(t);
	t->out_at = 0;
	t->out_len = (size_t)n;
	return GOING;
}

/* After an error here, what the other side said before may still be read. */
static int
send_some(struct talk *t)
{
	size_t left = t->out_len - t->out_at;
	ssize_t n;

	if (t->segment > 0 && left > t->segment)
		left = t->segment;
	n = send(t->fd, t->out + t->out_at, left, 0);
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return GOING;
		t->out_at = t->out_len;
		t->sending = false;
		t->reset = errno == ECONNRESET;
		return t->reset || errno == EPIPE ? GOING : failed("send");
	}
	t->out_at += (size_t)n;
	if (t->segment > 0)
		t->send_at = now_ms() + PAUSE_MS;
	return GOING;
}

static int
write_all(const char *p, size_t n)
{
	ssize_t done;

	for (; n > 0; p += done, n -= (size_t)done) {
		done = write(STDOUT_FILENO, p, n);
		if (done < 0 && errno != EINTR)
			return -1;
		if (done < 0)
			done = 0;
	}
	return 0;
}

static int
receive_some(struct talk *t)
{
	char in[CHUNK];
	ssize_t n = recv(t->fd, in, sizeof in, 0);

	if (n == 0)
		return ENDED;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return GOING;
	if (n < 0)
		return errno == ECONNRESET ? RESET : failed("receive");
	if (write_all(in, (size_t)n))
		return failed("standard output");
	return GOING;
}

/* Wait for what may happen next and do it. */
static int
step(struct talk *t)
{
	int64_t now = now_ms(), until = t->deadline;
	bool held = t->out_at < t->out_len, due = now >= t->send_at;
	struct pollfd p[2] = {{.fd = t->fd, .events = POLLIN},
	    {.fd = t->sending && !held ? STDIN_FILENO : -1, .events = POLLIN}};
	int status = GOING;

	if (now >= t->deadline)
		return TIMEOUT;
	if (held && due)
		p[0].events |= POLLOUT;
	else if (held && t->send_at < until)
		until = t->send_at;
	if (poll(p, 2, (int)(until - now)) < 0)
		return errno == EINTR ? GOING : failed("poll");
	if (p[0].revents & ~POLLOUT)
		status = receive_some(t);
	if (status == GOING && p[0].revents & POLLOUT)
		status = send_some(t);
	if (status == GOING && p[1].revents)
		status = read_input(t);
	return status;
}

static int
converse(const struct options *o)
{
	struct talk t = {.wait = o->wait,
	    .sending = true,
	    .segment = o->segment,
	    .deadline = now_ms() + o->timeout_ms};
	int status = GOING;

	t.fd = connect_any(o, t.deadline);
	if (t.fd < 0)
		return FAILED;
	while (status == GOING)
		status = step(&t);
	close(t.fd);
	return status == ENDED && t.reset ? RESET : status;
}

static int
usage(void)
{
	fputs("usage: talk HOST PORT [-f ADDRESS] [-s N] [-w] [-t SECONDS]\n",
	    stderr);
	return USAGE;
}

/* A number from 1 to max, or 0. */
static long
number(const char *text, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	return errno || *end || n < 1 || n > max ? 0 : n;
}

static bool
take_option(struct options *o, int c)
{
	switch (c) {
	case 'f':
		o->from.sin_family = AF_INET;
		return inet_pton(AF_INET, optarg, &o->from.sin_addr) == 1;
	case 's':
		o->segment = (size_t)number(optarg, CHUNK);
		return o->segment > 0;
	case 't':
		o->timeout_ms = number(optarg, SECONDS_MAX) * 1000;
		return o->timeout_ms > 0;
	case 'w':
		o->wait = true;
		return true;
	default:
		return false;
	}
}

/* Operands may stand before, between and behind the options. */
static bool
take_arguments(struct options *o, int argc, char **argv)
{
	int c;

	while (optind < argc) {
		c = getopt(argc, argv, "+f:s:t:w");
		if (c != -1) {
			if (!take_option(o, c))
				return false;
		} else if (optind < argc) {
			if (o->port)
				return false;
			*(o->host ? &o->port : &o->host) = argv[optind++];
		}
	}
	return o->port != NULL;
}

int
main(int argc, char **argv)
{
	struct options o = {.timeout_ms = TIMEOUT_MS};

	signal(SIGPIPE, SIG_IGN);
	if (!take_arguments(&o, argc, argv))
		return usage();
	return converse(&o);
}
