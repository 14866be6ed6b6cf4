#include "lib/conn.h"

#include <errno.h>
#include <sys/socket.h>

#include "tap.h"
#include "told.h"

static void
test_close(void)
{
	enum { SIZE = 8 * 1024 * 1024 };
	struct told t;
	struct told_reader r;
	int peer = told_begin(&t);
	unsigned sum;

	conn_limits(t.c, 100, SIZE, CONN_STALL_MS);
	sum = told_append(t.c, SIZE);
	conn_close(t.c);
	tap_is_num(t.closed, 0, "closing calls nobody back");
	told_put(peer, "words that come too late");
	conn_timer(t.c, 1);
	told_read(&r, peer, 0);
	told_run_until(&t, told_closed);
	told_read_end(&r);
	tap_ok(r.got == SIZE && r.sum == sum && r.error == 0,
	    "what is queued arrives, then the end, whatever else comes");
	tap_is_num(t.error, 0, "the end is an orderly one");
	tap_ok(t.inputs == 0 && t.drained == 0 && t.timeouts == 0,
	    "no callback but closed follows");
	told_finish(&t, peer);
}

static void
test_close_after_eof(void)
{
	struct told t;
	int peer = told_begin(&t);

	shutdown(peer, SHUT_WR);
	told_run_until(&t, told_eof);
	conn_close(t.c);
	told_run_for(t.loop, 0);
	tap_ok(t.closed == 1 && t.error == 0,
	    "with both ends closed nothing lingers");
	told_finish(&t, peer);
}

static void
test_linger_time(void)
{
	struct told t;
	int peer = told_begin(&t);
	int64_t start = loop_now(t.loop);

	conn_close(t.c);
	tap_ok(told_sleeps(t.loop), "lingering costs no time");
	tap_is_num(t.closed, 0, "a close waits for the other end");
	told_run_until(&t, told_closed);
	tap_ok(t.error == 0 && loop_now(t.loop) - start >= 2000,
	    "for two seconds");
	told_finish(&t, peer);
}

static void
test_linger_bytes(void)
{
	struct told t;
	int peer = told_begin(&t);
	pthread_t thread;

	pthread_create(&thread, NULL, told_flood, &peer);
	conn_close(t.c);
	told_run_until(&t, told_closed);
	pthread_join(thread, NULL);
	tap_ok(t.error == 0 && t.dropped < 2 * 1024 * 1024,
	    "who sends on without end is cut off");
	told_finish(&t, peer);
}

static void
close_within(struct told *t)
{
	conn_close(t->c);
	conn_close(t->c);
	conn_pause(t->c, true);
	conn_pause(t->c, false);
	conn_flush(t->c);
}

static void
abort_within(struct told *t)
{
	conn_abort(t->c, EPERM);
	conn_abort(t->c, EINVAL);
	conn_close(t->c);
	conn_pause(t->c, true);
	conn_pause(t->c, false);
	conn_timer(t->c, 1);
	conn_limits(t->c, 1, 1, 1);
	conn_consume(t->c, 1);
	buf_add_str(conn_out(t->c), "x");
	conn_flush(t->c);
}

/* An owner on the heap, which closed frees. */
static void
test_end_within(void (*end)(struct told *t), const char *how)
{
	static const char *const whats[] = {"input", "drained", "timeout"};
	static struct told *t;

	for (int i = 0; i < 3; i++) {
		struct loop *loop;
		int peer;

		t = calloc(1, sizeof *t);
		peer = told_begin(t);
		loop = t->loop;
		t->self = &t;
		t->then = end;
		if (i == 0)
			told_put(peer, "x");
		if (i == 1)
			buf_add_str(conn_out(t->c), "x");
		if (i == 2)
			conn_timer(t->c, 1);
		conn_flush(t->c);
		shutdown(peer, SHUT_WR);
		while (t != NULL)
			told_run_for(loop, 1);
		tap_ok(true, "%s within %s is safe, and the owner may go", how,
		    whats[i]);
		loop_free(loop);
		close(peer);
	}
}

static void
test_abort(void)
{
	struct told t;
	int peer = told_begin(&t);
	char byte;

	conn_abort(t.c, 0);
	tap_is_num(t.closed, 0, "aborting calls nobody back");
	tap_is_num(conn_fd(t.c), -1, "the descriptor is gone at once");
	tap_ok(recv(peer, &byte, 1, 0) == 0,
	    "with nothing under way the other end sees the end");
	told_run_until(&t, told_closed);
	tap_is_num(t.closed, 1, "the loop tells of it once");
	told_finish(&t, peer);
}

int
main(void)
{
	test_close();
	test_close_after_eof();
	test_linger_time();
	test_linger_bytes();
	test_end_within(close_within, "closing");
	test_end_within(abort_within, "aborting");
	test_abort();
	return tap_done();
}
