#include "indexd/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "indexd/limits.h"
#include "lib/addr.h"
#include "lib/log.h"
#include "lib/net.h"
#include "tap.h"

/* More than there are shards. */
#define THREADS 6

extern __typeof(pthread_create) __real_pthread_create, __wrap_pthread_create;

/* So many threads can still be had; negative: any number. */
static int threads_left = -1;

/* In place of libc's (Makefile.am). */
int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how,
    void *(*run)(void *), void *with)
{
	if (threads_left == 0)
		return EAGAIN;
	if (threads_left > 0)
		threads_left--;
	return __real_pthread_create(thread, how, run, with);
}

static struct limits limits = LIMITS_DEFAULT;
static struct addr at;
static int listener;

static struct server *
start(unsigned threads)
{
	const struct server_spec spec = {
	    .listeners = &listener,
	    .listener_count = 1,
	    .reception = -1,
	    .threads = threads,
	    .limits = &limits,
	};

	return server_start(&spec);
}

static struct server *
must_start(unsigned threads)
{
	struct server *s = start(threads);

	if (!s)
		abort();
	return s;
}

/* A connection that says PING; whether it is answered is a matter of servers. */
static int
ping(void)
{
	const struct sockaddr_in to = {
	    .sin_family = AF_INET,
	    .sin_port = htons(at.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof to) < 0 ||
	    send(fd, "PING\n", 5, MSG_NOSIGNAL) != 5)
		abort();
	return fd;
}

/* Whether one PONG comes. */
static bool
hears(int fd)
{
	char answer[5];

	return recv(fd, answer, sizeof answer, MSG_WAITALL) == 5 &&
	    memcmp(answer, "PONG\n", 5) == 0;
}

static bool
is_answered(int fd)
{
	return send(fd, "PING\n", 5, MSG_NOSIGNAL) == 5 && hears(fd);
}

/* A connection that is served: the server has counted it. */
static int
served(void)
{
	int fd = ping();

	if (!hears(fd))
		abort();
	return fd;
}

static bool
is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) <= 0;
}

/* Whether another server serves who waits there. */
static bool
is_served_then(int fd)
{
	struct server *s = must_start(1);
	bool served = hears(fd);

	server_stop(s);
	return served;
}

static void
test_start(void)
{
	struct server *s = NULL;
	bool told = true;
	int n = 0, one;

	for (; !s; n++) {
		threads_left = n;
		errno = 0;
		s = start(THREADS);
		told = told && (s || errno == EAGAIN);
	}
	threads_left = -1;
	tap_ok(told && n > THREADS,
	    "a server that lacks a thread does not start, and says why");
	one = served();
	tap_ok(is_answered(one), "one that has all of them does");
	server_stop(s);
	close(one);
}

static void
test_quiet(unsigned threads)
{
	struct server *s = must_start(threads);
	int waiting;

	tap_ok(server_leave(s) == SERVER_LEAVES,
	    "a server of %u threads leaves when there is nobody", threads);
	waiting = ping();
	server_stop(s);
	tap_ok(
	    is_served_then(waiting), "who comes then waits for another server");
	close(waiting);
}

static void
test_busy(unsigned threads)
{
	struct server *s = must_start(threads);
	int one = served(), more[THREADS];
	bool stays = true, answered = true;

	tap_is_num(server_quiet_ms(s), 0, "while there is one it is not quiet");
	for (int i = 0; i < THREADS; i++) {
		stays = stays && server_leave(s) == SERVER_STAYS;
		more[i] = served();
		answered = answered && is_answered(one);
	}
	tap_ok(stays, "a server of %u threads stays for one", threads);
	for (int i = 0; i < THREADS; i++) {
		answered = answered && is_answered(more[i]);
		close(more[i]);
	}
	tap_ok(answered, "and serves it and others as before");
	server_stop(s);
	tap_ok(is_closed(one), "until it is stopped");
	close(one);
}

/* What is said meanwhile is in text, of which there is room for so much. */
static enum server_leaving
leave(struct server *s, char *text, size_t room)
{
	int said = memfd_create("said", MFD_CLOEXEC), err = dup(STDERR_FILENO);
	enum server_leaving left;
	ssize_t n;

	if (said < 0 || err < 0)
		abort();
	dup2(said, STDERR_FILENO);
	left = server_leave(s);
	dup2(err, STDERR_FILENO);
	n = pread(said, text, room - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(said);
	close(err);
	return left;
}

/* As many as are left can be had when it would go on. */
static void
test_short(unsigned threads, int left)
{
	struct server *s = must_start(threads);
	int one = served(), waiting;
	char said[256];
	bool fails;

	threads_left = left;
	fails = leave(s, said, sizeof said) == SERVER_FAILS;
	threads_left = -1;
	tap_ok(fails, "a server that finds %d of its %u threads cannot stay",
	    left, threads);
	tap_is_str(said,
	    "t_server: cannot go on: Resource temporarily unavailable\n",
	    "and says why");
	waiting = ping();
	server_stop(s);
	tap_ok(is_closed(one), "whom it has served sees the end");
	/* A thread that goes on may have accepted that, and ends with it. */
	if (left == 0)
		tap_ok(is_served_then(waiting),
		    "who comes then waits for another server");
	close(waiting);
	close(one);
}

int
main(void)
{
	alarm(60);
	log_open("t_server", LOG_LEVEL_QUIET);
	addr_parse_ip(SLICE("127.0.0.1"), &at);
	listener = net_listen(&at);
	if (listener < 0)
		abort();
	test_start();
	test_quiet(1);
	test_quiet(THREADS);
	test_busy(1);
	test_busy(THREADS);
	test_short(1, 0);
	for (int left = 0; left < THREADS; left++)
		test_short(THREADS, left);
	close(listener);
	return tap_done();
}
