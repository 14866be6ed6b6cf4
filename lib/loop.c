#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "loop_backend.h"
#include "loop_heap.h"

_Static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a signal handler sets these");

struct loop {
	struct loop_backend *backend;
	struct loop_heap timers;
	struct loop_task *first;
	struct loop_task **last;
	int64_t now;
	int64_t linger; /* in microseconds */
	bool running;
	size_t ready; /* so many had events when they were last waited for */
	struct loop_io kicks;
	int kick; /* where writing makes kicks ready */
	atomic_bool kicked;
	atomic_bool stopped;
	atomic_bool woke;
	void (*woken)(void *arg);
	void *arg;
};

/* What another thread or a signal handler asked for has come. */
static void
on_kick(struct loop_io *io, unsigned events)
{
	struct loop *loop = LOOP_OWNER(io, struct loop, kicks);
	char bytes[16];

	(void)events;
	while (read(io->fd, bytes, sizeof bytes) == -1 && errno == EINTR)
		continue;
	/* Only now, and before woke: a later call must write again. */
	atomic_store(&loop->kicked, false);
	if (atomic_exchange(&loop->woke, false) && loop->woken != NULL)
		loop->woken(loop->arg);
}

struct loop *
loop_new(void)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int ends[2];

	if (loop == NULL)
		return NULL;
	loop->last = &loop->first;
	loop->kicks = (struct loop_io){.fd = -1, .ready = on_kick};
	loop->kick = -1;
	loop->backend = loop_backend_new();
	if (loop->backend == NULL)
		goto fail;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		goto fail;
	loop->kicks.fd = ends[0];
	loop->kick = ends[1];
	if (loop_watch(loop, &loop->kicks, LOOP_READ) == -1)
		goto fail;
	return loop;
fail:
	loop_free(loop);
	return NULL;
}

/* Those that wait now; what they defer waits for the next time. */
static void
run_tasks(struct loop *loop)
{
	struct loop_task *task = loop->first;

	loop->first = NULL;
	loop->last = &loop->first;
	while (task != NULL) {
		struct loop_task *next = task->next;

		task->run(task);
		task = next;
	}
}

void
loop_free(struct loop *loop)
{
	int error = errno;

	if (loop == NULL)
		return;
	run_tasks(loop);
	loop_heap_free(&loop->timers);
	loop_backend_free(loop->backend);
	if (loop->kick != -1) {
		close(loop->kicks.fd);
		close(loop->kick);
	}
	free(loop);
	errno = error;
}

int64_t
loop_now(const struct loop *loop)
{
	return loop->running ? loop->now : clock_ms();
}

static int
change(struct loop *loop, struct loop_io *io, unsigned events)
{
	if (io->events == events)
		return 0;
	if (loop_backend_watch(loop->backend, io, events) == -1)
		return -1;
	io->events = events;
	return 0;
}

int
loop_watch(struct loop *loop, struct loop_io *io, unsigned events)
{
	return change(loop, io, events);
}

int
loop_watch_shared(struct loop *loop, struct loop_io *io)
{
	return change(loop, io, LOOP_READ | LOOP_BACKEND_SHARED);
}

int
loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t ms)
{
	if (__builtin_add_overflow(clock_ms(), ms < 0 ? 0 : ms, &timer->due))
		timer->due = INT64_MAX;
	return loop_heap_put(&loop->timers, timer);
}

void
loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	loop_heap_remove(&loop->timers, timer);
}

bool
loop_timer_is_set(const struct loop_timer *timer)
{
	return timer->place != 0;
}

/* At most as many as there are: one that sets itself anew cannot hold us. */
static void
run_timers(struct loop *loop)
{
	for (size_t left = loop->timers.count; left > 0; left--) {
		struct loop_timer *timer = loop_heap_first(&loop->timers);

		if (timer == NULL || timer->due > loop->now)
			return;
		loop_heap_remove(&loop->timers, timer);
		timer->fire(timer);
	}
}

void
loop_defer(struct loop *loop, struct loop_task *task)
{
	task->next = NULL;
	*loop->last = task;
	loop->last = &task->next;
}

/* Milliseconds that waiting may last; -1: no limit. */
static int
patience(const struct loop *loop)
{
	const struct loop_timer *timer = loop_heap_first(&loop->timers);
	int64_t ms;

	if (loop->first != NULL)
		return 0;
	if (timer == NULL)
		return -1;
	ms = timer->due - clock_ms();
	if (ms < 0)
		return 0;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

void
loop_linger(struct loop *loop, int64_t us)
{
	loop->linger = us;
}

/* Look for events for a while, letting others run. As loop_backend_wait. */
static int
look_about(struct loop *loop)
{
	int64_t end = clock_us() + loop->linger;
	int fetched;

	do {
		sched_yield();
		fetched = loop_backend_wait(loop->backend, 0);
	} while (fetched == 0 && clock_us() < end);
	return fetched;
}

size_t
loop_ready(const struct loop *loop)
{
	return loop->ready > 0 ? loop->ready : 1;
}

static int
wait_for_events(struct loop *loop)
{
	int ms = patience(loop), fetched = 0;

	if (loop->ready > 0 && loop->linger > 0 && ms != 0)
		fetched = look_about(loop);
	if (fetched == 0)
		fetched = loop_backend_wait(loop->backend, ms);
	loop->ready = fetched > 0 ? (size_t)fetched : 0;
	return fetched;
}

static int
turn(struct loop *loop)
{
	if (wait_for_events(loop) == -1)
		return -1;
	loop->now = clock_ms();
	loop_backend_deliver(loop->backend);
	run_timers(loop);
	return 0;
}

int
loop_run(struct loop *loop)
{
	int result = 0;

	loop->now = clock_ms();
	loop->running = true;
	for (;;) {
		run_tasks(loop);
		if (atomic_exchange(&loop->stopped, false))
			break;
		result = turn(loop);
		if (result == -1)
			break;
	}
	loop->running = false;
	return result;
}

/* Make the loop return from waiting; errno is the interrupted code's. */
static void
kick(struct loop *loop)
{
	int error = errno;

	if (atomic_exchange(&loop->kicked, true))
		return;
	while (write(loop->kick, "", 1) == -1 && errno == EINTR)
		continue;
	errno = error;
}

void
loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopped, true);
	kick(loop);
}

void
loop_on_wake(struct loop *loop, void (*woken)(void *arg), void *arg)
{
	loop->woken = woken;
	loop->arg = arg;
}

void
loop_wake(struct loop *loop)
{
	atomic_store(&loop->woke, true);
	kick(loop);
}
