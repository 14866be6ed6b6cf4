#include "conn_state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

/* One turn of one connection, so that a fast peer starves no other. */
#define READ_TURN (256 * 1024)

/* Asked for at first; more once a peer turns out to send that much. */
#define READ_FIRST (16 * 1024)

/* Lent to the output for a turn. */
#define ANSWER_FIRST (24 * 1024)

#define LINGER_MS 2000
#define LINGER_BYTES (1024 * 1024)

void
conn_turn_defer(struct conn *c)
{
	if (c->queued)
		return;
	c->queued = true;
	loop_defer(c->loop, &c->task);
}

void
conn_turn_die(struct conn *c, int error)
{
	bool broken = error != 0 || conn_pending(c) > 0 || buf_len(&c->in) > 0;

	loop_watch(c->loop, &c->io, 0);
	loop_timer_cancel(c->loop, &c->timer);
	if (c->state != CONN_DIALLING && broken)
		net_reset(c->io.fd);
	else
		close(c->io.fd);
	c->io.fd = -1;
	c->state = CONN_DEAD;
	c->error = error;
	conn_send_drop_file(c);
	conn_turn_defer(c);
}

static void
tell_input(struct conn *c, bool eof)
{
	c->calls++;
	c->ops->input(c, c->owner, eof);
	c->calls--;
}

static void
tell(struct conn *c, void (*callback)(struct conn *c, void *owner))
{
	if (callback == NULL)
		return;
	c->calls++;
	callback(c, c->owner);
	c->calls--;
}

bool
conn_turn_flush(struct conn *c, bool writable)
{
	if (c->state != CONN_OPEN && c->state != CONN_CLOSING)
		return false;
	if (conn_pending(c) == 0 || (c->blocked && !writable))
		return false;
	if (conn_send(c) == 0)
		return conn_pending(c) == 0;
	conn_turn_die(c, errno);
	return false;
}

/*
 * After a callback: send its output. What drained appends to that may be as much
 * again and again: the rest has its turn when others have had theirs.
 */
static void
send_all(struct conn *c, bool writable)
{
	if (!conn_turn_flush(c, writable) || c->state != CONN_OPEN)
		return;
	tell(c, c->ops->drained);
	if (conn_turn_flush(c, false)) {
		c->owes_drained = true;
		conn_turn_defer(c);
	}
}

static bool
wants_input(const struct conn *c)
{
	return c->state == CONN_OPEN && !c->paused && !c->eof &&
	    buf_room(&c->in) > 0;
}

unsigned
conn_turn_wanted(const struct conn *c)
{
	unsigned events = 0;

	if (c->state == CONN_DIALLING)
		return LOOP_WRITE;
	if (c->state == CONN_LINGERING)
		return LOOP_READ;
	if (wants_input(c))
		events |= LOOP_READ;
	if (conn_pending(c) > 0)
		events |= LOOP_WRITE;
	if (events == 0 && !c->hung)
		events = LOOP_HANGUP;
	return events;
}

static int64_t
stall_at(const struct conn *c)
{
	if (!c->blocked || c->stall_ms <= 0)
		return CONN_NEVER;
	if (c->moved > CONN_NEVER - c->stall_ms)
		return CONN_NEVER;
	return c->moved + c->stall_ms;
}

void
conn_turn_arm(struct conn *c)
{
	int64_t at = stall_at(c);

	if (c->timeout_at < at)
		at = c->timeout_at;
	if (c->limit_at < at)
		at = c->limit_at;
	if (at >= c->armed_at)
		return;
	c->armed_at = at;
	if (loop_timer_set(c->loop, &c->timer, at - loop_now(c->loop)) == -1)
		conn_turn_die(c, errno);
}

static void
end_our_side(struct conn *c)
{
	if (c->eof) {
		conn_turn_die(c, 0);
		return;
	}
	if (shutdown(c->io.fd, SHUT_WR) == -1) {
		conn_turn_die(c, errno);
		return;
	}
	c->state = CONN_LINGERING;
	c->limit_at = loop_now(c->loop) + LINGER_MS;
}

void
conn_turn_rest(struct conn *c)
{
	if (c->calls > 0 || c->state == CONN_DEAD)
		return;
	if (c->state >= CONN_CLOSING || buf_len(&c->in) == 0)
		buf_free(&c->in);
	if (buf_len(&c->out) == 0)
		buf_free(&c->out);
	if (c->state == CONN_CLOSING && conn_pending(c) == 0)
		end_our_side(c);
	if (c->state == CONN_DEAD)
		return;
	if (loop_watch(c->loop, &c->io, conn_turn_wanted(c)) == -1)
		conn_turn_die(c, errno);
	else
		conn_turn_arm(c);
}

static ssize_t
receive(const struct conn *c, char *at, size_t n)
{
	ssize_t got;

	do {
		got = recv(c->io.fd, at, n, 0);
	} while (got == -1 && errno == EINTR);
	return got;
}

/* Read once, up to most bytes, and tell. Returns how many, 0 to stop. */
static size_t
take_input(struct conn *c, size_t most)
{
	size_t room = buf_room(&c->in), want = room < most ? room : most;
	char *at = buf_reserve(&c->in, want);
	ssize_t n = at == NULL ? -1 : receive(c, at, want);

	if (n == -1) {
		if (at == NULL || (errno != EAGAIN && errno != EWOULDBLOCK))
			conn_turn_die(c, errno);
		return 0;
	}
	if (n == 0)
		c->eof = true;
	buf_commit(&c->in, (size_t)n);
	tell_input(c, c->eof);
	send_all(c, false);
	return (size_t)n == want ? want : 0;
}

static void
take_turn(struct conn *c)
{
	size_t left = READ_TURN, most = READ_FIRST, n;

	while (wants_input(c) && left > 0) {
		n = take_input(c, most < left ? most : left);
		if (n == 0)
			return;
		left -= n;
		if (most < left)
			most *= 4;
	}
}

/* Read and drop what still comes, until its end. */
static void
linger(struct conn *c)
{
	char bytes[READ_FIRST];
	ssize_t n = receive(c, bytes, sizeof bytes);

	if (n == -1) {
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			conn_turn_die(c, errno);
		return;
	}
	c->dropped += (size_t)n;
	if (n == 0 || c->dropped > LINGER_BYTES)
		conn_turn_die(c, 0);
}

static void
dialled(struct conn *c)
{
	int error = net_outcome(c->io.fd);

	if (error != 0) {
		conn_turn_die(c, error);
		return;
	}
	c->state = CONN_OPEN;
	c->limit_at = CONN_NEVER;
	tell(c, c->ops->opened);
	send_all(c, false);
}

/* While nothing is read, this is all that is heard of a peer's death. */
static void
hang_up(struct conn *c)
{
	int error = net_outcome(c->io.fd);

	if (error != 0)
		conn_turn_die(c, error);
	else
		c->hung = true;
}

/* The kernel would take more, but others have their turn before the task. */
static bool
has_had_its_turn(const struct conn *c)
{
	return c->queued && !c->blocked;
}

/*
 * What is read and answered within a turn stands in memory of that turn: most
 * connections never need any of their own.
 */
static void
exchange(struct conn *c, unsigned events)
{
	char in[READ_FIRST + 1], out[ANSWER_FIRST];

	buf_lend(&c->in, in, sizeof in);
	buf_lend(&c->out, out, sizeof out);
	if (events & LOOP_READ)
		take_turn(c);
	if ((events & LOOP_WRITE) && !has_had_its_turn(c))
		send_all(c, true);
	if ((buf_settle(&c->in) | buf_settle(&c->out)) == -1 &&
	    c->state != CONN_DEAD)
		conn_turn_die(c, ENOMEM);
}

void
conn_turn_ready(struct loop_io *io, unsigned events)
{
	struct conn *c = LOOP_OWNER(io, struct conn, io);

	if (c->state == CONN_DIALLING)
		dialled(c);
	else if (c->state == CONN_LINGERING)
		linger(c);
	else if (events & LOOP_HANGUP)
		hang_up(c);
	else
		exchange(c, events);
	conn_turn_rest(c);
}

void
conn_turn_timer(struct loop_timer *timer)
{
	struct conn *c = LOOP_OWNER(timer, struct conn, timer);
	int64_t now = loop_now(c->loop);

	c->armed_at = CONN_NEVER;
	if (c->limit_at <= now) {
		conn_turn_die(c, c->state == CONN_DIALLING ? ETIMEDOUT : 0);
	} else if (stall_at(c) <= now && !conn_send_moved(c)) {
		conn_turn_die(c, ETIMEDOUT);
	} else if (c->timeout_at <= now) {
		c->timeout_at = CONN_NEVER;
		tell(c, c->ops->timeout);
		send_all(c, false);
	}
	conn_turn_rest(c);
}

static void
end(struct conn *c)
{
	c->ops->closed(c, c->owner, c->error);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}

void
conn_turn_task(struct loop_task *task)
{
	struct conn *c = LOOP_OWNER(task, struct conn, task);
	bool drained = c->owes_drained, input = c->owes_input;

	c->queued = c->owes_drained = c->owes_input = false;
	if (c->state == CONN_DEAD) {
		end(c);
		return;
	}
	if (drained && c->state == CONN_OPEN && conn_pending(c) == 0)
		tell(c, c->ops->drained);
	if (input && c->state == CONN_OPEN && !c->paused && buf_len(&c->in) > 0)
		tell_input(c, false);
	send_all(c, false);
	conn_turn_rest(c);
}
