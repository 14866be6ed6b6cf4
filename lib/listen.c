#include "listen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "addr.h"
#include "log.h"
#include "loop.h"
#include "net.h"

/* Connections taken at a time, so that those at hand are served between. */
#define ACCEPT_TURN 64
#define RETRY_MS 100

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
