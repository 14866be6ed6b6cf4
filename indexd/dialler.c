#include "dialler.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/loop.h"
#include "lib/net.h"

/* Calls begun in a turn, so that clients are served between. */
#define TURN 16

/* When descriptors or memory were short. */
#define RETRY_MS 500

struct dialler_call {
	struct loop_io io; /* its descriptor is -1 while the call waits */
	struct loop_timer limit;
	struct dialler *dialler;
	struct dialler_call *next; /* among those that wait */
	struct dialler_call **here;
	struct addr to;
	void (*told)(void *arg, bool reached);
	void *arg;
};

struct dialler {
	struct dialler_spec spec;
	unsigned under_way;
	struct dialler_call *first; /* of those that wait */
	struct dialler_call **end;
	struct loop_timer turn;
};

static void
enqueue(struct dialler_call *call)
{
	struct dialler *d = call->dialler;

	call->next = NULL;
	call->here = d->end;
	*d->end = call;
	d->end = &call->next;
}

static void
dequeue(struct dialler_call *call)
{
	*call->here = call->next;
	if (call->next)
		call->next->here = call->here;
	else
		call->dialler->end = call->here;
}

/* The next turn, if there is something to do in it. 0, or -1 with ENOMEM. */
static int
arm(struct dialler *d, int64_t ms)
{
	if (!d->first || d->under_way >= d->spec.most ||
	    loop_timer_is_set(&d->turn))
		return 0;
	return loop_timer_set(d->spec.loop, &d->turn, ms);
}

/* Let go of the descriptor, and of the time that was set for it. */
static void
hang_up(struct dialler_call *call)
{
	struct dialler *d = call->dialler;

	loop_timer_cancel(d->spec.loop, &call->limit);
	loop_watch(d->spec.loop, &call->io, 0);
	close(call->io.fd);
	call->io.fd = -1;
	d->under_way--;
}

/* It neither waits nor is under way. */
static void
tell(struct dialler_call *call, bool reached)
{
	void (*told)(void *, bool) = call->told;
	void *arg = call->arg;

	free(call);
	told(arg, reached);
}

static void
finish(struct dialler_call *call, bool reached)
{
	struct dialler *d = call->dialler;

	hang_up(call);
	arm(d, 0);
	tell(call, reached);
}

static void
on_ready(struct loop_io *io, unsigned events)
{
	(void)events;
	finish(
	    LOOP_OWNER(io, struct dialler_call, io), net_outcome(io->fd) == 0);
}

static void
on_limit(struct loop_timer *timer)
{
	finish(LOOP_OWNER(timer, struct dialler_call, limit), false);
}

/* We lack something: that says nothing of who is dialled. */
static bool
is_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM;
}

/* 0, or -1 with errno. */
static int
begin(struct dialler_call *call)
{
	struct dialler *d = call->dialler;

	call->io.fd = net_dial(&call->to, NULL);
	if (call->io.fd == -1)
		return -1;
	d->under_way++;
	if (loop_watch(d->spec.loop, &call->io, LOOP_WRITE) == 0 &&
	    loop_timer_set(d->spec.loop, &call->limit, d->spec.ms) == 0)
		return 0;
	hang_up(call);
	errno = ENOMEM;
	return -1;
}

static void
take_turn(struct loop_timer *timer)
{
	struct dialler *d = LOOP_OWNER(timer, struct dialler, turn);
	struct dialler_call *call;

	for (int i = 0; i < TURN && d->under_way < d->spec.most; i++) {
		call = d->first;
		if (!call)
			return;
		if (begin(call) < 0 && is_short(errno)) {
			arm(d, RETRY_MS);
			return;
		}
		dequeue(call);
		if (call->io.fd == -1)
			tell(call, false);
	}
	arm(d, 0);
}

struct dialler *
dialler_new(const struct dialler_spec *spec)
{
	struct dialler *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->spec = *spec;
	d->end = &d->first;
	d->turn.fire = take_turn;
	return d;
}

void
dialler_free(struct dialler *d)
{
	free(d);
}

struct dialler_call *
dialler_call(struct dialler *d, const struct addr *to,
    void (*told)(void *arg, bool reached), void *arg)
{
	struct dialler_call *call = calloc(1, sizeof *call);

	if (!call)
		return NULL;
	call->io = (struct loop_io){.fd = -1, .ready = on_ready};
	call->limit.fire = on_limit;
	call->dialler = d;
	call->to = *to;
	call->told = told;
	call->arg = arg;
	enqueue(call);
	if (arm(d, 0) == 0)
		return call;
	dialler_cancel(call);
	errno = ENOMEM;
	return NULL;
}

void
dialler_cancel(struct dialler_call *call)
{
	struct dialler *d;

	if (!call)
		return;
	d = call->dialler;
	if (call->io.fd == -1) {
		dequeue(call);
	} else {
		hang_up(call);
		arm(d, 0);
	}
	free(call);
}
