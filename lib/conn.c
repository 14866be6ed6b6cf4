#include "conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "conn_state.h"
#include "net.h"

static int64_t
due_in(const struct conn *c, int64_t ms)
{
	int64_t due;

	if (__builtin_add_overflow(loop_now(c->loop), ms, &due))
		return CONN_NEVER;
	return due;
}

static bool
is_over(const struct conn *c)
{
	return c->state >= CONN_CLOSING;
}

static struct conn *
make(struct loop *loop, int fd, const struct conn_ops *ops, void *owner)
{
	struct conn *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->io = (struct loop_io){.fd = fd, .ready = conn_turn_ready};
	c->timer.fire = conn_turn_timer;
	c->task.run = conn_turn_task;
	c->loop = loop;
	c->ops = ops;
	c->owner = owner;
	buf_init(&c->in, CONN_IN_BYTES);
	buf_init(&c->out, CONN_OUT_BYTES);
	c->file = -1;
	c->stall_ms = CONN_STALL_MS;
	c->timeout_at = c->limit_at = c->armed_at = CONN_NEVER;
	c->state = CONN_OPEN;
	return c;
}

static struct conn *
start(struct conn *c)
{
	if (loop_watch(c->loop, &c->io, conn_turn_wanted(c)) == -1) {
		free(c);
		return NULL;
	}
	conn_turn_arm(c);
	return c;
}

struct conn *
conn_new(struct loop *loop, int fd, const struct conn_ops *ops, void *owner)
{
	int flags = fcntl(fd, F_GETFL);
	struct conn *c;

	if (flags == -1)
		return NULL;
	if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return NULL;
	c = make(loop, fd, ops, owner);
	return c == NULL ? NULL : start(c);
}

struct conn *
conn_dial(struct loop *loop, const struct addr *to, const struct addr *from,
    int64_t ms, const struct conn_ops *ops, void *owner)
{
	int fd = net_dial(to, from), error;
	struct conn *c;

	if (fd == -1)
		return NULL;
	c = make(loop, fd, ops, owner);
	if (c != NULL) {
		c->state = CONN_DIALLING;
		c->limit_at = due_in(c, ms);
		c = start(c);
	}
	if (c != NULL)
		return c;
	error = errno;
	close(fd);
	errno = error;
	return NULL;
}

void
conn_limits(struct conn *c, size_t in, size_t out, int64_t stall_ms)
{
	c->in.cap = in > buf_len(&c->in) ? in : buf_len(&c->in);
	c->out.cap = out > buf_len(&c->out) ? out : buf_len(&c->out);
	c->stall_ms = stall_ms;
	conn_turn_rest(c);
}

int
conn_fd(const struct conn *c)
{
	return c->io.fd;
}

struct slice
conn_in(const struct conn *c)
{
	return buf_len(&c->in) > 0 ? buf_slice(&c->in) : SLICE("");
}

void
conn_consume(struct conn *c, size_t n)
{
	buf_consume(&c->in, n);
	conn_turn_rest(c);
}

bool
conn_eof(const struct conn *c)
{
	return c->eof;
}

struct buf *
conn_out(struct conn *c)
{
	return &c->out;
}

void
conn_flush(struct conn *c)
{
	if (c->calls > 0)
		return;
	if (conn_turn_flush(c, false)) {
		c->owes_drained = true;
		conn_turn_defer(c);
	}
	conn_turn_rest(c);
}

void
conn_send_file(struct conn *c, int fd, off_t offset, off_t len)
{
	if (is_over(c) || len <= 0) {
		close(fd);
		return;
	}
	if (c->file != -1) {
		close(fd);
		conn_turn_die(c, EALREADY);
		return;
	}
	if (conn_send_copy(c, fd, offset, len)) {
		close(fd);
		return;
	}
	c->file = fd;
	c->file_at = offset;
	c->file_left = len;
}

uint64_t
conn_pending(const struct conn *c)
{
	return buf_len(&c->out) + (uint64_t)c->file_left;
}

int64_t
conn_moved(const struct conn *c)
{
	return c->moved;
}

uint64_t
conn_sent(const struct conn *c)
{
	return c->sent;
}

uint64_t
conn_taken(const struct conn *c)
{
	size_t unsent = net_unsent(c->io.fd);

	return unsent < c->sent ? c->sent - unsent : 0;
}

void
conn_pause(struct conn *c, bool pause)
{
	if (c->paused == pause)
		return;
	c->paused = pause;
	if (!pause && buf_len(&c->in) > 0)
		conn_again(c);
	conn_turn_rest(c);
}

void
conn_again(struct conn *c)
{
	c->owes_input = true;
	conn_turn_defer(c);
}

void
conn_timer(struct conn *c, int64_t ms)
{
	if (is_over(c))
		return;
	c->timeout_at = ms > 0 ? due_in(c, ms) : CONN_NEVER;
	conn_turn_rest(c);
}

void
conn_close(struct conn *c)
{
	if (is_over(c))
		return;
	if (c->state == CONN_DIALLING) {
		conn_turn_die(c, 0);
		return;
	}
	c->state = CONN_CLOSING;
	c->timeout_at = CONN_NEVER;
	if (c->calls == 0)
		conn_turn_flush(c, false);
	conn_turn_rest(c);
}

void
conn_abort(struct conn *c, int error)
{
	if (c->state != CONN_DEAD)
		conn_turn_die(c, error);
}
