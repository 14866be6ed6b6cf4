#include "peers.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/clock.h"
#include "tests/bench/dial.h"

#define EVENTS 256
#define LINE_BYTES 128
#define READ_BYTES ((size_t)256 * 1024)

/* At most so much of one peer's at a time, and less when there is a rate. */
#define TURN_BYTES ((size_t)1024 * 1024)
#define PACED_BYTES ((size_t)64 * 1024)
#define PACE_US 200

struct peer {
	int fd; /* -1: not connected */
	const struct payload *payload;
	size_t sent;
	uint64_t answers; /* still to come */
	uint64_t added; /* names that are new, says redis-server */
	char line[LINE_BYTES]; /* the beginning of one, from the index */
	size_t line_len;
};

struct peers {
	enum wire wire;
	uint16_t port;
	int epoll;
	size_t count;
	size_t registering; /* have answers to come */
	char *read; /* READ_BYTES */
	struct peer all[];
};

struct peers *
peers_new(enum wire wire, uint16_t port, size_t count)
{
	struct peers *p = calloc(1, sizeof *p + count * sizeof *p->all);

	if (!p || !(p->read = malloc(READ_BYTES)))
		err(1, NULL);
	p->wire = wire;
	p->port = port;
	p->count = count;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0)
		err(1, "epoll");
	for (size_t n = 0; n < count; n++)
		p->all[n].fd = -1;
	return p;
}

void
peers_free(struct peers *p)
{
	for (size_t n = 0; n < p->count; n++)
		peers_leave(p, n);
	close(p->epoll);
	free(p->read);
	free(p);
}

unsigned
peers_port(size_t n)
{
	return 1 + (unsigned)(n % 65535);
}

void
peers_give(struct peers *p, size_t n, const struct payload *payload)
{
	p->all[n].payload = payload;
}

static void
watch(struct peers *p, struct peer *peer, int change, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = peer};

	if (epoll_ctl(p->epoll, change, peer->fd, &event) < 0)
		err(1, "epoll");
}

/* Version 2 wants its HELLO answered before anything follows. */
static void
greet(struct peer *peer, unsigned port)
{
	char hello[64], answer[64];
	ssize_t n;

	snprintf(hello, sizeof hello, "HELLO %u nap/2\n", port);
	dial_send(peer->fd, hello, strlen(hello));
	n = recv(peer->fd, answer, sizeof answer, 0);
	if (n < 4 || strncmp(answer, "OK ", 3) != 0 || answer[n - 1] != '\n')
		errx(1, "HELLO was not answered as it should be");
}

void
peers_join(struct peers *p, size_t n)
{
	struct peer *peer = &p->all[n];

	peer->fd = dial(p->port, n);
	peer->sent = 0;
	peer->added = 0;
	peer->line_len = 0;
	if (p->wire == WIRE_NAP2)
		greet(peer, peers_port(n));
	peer->answers = p->wire == WIRE_REDIS ? peer->payload->names : 1;
	if (fcntl(peer->fd, F_SETFL, O_NONBLOCK) < 0)
		err(1, "O_NONBLOCK");
	watch(p, peer, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
	p->registering++;
}

void
peers_leave(struct peers *p, size_t n)
{
	if (p->all[n].fd < 0)
		return;
	close(p->all[n].fd);
	p->all[n].fd = -1;
}

static void
answered(struct peers *p, struct peer *peer, uint64_t answers)
{
	if (answers > peer->answers)
		errx(1, "there were more answers than questions");
	peer->answers -= answers;
	if (answers > 0 && peer->answers == 0)
		p->registering--;
}

static void
line_from_index(struct peers *p, struct peer *peer, const char *line)
{
	char registered[LINE_BYTES];

	if (strcmp(line, "PING") == 0) {
		/* So little always finds room. */
		dial_send(peer->fd, "PONG\n", 5);
		return;
	}
	if (p->wire == WIRE_SEED && strcmp(line, "END") != 0)
		return;
	if (strncmp(line, "NOTE ", 5) == 0)
		return;
	snprintf(registered, sizeof registered, "OK %llu 0",
	    (unsigned long long)peer->payload->names);
	if (p->wire == WIRE_NAP2 && strcmp(line, registered) != 0)
		errx(1, "the index answered '%s' for '%s'", line, registered);
	answered(p, peer, 1);
}

static void
take_lines(struct peers *p, struct peer *peer, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p->read[i] != '\n') {
			peer->line[peer->line_len++] = p->read[i];
			if (peer->line_len == LINE_BYTES)
				errx(1, "a line of the index is too long");
			continue;
		}
		peer->line[peer->line_len] = '\0';
		peer->line_len = 0;
		line_from_index(p, peer, peer->line);
	}
}

/* Each SADD is answered ":1": the name had not that member before. */
static void
take_replies(struct peers *p, struct peer *peer, size_t len)
{
	uint64_t ends = 0, ones = 0;

	for (size_t i = 0; i < len; i++) {
		ends += p->read[i] == '\n';
		ones += p->read[i] == '1';
	}
	peer->added += ones;
	answered(p, peer, ends);
	if (peer->answers == 0 && peer->added != peer->payload->names)
		errx(1, "redis-server did not take all names");
}

/* Read what has come from a peer's other side. */
static void
receive(struct peers *p, struct peer *peer)
{
	ssize_t n = recv(peer->fd, p->read, READ_BYTES, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		err(1, "receive");
	if (n == 0)
		errx(1, "the other side hung up");
	if (p->wire == WIRE_REDIS)
		take_replies(p, peer, (size_t)n);
	else
		take_lines(p, peer, (size_t)n);
}

/* Send what the socket takes, at most most. Returns the bytes. */
static size_t
transmit(struct peers *p, struct peer *peer, size_t most)
{
	size_t left = peer->payload->bytes.len - peer->sent;
	ssize_t n = send(peer->fd, peer->payload->bytes.at + peer->sent,
	    left < most ? left : most, MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		err(1, "send");
	if (n < 0)
		return 0;
	peer->sent += (size_t)n;
	if (peer->sent == peer->payload->bytes.len)
		watch(p, peer, EPOLL_CTL_MOD, EPOLLIN);
	return (size_t)n;
}

/* How fast: the bytes that may have been sent so far. */
struct pace {
	int64_t start;
	double bytes_per_ns; /* 0: as fast as can be */
	size_t sent;
};

static struct pace
pace_start(const struct peers *p, uint64_t rate)
{
	struct pace pace = {.start = clock_ns()};
	double bytes = 0, names = 0;

	for (size_t n = 0; rate > 0 && n < p->count; n++) {
		if (p->all[n].fd < 0 || p->all[n].answers == 0)
			continue;
		bytes += (double)p->all[n].payload->bytes.len;
		names += (double)p->all[n].payload->names;
	}
	if (names > 0)
		pace.bytes_per_ns = bytes / names * (double)rate / 1e9;
	return pace;
}

static void
pace_wait(const struct pace *pace)
{
	while (pace->bytes_per_ns > 0 &&
	    (double)pace->sent >
		pace->bytes_per_ns * (double)(clock_ns() - pace->start))
		clock_sleep_us(PACE_US);
}

int64_t
peers_register(struct peers *p, uint64_t rate)
{
	struct pace pace = pace_start(p, rate);
	size_t most = rate > 0 ? PACED_BYTES : TURN_BYTES;
	struct epoll_event events[EVENTS];

	while (p->registering > 0) {
		int ready = epoll_wait(p->epoll, events, EVENTS, -1);

		for (int i = 0; i < ready; i++) {
			struct peer *peer = events[i].data.ptr;

			if (events[i].events & ~(uint32_t)EPOLLOUT)
				receive(p, peer);
			if (!(events[i].events & EPOLLOUT))
				continue;
			pace_wait(&pace);
			pace.sent += transmit(p, peer, most);
		}
	}
	return clock_ns() - pace.start;
}

/* Whether standard input has something; false at its end. */
static bool
drain_input(void)
{
	char bytes[256];

	return read(STDIN_FILENO, bytes, sizeof bytes) > 0;
}

void
peers_stay(struct peers *p)
{
	struct pollfd wait[] = {
	    {.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = p->epoll, .events = POLLIN},
	};
	struct epoll_event events[EVENTS];
	int ready;

	for (;;) {
		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			err(1, "poll");
		if (wait[0].revents && !drain_input())
			return;
		ready = epoll_wait(p->epoll, events, EVENTS, 0);
		for (int i = 0; i < ready; i++)
			receive(p, events[i].data.ptr);
	}
}
