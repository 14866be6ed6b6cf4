/*
 * pulls - fetch one file over HTTP again and again.
 *
 *	pulls PORT PATH BYTES CONNECTIONS REQUESTS [PID ...]
 *
 * Each connection has one request under way, until REQUESTS have been made in
 * all. Every answer must be a 200 with BYTES of content. What does not arrive
 * together with the head is dropped in the kernel, so that as little as can be
 * is spent on this side, which shares the processors with the other.
 *
 * Prints the seconds from the first request to the last byte, then the seconds
 * of processor time that went to this program and to the processes PID.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/clock.h"
#include "tests/bench/dial.h"
#include "tests/bench/number.h"
#include "tests/bench/spent.h"

#define CONNECTIONS_MAX 1000
#define REQUEST_BYTES 8192
/* A small file comes whole together with its head. */
#define HEAD_BYTES 8192
#define DROP_BYTES ((size_t)1 << 20)

#define STATUS "HTTP/1.1 200 "
#define LENGTH "Content-Length:"

struct task {
	uint64_t port, bytes, connections, requests;
	const char *path;
	char **pids; /* up to a NULL */
};

/* One connection, at one answer: in its head until content is left. */
struct pull {
	int fd;
	uint64_t left; /* bytes of content */
	size_t len; /* of what came with the head */
	char head[HEAD_BYTES];
};

struct contest {
	const struct task *task;
	char request[REQUEST_BYTES];
	size_t request_len;
	uint64_t asked, answered;
	struct pull *pulls;
	int epoll;
};

static void
take_arguments(struct task *t, int argc, char *argv[])
{
	if (argc < 6 || number_parse(argv[1], 1, 65535, &t->port) < 0 ||
	    *argv[2] != '/' ||
	    number_parse(argv[3], 1, INT64_MAX, &t->bytes) < 0 ||
	    number_parse(argv[4], 1, CONNECTIONS_MAX, &t->connections) < 0 ||
	    number_parse(argv[5], t->connections, UINT32_MAX, &t->requests) < 0)
		errx(2,
		    "usage: pulls PORT /PATH BYTES CONNECTIONS REQUESTS "
		    "[PID ...]");
	t->path = argv[2];
	t->pids = argv + 6;
}

static void
prepare(struct contest *c, const struct task *t)
{
	int len;

	*c = (struct contest){.task = t, .epoll = epoll_create1(EPOLL_CLOEXEC)};
	c->pulls = calloc(t->connections, sizeof *c->pulls);
	if (c->epoll < 0 || !c->pulls)
		err(1, NULL);
	len = snprintf(c->request, sizeof c->request,
	    "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", t->path,
	    (unsigned)t->port);
	if (len < 0 || (size_t)len >= sizeof c->request)
		errx(1, "the path is too long");
	c->request_len = (size_t)len;
	for (size_t i = 0; i < t->connections; i++) {
		struct pull *p = &c->pulls[i];
		struct epoll_event event = {EPOLLIN, {.ptr = p}};

		p->fd = dial((uint16_t)t->port, 0);
		if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, p->fd, &event) < 0)
			err(1, "epoll");
	}
}

static void
ask(struct contest *c, struct pull *p)
{
	p->len = 0;
	if (c->asked == c->task->requests)
		return;
	dial_send(p->fd, c->request, c->request_len);
	c->asked++;
}

/* How long a head says that its content is; -1 when it does not. */
static int64_t
content_length(const char *head, const char *end)
{
	const char *line = head;

	while ((line = memchr(line, '\n', (size_t)(end - line)))) {
		line++;
		if (strncasecmp(line, LENGTH, sizeof LENGTH - 1) == 0)
			return strtoll(line + sizeof LENGTH - 1, NULL, 10);
	}
	return -1;
}

/* Whether the head is complete. It is as it should be, then. */
static int
take_head(const struct task *t, struct pull *p)
{
	const char *end = memmem(p->head, p->len, "\r\n\r\n", 4);
	size_t content;

	if (!end && p->len == HEAD_BYTES)
		errx(1, "the head of an answer is too long");
	if (!end)
		return 0;
	content = p->len - (size_t)(end + 4 - p->head);
	if (strncmp(p->head, STATUS, sizeof STATUS - 1) != 0)
		errx(1, "an answer is not 200: %.*s", (int)(end - p->head),
		    p->head);
	if (content_length(p->head, end) != (int64_t)t->bytes ||
	    content > t->bytes)
		errx(1, "an answer has not %llu bytes: %.*s",
		    (unsigned long long)t->bytes, (int)(end - p->head),
		    p->head);
	p->left = t->bytes - content;
	return 1;
}

/* What has come; where the kernel cannot drop it, it goes into the bin. */
static size_t
receive(struct pull *p)
{
	static char bin[DROP_BYTES];
	size_t drop = p->left < DROP_BYTES ? (size_t)p->left : DROP_BYTES;
	ssize_t n;

	if (p->left > 0)
		n = recv(p->fd, bin, drop, MSG_TRUNC);
	else
		n = recv(p->fd, p->head + p->len, HEAD_BYTES - p->len, 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0)
		err(1, "the server");
	if (n == 0)
		errx(1, "the server hung up");
	return (size_t)n;
}

static void
take(struct contest *c, struct pull *p)
{
	size_t n = receive(p);

	if (p->left > 0) {
		p->left -= n;
	} else {
		p->len += n;
		if (!take_head(c->task, p))
			return;
	}
	if (p->left > 0)
		return;
	c->answered++;
	ask(c, p);
}

static void
run(struct contest *c)
{
	struct epoll_event events[CONNECTIONS_MAX];

	for (size_t i = 0; i < c->task->connections; i++)
		ask(c, &c->pulls[i]);
	while (c->answered < c->task->requests) {
		int n = epoll_wait(c->epoll, events, CONNECTIONS_MAX, -1);

		if (n < 0 && errno != EINTR)
			err(1, "epoll");
		for (int i = 0; i < n; i++)
			take(c, events[i].data.ptr);
	}
}

static void
finish(struct contest *c)
{
	for (size_t i = 0; i < c->task->connections; i++)
		close(c->pulls[i].fd);
	close(c->epoll);
	free(c->pulls);
}

/* By all processes that were named, together. */
static int64_t
spent_by(char *const *pids)
{
	int64_t ns = 0;
	uint64_t pid;

	for (; *pids; pids++) {
		if (number_parse(*pids, 1, INT32_MAX, &pid) < 0)
			errx(2, "%s is not a process", *pids);
		ns += spent_ns((pid_t)pid);
	}
	return ns;
}

int
main(int argc, char *argv[])
{
	struct contest contest;
	struct task task;
	int64_t start, own, theirs;

	take_arguments(&task, argc, argv);
	prepare(&contest, &task);
	theirs = spent_by(task.pids);
	own = spent_ns(getpid());
	start = clock_ns();
	run(&contest);
	printf("%.6f %.6f %.6f\n", (double)(clock_ns() - start) / 1e9,
	    (double)(spent_ns(getpid()) - own) / 1e9,
	    (double)(spent_by(task.pids) - theirs) / 1e9);
	finish(&contest);
	return 0;
}
