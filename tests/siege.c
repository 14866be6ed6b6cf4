/*
 * siege - many connections that mean no good, for tests of servers.
 *
 *	siege HOST PORT COUNT [-f ADDRESS] [-a COUNT] [-s TEXT] [-n TIMES]
 *	    [-b] [-t TEXT] [-r BYTES] [-o]
 *
 * Keeps COUNT connections to HOST, an address; one that ends is dialled again.
 * Each sends what it is told to and does not read, unless it is told to. Prints
 * "siege: stands" once that many have stood, goes on until standard input ends,
 * and then says how many it dialled, how many bytes it sent, and how many
 * connections the other side ended.
 *
 *	-f ADDRESS	from this IPv4 address and those that follow it,
 *	-a COUNT	so many connections from each, 64 by default
 *	-s TEXT		send this, with the escapes \r \n \0 \\
 *	-n TIMES	so many times
 *	-b		in pieces of a byte
 *	-t TEXT		then this, over and over, a byte a second
 *	-r BYTES	read so many bytes a second
 *	-o		once: what ends is not dialled again, and it ends with the last
 *
 * Exit status: 0, 1 when there is no connection at all, 2 bad usage. It has
 * nothing from the library: it stands for programs that are not ours, and for
 * machines that are not: it leaves the processor to who is besieged.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FROM_EACH 64
#define TICK_MS 1000
#define REDIAL_MS 10
#define RECEIVE_BYTES 4096
#define EVENTS 256
#define STEP_BACK 10

struct text {
	char *ptr;
	size_t len;
};

struct options {
	struct sockaddr_in to;
	struct sockaddr_in from;
	bool from_given;
	size_t from_each;
	size_t count;
	struct text send;
	unsigned long times;
	bool bytewise;
	struct text trickle;
	size_t read;
	bool once;
};

struct attacker {
	int fd; /* -1: none */
	bool stood;
	unsigned long times; /* the text has been sent */
	size_t at; /* of the text */
	size_t trickled;
};

struct siege {
	struct options o;
	int poll;
	struct attacker *all;
	bool told;
	unsigned long long dialled, stood, sent, ended;
};

static _Noreturn void
usage(void)
{
	fprintf(stderr,
	    "usage: siege HOST PORT COUNT [-f ADDRESS] [-a COUNT] [-s TEXT] "
	    "[-n TIMES] [-b] [-t TEXT] [-r BYTES] [-o]\n");
	exit(2);
}

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "siege: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long
number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n > max)
		usage();
	return n;
}

static char
escaped(char c)
{
	switch (c) {
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	case '0':
		return '\0';
	default:
		return c;
	}
}

static struct text
unescape(const char *in)
{
	struct text text = {.ptr = malloc(strlen(in) + 1)};

	if (!text.ptr)
		fail("text");
	for (; *in; in++) {
		bool escape = *in == '\\' && in[1];

		text.ptr[text.len++] = escape ? escaped(*++in) : *in;
	}
	return text;
}

static struct sockaddr_in
address(const char *host, unsigned long port)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		usage();
	return a;
}

static struct options
options(int argc, char **argv)
{
	struct options o = {.times = 1, .from_each = FROM_EACH};
	/* Not every getopt takes options behind operands. */
	static const struct option none[] = {{0}};
	int c;

	while (
	    (c = getopt_long(argc, argv, "f:a:s:n:bt:r:o", none, NULL)) != -1)
		switch (c) {
		case 'f':
			o.from = address(optarg, 0);
			o.from_given = true;
			break;
		case 'a':
			o.from_each = number(optarg, 100000);
			break;
		case 's':
			o.send = unescape(optarg);
			break;
		case 'n':
			o.times = number(optarg, 1000000000);
			break;
		case 'b':
			o.bytewise = true;
			break;
		case 't':
			o.trickle = unescape(optarg);
			break;
		case 'r':
			o.read = number(optarg, 65536);
			break;
		case 'o':
			o.once = true;
			break;
		default:
			usage();
		}
	if (argc - optind != 3 || o.from_each == 0)
		usage();
	o.to = address(argv[optind], number(argv[optind + 1], 65535));
	o.count = number(argv[optind + 2], 100000);
	return o;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Descriptors for all of them, if they may be had. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
connecting(const struct options *o, size_t which)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in from = o->from;
	int room = RECEIVE_BYTES, on = 1;

	if (fd < 0)
		return -1;
	from.sin_addr.s_addr = htonl(
	    ntohl(from.sin_addr.s_addr) + (uint32_t)(which / o->from_each));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if ((o->from_given &&
		bind(fd, (struct sockaddr *)&from, sizeof from) < 0) ||
	    (connect(fd, (const struct sockaddr *)&o->to, sizeof o->to) < 0 &&
		errno != EINPROGRESS)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
dial(struct siege *s, struct attacker *a)
{
	struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP};

	event.data.ptr = a;
	*a = (struct attacker){.fd = connecting(&s->o, (size_t)(a - s->all))};
	if (a->fd < 0)
		return;
	s->dialled++;
	if (epoll_ctl(s->poll, EPOLL_CTL_ADD, a->fd, &event) < 0)
		fail("epoll_ctl");
}

static void
lose(struct siege *s, struct attacker *a)
{
	s->ended += a->stood;
	close(a->fd);
	a->fd = -1;
}

/* It has nothing to send but what it trickles, if anything. */
static void
rest(const struct siege *s, struct attacker *a)
{
	struct epoll_event event = {.events = EPOLLRDHUP};

	event.data.ptr = a;
	epoll_ctl(s->poll, EPOLL_CTL_MOD, a->fd, &event);
}

/* Send up to len bytes. Whether all of them went; what fails ends it. */
static bool
send_some(struct siege *s, struct attacker *a, const char *text, size_t len,
    size_t *at)
{
	ssize_t n = send(a->fd, text + *at, len - *at, MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN)
			lose(s, a);
		return false;
	}
	s->sent += (unsigned long long)n;
	*at += (size_t)n;
	return *at == len;
}

/* The text, or a byte of it. Whether that went. */
static bool
send_piece(struct siege *s, struct attacker *a)
{
	const struct text *text = &s->o.send;
	size_t end = s->o.bytewise ? a->at + 1 : text->len;

	if (!send_some(s, a, text->ptr, end, &a->at))
		return false;
	if (a->at == text->len) {
		a->at = 0;
		a->times++;
	}
	return true;
}

/* Bounded, so that all get their turn. */
static void
send_on(struct siege *s, struct attacker *a)
{
	for (int i = 0; i < 64 && a->times < s->o.times; i++)
		if (!send_piece(s, a))
			return;
	if (a->times == s->o.times)
		rest(s, a);
}

static bool
was_refused(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error == ECONNREFUSED;
}

static void
on_event(struct siege *s, struct attacker *a, uint32_t events)
{
	if (!a->stood && !was_refused(a->fd)) {
		a->stood = true;
		s->stood++;
	}
	if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
		lose(s, a);
		return;
	}
	if (s->o.send.len)
		send_on(s, a);
	else
		rest(s, a);
}

static void
tell(struct siege *s)
{
	if (s->told || s->stood < s->o.count)
		return;
	s->told = true;
	printf("siege: stands\n");
	fflush(stdout);
}

static void
tick(struct siege *s, struct attacker *a)
{
	char bytes[65536];

	if (a->fd < 0 || !a->stood)
		return;
	if (s->o.read)
		recv(a->fd, bytes, s->o.read, MSG_DONTWAIT);
	if (s->o.trickle.len && (!s->o.send.len || a->times == s->o.times))
		send_some(s, a,
		    s->o.trickle.ptr + a->trickled++ % s->o.trickle.len, 1,
		    &(size_t){0});
}

static void
redial(struct siege *s)
{
	if (s->o.once)
		return;
	for (size_t i = 0; i < s->o.count; i++)
		if (s->all[i].fd < 0)
			dial(s, &s->all[i]);
}

/* Whether standard input has ended, or nothing is left to be done. */
static bool
is_over(const struct siege *s)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	char byte;

	if (s->o.once && s->ended == s->o.count)
		return true;
	return poll(&in, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

static void
besiege(struct siege *s)
{
	struct epoll_event events[EVENTS];
	int64_t ticked = now_ms();

	while (!is_over(s)) {
		int n = epoll_wait(s->poll, events, EVENTS, REDIAL_MS);

		for (int i = 0; i < n; i++)
			on_event(s, events[i].data.ptr, events[i].events);
		tell(s);
		redial(s);
		if (now_ms() - ticked < TICK_MS)
			continue;
		ticked = now_ms();
		for (size_t i = 0; i < s->o.count; i++)
			tick(s, &s->all[i]);
	}
}

int
main(int argc, char **argv)
{
	struct siege s = {.o = options(argc, argv)};

	raise_descriptors();
	nice(STEP_BACK);
	s.poll = epoll_create1(EPOLL_CLOEXEC);
	s.all = calloc(s.o.count, sizeof *s.all);
	if (s.poll < 0 || !s.all)
		fail("start");
	for (size_t i = 0; i < s.o.count; i++)
		dial(&s, &s.all[i]);
	if (s.dialled == 0)
		fail("connect");
	besiege(&s);
	printf("siege: dialled %llu, sent %llu bytes, %llu ended by them\n",
	    s.dialled, s.sent, s.ended);
	free(s.o.send.ptr);
	free(s.o.trickle.ptr);
	free(s.all);
	return 0;
}
