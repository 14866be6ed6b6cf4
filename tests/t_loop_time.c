#include "lib/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tap.h"

struct alarm {
	struct loop_timer timer;
	struct loop_io io;
	struct loop *loop;
	int count;
	int64_t at;
};

static void
on_alarm_stop(struct loop_timer *timer)
{
	struct alarm *a = LOOP_OWNER(timer, struct alarm, timer);

	a->count++;
	a->at = loop_now(a->loop);
	loop_stop(a->loop);
}

/* Let the loop run for ms. */
static void
run_for(struct loop *loop, int64_t ms)
{
	struct alarm a = {.timer.fire = on_alarm_stop, .loop = loop};

	loop_timer_set(loop, &a.timer, ms);
	loop_run(loop);
}

static void
test_timer(void)
{
	struct loop *loop = loop_new();
	struct alarm a = {.timer.fire = on_alarm_stop, .loop = loop};
	struct alarm b = {.timer.fire = on_alarm_stop, .loop = loop};
	int64_t start = loop_now(loop);

	tap_ok(!loop_timer_is_set(&a.timer), "a new timer is not set");
	loop_timer_cancel(loop, &a.timer);
	loop_timer_set(loop, &a.timer, 20);
	tap_ok(loop_timer_is_set(&a.timer), "a timer is set");
	loop_run(loop);
	tap_ok(a.at - start >= 20, "a timer does not fire early");
	tap_ok(!loop_timer_is_set(&a.timer), "it is not set once it fired");
	loop_timer_set(loop, &a.timer, INT64_MAX);
	loop_timer_set(loop, &b.timer, -5);
	loop_run(loop);
	tap_is_num(b.count, 1, "a time that has passed fires at once");
	tap_is_num(a.count, 1, "the longest time does not");
	loop_timer_set(loop, &a.timer, 1);
	loop_timer_set(loop, &b.timer, 10000);
	loop_run(loop);
	tap_is_num(a.count, 2, "setting a timer again moves it");
	loop_timer_cancel(loop, &b.timer);
	tap_ok(!loop_timer_is_set(&b.timer), "a timer can be cancelled");
	loop_timer_set(loop, &b.timer, 10000);
	loop_free(loop);
	tap_ok(!loop_timer_is_set(&b.timer), "a freed loop leaves none set");
}

enum { CROWD = 20000 };

struct crowd {
	struct loop *loop;
	struct alarm alarms[CROWD];
	int64_t last;
	int fired;
	int left;
	bool ordered;
};

static struct crowd crowd;

static void
on_crowd(struct loop_timer *timer)
{
	struct alarm *a = LOOP_OWNER(timer, struct alarm, timer);

	crowd.ordered &= timer->due >= crowd.last;
	crowd.last = timer->due;
	a->count++;
	crowd.fired++;
	if (--crowd.left == 0)
		loop_stop(crowd.loop);
}

static void
test_crowd(void)
{
	bool each = true;

	crowd.loop = loop_new();
	crowd.ordered = true;
	crowd.left = CROWD;
	srand(7);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < CROWD; i++) {
			crowd.alarms[i].timer.fire = on_crowd;
			loop_timer_set(crowd.loop, &crowd.alarms[i].timer,
			    60 + rand() % 100);
		}
	for (int i = 0; i < CROWD; i += 3) {
		loop_timer_cancel(crowd.loop, &crowd.alarms[i].timer);
		crowd.left--;
	}
	loop_run(crowd.loop);
	for (int i = 0; i < CROWD; i++)
		each &= crowd.alarms[i].count == (i % 3 != 0);
	tap_ok(each, "of %d timers each fires once, or never when cancelled",
	    CROWD);
	tap_ok(crowd.ordered, "they fire in the order of their times");
	loop_free(crowd.loop);
}

static void
on_restless(struct loop_timer *timer)
{
	struct alarm *a = LOOP_OWNER(timer, struct alarm, timer);

	a->count++;
	loop_timer_set(a->loop, timer, 0);
}

static void
on_byte(struct loop_io *io, unsigned events)
{
	(void)events;
	loop_stop(LOOP_OWNER(io, struct alarm, io)->loop);
}

static void
test_restless_timer(void)
{
	struct loop *loop = loop_new();
	struct alarm a = {.timer.fire = on_restless, .loop = loop};
	int ends[2];

	if (pipe(ends) == -1 || write(ends[1], "x", 1) != 1)
		abort();
	a.io = (struct loop_io){.fd = ends[0], .ready = on_byte};
	loop_timer_set(loop, &a.timer, 0);
	loop_watch(loop, &a.io, LOOP_READ);
	loop_run(loop);
	tap_ok(true, "a timer that sets itself starves nobody");
	loop_free(loop);
	close(ends[0]);
	close(ends[1]);
}

struct chore {
	struct loop_task task;
	struct loop *loop;
	int count;
	int again;
	int *order;
};

static void
on_chore(struct loop_task *task)
{
	struct chore *c = LOOP_OWNER(task, struct chore, task);

	c->count = ++*c->order;
	if (c->again-- > 0)
		loop_defer(c->loop, task);
	else
		loop_stop(c->loop);
}

static void
test_tasks(void)
{
	struct loop *loop = loop_new();
	int order = 0;
	struct chore a = {{.run = on_chore}, loop, 0, 0, &order}, b = a, c = a;

	loop_defer(loop, &a.task);
	loop_defer(loop, &b.task);
	loop_run(loop);
	tap_ok(a.count == 1 && b.count == 2, "tasks run once, in order");
	a.again = 3;
	loop_defer(loop, &a.task);
	loop_run(loop);
	tap_is_num(order, 6, "a task may defer itself");
	loop_defer(loop, &c.task);
	loop_free(loop);
	tap_is_num(c.count, 7, "freeing the loop runs the tasks that wait");
}

static struct loop *signalled;

static void
on_signal(int number)
{
	(void)number;
	loop_stop(signalled);
}

static void
test_stop(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct loop *loop = loop_new();

	loop_stop(loop);
	tap_is_num(loop_run(loop), 0, "a stop before the start counts");
	signalled = loop;
	sigaction(SIGALRM, &action, NULL);
	ualarm(10000, 0);
	tap_is_num(loop_run(loop), 0, "a signal handler can stop the loop");
	action.sa_handler = SIG_DFL;
	sigaction(SIGALRM, &action, NULL);
	loop_free(loop);
	loop_free(NULL);
}

static void *
stop_from_thread(void *arg)
{
	loop_stop(arg);
	return NULL;
}

enum { WAKERS = 4, WAKES = 2000 };

struct bell {
	struct loop *loop;
	atomic_int rung;
	int heard;
	int calls;
};

static void *
ring(void *arg)
{
	struct bell *bell = arg;

	for (int i = 0; i < WAKES; i++) {
		atomic_fetch_add(&bell->rung, 1);
		loop_wake(bell->loop);
	}
	return NULL;
}

static void
on_bell(void *arg)
{
	struct bell *bell = arg;

	bell->calls++;
	bell->heard = atomic_load(&bell->rung);
	if (bell->heard == WAKERS * WAKES)
		loop_stop(bell->loop);
}

static void
test_wake(void)
{
	struct loop *loop = loop_new();
	struct bell bell = {.loop = loop};
	pthread_t threads[WAKERS], stopper;

	loop_on_wake(loop, on_bell, &bell);
	for (int i = 0; i < WAKERS; i++)
		pthread_create(&threads[i], NULL, ring, &bell);
	loop_run(loop);
	for (int i = 0; i < WAKERS; i++)
		pthread_join(threads[i], NULL);
	tap_is_num(bell.heard, WAKERS * WAKES, "no wake of a thread is lost");
	tap_ok(bell.calls <= WAKERS * WAKES, "many wakes may be one call");
	bell.calls = 0;
	atomic_store(&bell.rung, 0);
	loop_wake(loop);
	loop_wake(loop);
	run_for(loop, 5);
	tap_is_num(bell.calls, 1, "wakes before the loop looks are one call");
	pthread_create(&stopper, NULL, stop_from_thread, loop);
	tap_is_num(loop_run(loop), 0, "another thread can stop the loop");
	pthread_join(stopper, NULL);
	loop_free(loop);
}

int
main(void)
{
	test_timer();
	test_crowd();
	test_restless_timer();
	test_tasks();
	test_stop();
	test_wake();
	return tap_done();
}
