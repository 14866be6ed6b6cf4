#include "lib/conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/conn_state.h"
#include "lib/net.h"
#include "tap.h"
#include "told.h"

static bool
owns_no_memory(const struct conn *c)
{
	return c->in.mem == NULL && c->out.mem == NULL;
}

static void
answer_twice(struct told *t)
{
	if (t->inputs == 0)
		return;
	buf_add_str(conn_out(t->c), "one ");
	buf_add_str(conn_out(t->c), "two");
	t->then = NULL;
}

static void
test_answer(void)
{
	struct told t;
	int peer = told_begin_unix(&t, SOCK_SEQPACKET);
	char bytes[64];
	ssize_t n;

	t.then = answer_twice;
	told_put(peer, "hello");
	tap_ok(told_run_until(&t, told_drained), "an answer is sent");
	tap_is_num((long long)t.got, 5, "bytes that arrive are told");
	n = recv(peer, bytes, sizeof bytes, MSG_DONTWAIT);
	tap_is_slice(slice_of(bytes, n > 0 ? (size_t)n : 0), SLICE("one two"),
	    "all that a callback appends leaves in one system call");
	tap_is_num(t.drained, 1, "that it left is told once");
	tap_is_num((long long)conn_sent(t.c), 7, "what was sent is counted");
	tap_is_num((long long)conn_pending(t.c), 0, "nothing is pending");
	tap_ok(owns_no_memory(t.c), "an idle connection owns no buffer");
	tap_ok(told_sleeps(t.loop), "and costs no time");
	told_finish(&t, peer);
	tap_is_num(t.closed, 1, "freeing the loop tells of the end");
}

static void
test_keep(void)
{
	struct told t;
	int peer = told_begin(&t);

	t.keep = true;
	told_put(peer, "first ");
	told_run_until(&t, told_input);
	t.inputs = 0;
	told_put(peer, "second");
	told_run_until(&t, told_input);
	tap_is_slice(conn_in(t.c), SLICE("first second"),
	    "what is not consumed stays, before what comes next");
	conn_consume(t.c, 6);
	tap_is_slice(conn_in(t.c), SLICE("second"), "a part can be consumed");
	conn_consume(t.c, 100);
	tap_is_num((long long)conn_in(t.c).len, 0, "more than all is all");
	tap_ok(owns_no_memory(t.c), "which gives the buffer back");
	told_finish(&t, peer);
}

static void
answer_end(struct told *t)
{
	if (t->eofs > 0 && t->drained == 0)
		buf_add_str(conn_out(t->c), "bye");
}

static void
test_half_close(void)
{
	struct told t;
	int peer = told_begin(&t);
	char bytes[8];

	t.then = answer_end;
	told_put(peer, "last words");
	shutdown(peer, SHUT_WR);
	tap_ok(told_run_until(&t, told_eof), "the end of a stream is told");
	tap_is_num((long long)t.got, 10, "after all of its bytes");
	told_run_until(&t, told_drained);
	tap_ok(recv(peer, bytes, sizeof bytes, 0) == 3,
	    "who has ended its stream can still be answered");
	tap_ok(conn_eof(t.c) && t.closed == 0,
	    "the connection stands until it is closed");
	tap_ok(told_sleeps(t.loop), "and costs no time");
	tap_is_num(t.eofs, 1, "the end is told once");
	net_reset(peer);
	tap_ok(told_run_until(&t, told_closed) && t.error != 0,
	    "a reset after the end is noticed");
	tap_ok(!t.after_eof, "no input follows the end");
	told_finish(&t, -1);
}

static void
test_reset(void)
{
	struct told t;
	int peer = told_begin(&t);

	net_reset(peer);
	tap_ok(told_run_until(&t, told_closed) && t.error == ECONNRESET,
	    "a reset ends the connection with ECONNRESET");
	told_run_for(t.loop, 5);
	tap_is_num(t.closed, 1, "which is told once");
	tap_is_num(t.eofs, 0, "and is no end of stream");
	told_finish(&t, -1);
}

static void
test_caps(void)
{
	struct told t;
	int peer = told_begin(&t);

	conn_limits(t.c, 8, 8, 1000);
	tap_is_num(buf_add_str(conn_out(t.c), "12345678"), 0,
	    "output is taken up to its cap");
	tap_ok(buf_add_str(conn_out(t.c), "9") == -1 && errno == ENOBUFS,
	    "beyond it is ENOBUFS");
	conn_limits(t.c, 4, 4, 1000);
	tap_ok(buf_add_str(conn_out(t.c), "9") == -1,
	    "a lower cap drops nothing and takes nothing");
	buf_consume(conn_out(t.c), 8);
	conn_limits(t.c, 8, 8, 1000);
	t.keep = true;
	told_put(peer, "0123456789");
	told_run_until(&t, told_input);
	tap_is_slice(conn_in(t.c), SLICE("01234567"),
	    "reading stops when the input is full");
	tap_ok(told_sleeps(t.loop), "which costs no time");
	t.inputs = 0;
	conn_consume(t.c, 5);
	told_run_until(&t, told_input);
	tap_is_slice(
	    conn_in(t.c), SLICE("56789"), "and goes on when there is room");
	told_finish(&t, peer);
}

static void
test_small_input(void)
{
	char text[4097];
	struct told t;
	int peer = told_begin(&t);

	memset(text, 'x', 4096);
	text[4096] = '\0';
	conn_limits(t.c, 8, 8, 1000);
	told_put(peer, text);
	while (t.got < 4096 && told_run_until(&t, told_input))
		t.inputs = 0;
	tap_is_num((long long)t.got, 4096, "much fits through a small input");
	tap_is_num(t.eofs, 0, "however often it is full, that is no end");
	told_finish(&t, peer);
}

static void
test_pause(void)
{
	struct told t;
	int peer = told_begin(&t);

	conn_pause(t.c, true);
	told_put(peer, "unheard");
	tap_ok(told_sleeps(t.loop), "a paused connection costs no time");
	tap_is_num(t.inputs, 0, "and is told of no bytes");
	shutdown(peer, SHUT_WR);
	tap_ok(told_sleeps(t.loop),
	    "nor does one whose peer has ended its stream");
	tap_is_num(t.closed, 0, "which is not its death");
	conn_pause(t.c, false);
	tap_is_num(t.inputs, 0, "going on calls nobody back");
	told_run_until(&t, told_eof);
	tap_is_num((long long)t.got, 7, "what came meanwhile is told then");
	told_finish(&t, peer);
}

static void
test_pause_with_bytes(void)
{
	struct told t;
	int peer = told_begin(&t);

	t.keep = t.hold = true;
	told_put(peer, "waiting");
	told_run_until(&t, told_input);
	t.inputs = 0;
	t.keep = t.hold = false;
	conn_pause(t.c, false);
	tap_is_num(t.inputs, 0, "going on with bytes calls nobody back");
	told_run_until(&t, told_input);
	tap_is_num((long long)t.got, 7, "the loop tells of those that wait");
	tap_is_num(t.inputs, 1, "once");
	told_finish(&t, peer);
}

static void
test_death_while_paused(void)
{
	struct told t;
	int peer = told_begin(&t);

	conn_pause(t.c, true);
	told_run_for(t.loop, 5);
	net_reset(peer);
	tap_ok(told_run_until(&t, told_closed) && t.error == ECONNRESET,
	    "a paused connection notices that its peer died");
	told_finish(&t, -1);
}

static void
test_death_while_full(void)
{
	struct told t;
	int peer = told_begin(&t);

	conn_limits(t.c, 4, 100, 0);
	t.keep = true;
	told_put(peer, "12345678");
	told_run_until(&t, told_input);
	net_reset(peer);
	tap_ok(told_run_until(&t, told_closed) && t.error == ECONNRESET,
	    "so does one whose input is full");
	told_finish(&t, -1);
}

static void
test_unix_hangup_while_paused(void)
{
	struct told t;
	int peer = told_begin_unix(&t, SOCK_STREAM);

	conn_pause(t.c, true);
	told_put(peer, "farewell");
	close(peer);
	tap_ok(
	    told_sleeps(t.loop), "a hang-up costs a paused connection no time");
	conn_pause(t.c, false);
	told_run_until(&t, told_eof);
	tap_is_num((long long)t.got, 8, "what was sent before it is not lost");
	tap_ok(told_sleeps(t.loop), "nor does it cost time after the end");
	told_finish(&t, -1);
}

static void
answer_opened(struct told *t)
{
	buf_add_str(conn_out(t->c), "opened");
	t->then = NULL;
}

static void
test_dial(void)
{
	struct addr at = told_loopback(), peer, own;
	int listener = net_listen(&at), fd;
	struct told t = {.loop = loop_new(), .then = answer_opened};
	char bytes[32];

	t.c = conn_dial(t.loop, &at, NULL, 5000, &told_ops, &t);
	buf_add_str(conn_out(t.c), "early ");
	conn_flush(t.c);
	tap_ok(told_run_until(&t, told_opened), "a dialled connection opens");
	fd = net_accept(listener, &peer);
	tap_ok(net_local(conn_fd(t.c), &own) == 0 && addr_eq(&own, &peer),
	    "its descriptor tells its address");
	told_run_until(&t, told_drained);
	tap_is_slice(slice_of(bytes, (size_t)recv(fd, bytes, 32, 0)),
	    SLICE("early opened"), "what was appended before leaves then");
	close(listener);
	told_finish(&t, fd);
}

static void
test_dial_refused(void)
{
	struct addr at = told_loopback(), bad = at;
	int listener = net_listen(&at);
	struct told t = {.loop = loop_new()};

	close(listener);
	t.c = conn_dial(t.loop, &at, NULL, 5000, &told_ops, &t);
	told_run_until(&t, told_closed);
	tap_ok(t.error == ECONNREFUSED && t.opened == 0,
	    "a refused connection is told with the reason");
	addr_parse_ip(SLICE("::1"), &bad);
	tap_ok(conn_dial(t.loop, &at, &bad, 1, &told_ops, &t) == NULL &&
		errno == EAFNOSUPPORT,
	    "what cannot even begin is refused at once");
	told_finish(&t, -1);
}

/* A listener whose queue is full answers nobody. */
static void
test_dial_timeout(void)
{
	struct addr at = told_loopback();
	int listener = net_listen(&at), fds[8];
	struct told t = {.loop = loop_new()};

	listen(listener, 0);
	for (int i = 0; i < 8; i++)
		fds[i] = net_dial(&at, NULL);
	t.c = conn_dial(t.loop, &at, NULL, 50, &told_ops, &t);
	told_run_until(&t, told_closed);
	tap_ok(t.error == ETIMEDOUT && t.opened == 0,
	    "who does not answer in time is ETIMEDOUT");
	t.closed = 0;
	t.c = conn_dial(t.loop, &at, NULL, 60000, &told_ops, &t);
	conn_close(t.c);
	told_run_until(&t, told_closed);
	tap_is_num(t.error, 0, "dialling can be closed");
	for (int i = 0; i < 8; i++)
		close(fds[i]);
	told_finish(&t, listener);
}

static void
test_timer(void)
{
	struct told t;
	int peer = told_begin(&t);
	int64_t start = loop_now(t.loop);

	conn_timer(t.c, 10000);
	conn_timer(t.c, 30);
	told_run_until(&t, told_timeout);
	tap_ok(
	    loop_now(t.loop) - start >= 30 && loop_now(t.loop) - start < 9000,
	    "a time is told when it has come, the last one set");
	told_run_for(t.loop, 60);
	tap_is_num(t.timeouts, 1, "once");
	t.timeouts = 0;
	conn_timer(t.c, 5);
	tap_ok(told_run_until(&t, told_timeout), "another can be set");
	start = loop_now(t.loop);
	conn_timer(t.c, 10);
	conn_timer(t.c, 60);
	told_run_for(t.loop, 30);
	tap_ok(t.timeouts == 1 || loop_now(t.loop) - start >= 60,
	    "one put off does not come early");
	conn_timer(t.c, 0);
	told_run_for(t.loop, 60);
	tap_ok(t.timeouts == 1 || loop_now(t.loop) - start >= 120,
	    "one cancelled does not come");
	told_finish(&t, peer);
}

/* How much one peer is heard between two turns of the loop. */
struct turns {
	struct loop_task task;
	struct told *t;
	size_t before;
	size_t most;
	int left;
};

static void
on_turn(struct loop_task *task)
{
	struct turns *u = LOOP_OWNER(task, struct turns, task);

	if (u->t->got - u->before > u->most)
		u->most = u->t->got - u->before;
	u->before = u->t->got;
	if (u->t->got == 0 || u->left-- > 0)
		loop_defer(u->t->loop, task);
	else
		loop_stop(u->t->loop);
}

static void
test_fairness(void)
{
	struct told t;
	int peer = told_begin_unix(&t, SOCK_STREAM), room = 1 << 20;
	struct turns u = {.task.run = on_turn, .t = &t, .left = 9};
	static char bytes[16384];
	size_t sent = 0;

	setsockopt(peer, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	while (send(peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		sent += sizeof bytes;
	loop_defer(t.loop, &u.task);
	loop_run(t.loop);
	tap_ok(sent <= 256 * 1024 || u.most == 256 * 1024,
	    "of much that waits 256 KiB are told in a turn");
	tap_is_num((long long)t.got, (long long)sent, "and the rest later");
	told_finish(&t, peer);
}

static void
test_refusal(void)
{
	struct loop *loop = loop_new();

	tap_ok(conn_new(loop, -1, &told_ops, NULL) == NULL && errno == EBADF,
	    "no descriptor is no connection");
	loop_free(loop);
}

int
main(void)
{
	test_answer();
	test_keep();
	test_half_close();
	test_reset();
	test_caps();
	test_small_input();
	test_pause();
	test_pause_with_bytes();
	test_death_while_paused();
	test_death_while_full();
	test_unix_hangup_while_paused();
	test_dial();
	test_dial_refused();
	test_dial_timeout();
	test_timer();
	test_fairness();
	test_refusal();
	return tap_done();
}
