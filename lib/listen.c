#include "listen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "addr.h"
#include "log.h"
#include "loop.h"
#include "net.h"

/* Connections taken at a time, so that those at hand are served between. */
#define ACCEPT_TURN 8
#define RETRY_MS 100

/* A port that is free for one family may be taken for the other. */
#define FREE_PORT_TRIES 32

struct listen {
	struct loop_io io;
	struct loop_timer retry;
	struct loop_task end;
	struct loop *loop;
	void (*accepted)(void *arg, int fd, const struct addr *peer);
	void *arg;
	bool short_of; /* told that there is no descriptor left */
	bool over;
};

/* errno says why nothing could be accepted. */
static void
rest(struct listen *l)
{
	if (!l->short_of)
		log_warn("accept");
	l->short_of = true;
	if (loop_timer_set(l->loop, &l->retry, RETRY_MS) == 0)
		loop_watch(l->loop, &l->io, 0);
}

static void
on_retry(struct loop_timer *timer)
{
	struct listen *l = LOOP_OWNER(timer, struct listen, retry);

	if (loop_watch_shared(l->loop, &l->io) == -1)
		rest(l);
}

static void
on_ready(struct loop_io *io, unsigned events)
{
	struct listen *l = LOOP_OWNER(io, struct listen, io);
	struct addr peer;

	(void)events;
	for (int i = 0; i < ACCEPT_TURN && !l->over; i++) {
		int fd = net_accept(io->fd, &peer);

		if (fd != -1) {
			l->accepted(l->arg, fd, &peer);
			continue;
		}
		if (errno != EAGAIN)
			rest(l);
		else if (i > 0)
			l->short_of = false;
		return;
	}
}

static void
on_end(struct loop_task *task)
{
	free(LOOP_OWNER(task, struct listen, end));
}

struct listen *
listen_new(struct loop *loop, int listener,
    void (*accepted)(void *arg, int fd, const struct addr *peer), void *arg)
{
	struct listen *l = calloc(1, sizeof *l);

	if (l == NULL)
		return NULL;
	l->io = (struct loop_io){.fd = listener, .ready = on_ready};
	l->retry.fire = on_retry;
	l->end.run = on_end;
	l->loop = loop;
	l->accepted = accepted;
	l->arg = arg;
	if (loop_watch_shared(loop, &l->io) == -1) {
		free(l);
		return NULL;
	}
	return l;
}

void
listen_free(struct listen *l)
{
	if (l == NULL)
		return;
	loop_watch(l->loop, &l->io, 0);
	loop_timer_cancel(l->loop, &l->retry);
	l->over = true;
	loop_defer(l->loop, &l->end);
}

static bool
lacks_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

static void
close_all(const int *fds, int count)
{
	int error = errno;

	while (count > 0)
		close(fds[--count]);
	errno = error;
}

static int
try_open(const struct net_addrs *places, int *fds)
{
	uint16_t taken = 0;
	int count = 0, lacking = 0;

	for (size_t i = 0; i < places->count; i++) {
		struct addr at = places->list[i];

		if (at.port == 0)
			at.port = taken;
		fds[count] = net_listen(&at);
		if (fds[count] >= 0) {
			taken = at.port;
			count++;
		} else if (lacks_family(errno)) {
			lacking = errno;
		} else {
			close_all(fds, count);
			return -1;
		}
	}
	errno = lacking;
	return count > 0 ? count : -1;
}

int
listen_open(const struct net_addrs *places, int *fds)
{
	bool free_port = places->count > 0 && places->list[0].port == 0;
	int count = try_open(places, fds);

	for (int i = 1; i < FREE_PORT_TRIES && free_port; i++) {
		if (count > 0 || errno != EADDRINUSE)
			break;
		count = try_open(places, fds);
	}
	return count;
}
