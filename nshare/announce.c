#include "announce.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "announce_state.h"
#include "lib/log.h"

/* How long the end of the thread is waited for. */
#define STOP_SECONDS 2

static void
on_retry(struct loop_timer *timer)
{
	announce_dial(LOOP_OWNER(timer, struct announce, retry));
}

static void
on_load_timer(struct loop_timer *timer)
{
	struct announce *a = LOOP_OWNER(timer, struct announce, load);

	if (!a->conn || !a->opened || !registration_is_open(&a->talk))
		return;
	announce_send_load(a);
	conn_flush(a->conn);
}

static void
tell_news(struct announce *a)
{
	if (!atomic_exchange(&a->news, false) || !a->conn || !a->opened)
		return;
	announce_go_on(a);
	if (a->conn)
		conn_flush(a->conn);
}

/* The load has changed: tell, at most once in a while. */
static void
tell_load(struct announce *a)
{
	int64_t ms = a->load_at - loop_now(a->loop);

	if (atomic_load(&a->load_changed) && !loop_timer_is_set(&a->load) &&
	    loop_timer_set(a->loop, &a->load, ms > 0 ? ms : 0) < 0)
		log_warn("index %s: load", a->name);
}

static void
on_wake(void *arg)
{
	struct announce *a = arg;

	tell_load(a);
	tell_news(a);
}

static void *
run(void *arg)
{
	struct announce *a = arg;

	announce_dial(a);
	if (loop_run(a->loop) < 0)
		log_warn("index %s: waiting for events", a->name);
	if (a->conn)
		conn_abort(a->conn, 0);
	return NULL;
}

struct announce *
announce_new(const struct announce_spec *spec)
{
	struct announce *a = calloc(1, sizeof *a);
	struct buf name;

	if (!a)
		return NULL;
	a->spec = *spec;
	a->index = *spec->index;
	buf_borrow(&name, a->name, sizeof a->name);
	locator_host_add(&name, spec->index);
	if (spec->from && addr_is_loopback(spec->from))
		addr_ip_text(spec->from, a->host);
	a->retry.fire = on_retry;
	a->load.fire = on_load_timer;
	a->loop = loop_new();
	if (!a->loop) {
		announce_free(a);
		return NULL;
	}
	loop_on_wake(a->loop, on_wake, a);
	return a;
}

int
announce_start(struct announce *a)
{
	int error = pthread_create(&a->thread, NULL, run, a);

	if (error) {
		errno = error;
		return -1;
	}
	a->started = true;
	return 0;
}

void
announce_load(struct announce *a)
{
	if (!atomic_exchange(&a->load_changed, true))
		loop_wake(a->loop);
}

void
announce_news(struct announce *a)
{
	if (!atomic_exchange(&a->news, true))
		loop_wake(a->loop);
}

/* 0 when the thread has ended. */
static int
end_thread(struct announce *a)
{
	struct timespec until;

	atomic_store(&a->ending, true);
	loop_stop(a->loop);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	return pthread_timedjoin_np(a->thread, NULL, &until) ? -1 : 0;
}

int
announce_free(struct announce *a)
{
	int error = errno;

	if (!a)
		return 0;
	if (a->started && end_thread(a) < 0) {
		log_debug("index %s: still resolving", a->name);
		return -1;
	}
	net_addrs_free(&a->addrs);
	loop_free(a->loop);
	free(a);
	errno = error;
	return 0;
}
