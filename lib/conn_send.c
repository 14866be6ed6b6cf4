#include "conn_state.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

/* Of files, in a turn of all that are ready; and the least of one of them. */
#define ALL_TURNS (2 * 1024 * 1024)
#define FILE_TURN (256 * 1024)

/* Up to here one send of a copy measured faster than send and sendfile. */
#define COPY_BYTES 8192

static bool
is_full(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

static void
moved(struct conn *c, size_t n)
{
	c->sent += n;
	c->moved = loop_now(c->loop);
}

/* The kernel takes no more for now. */
static int
block(struct conn *c)
{
	c->blocked = true;
	c->unsent = net_unsent(c->io.fd);
	return 0;
}

/* All of the output in one call; the kernel is full when it takes less. */
static int
send_output(struct conn *c)
{
	struct slice out = buf_slice(&c->out);
	int flags = MSG_NOSIGNAL | (c->file_left > 0 ? MSG_MORE : 0);
	ssize_t n;

	do {
		n = send(c->io.fd, out.ptr, out.len, flags);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return is_full(errno) ? block(c) : -1;
	moved(c, (size_t)n);
	buf_consume(&c->out, (size_t)n);
	return buf_len(&c->out) > 0 ? block(c) : 0;
}

/* Up to most bytes of the file. */
static int
send_file(struct conn *c, off_t most)
{
	off_t want = c->file_left < most ? c->file_left : most;
	ssize_t n;

	do {
		n = sendfile(c->io.fd, c->file, &c->file_at, (size_t)want);
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		return is_full(errno) ? block(c) : -1;
	if (n == 0) {
		/* Shorter than promised. */
		errno = EIO;
		return -1;
	}
	moved(c, (size_t)n);
	c->file_left -= n;
	return 0;
}

static void
hold(struct conn *c, bool held)
{
	if (c->held != held)
		net_hold(c->io.fd, held);
	c->held = held;
}

/* As much of the file as fits between two turns of others. */
static int
send_turn(struct conn *c)
{
	off_t turn = ALL_TURNS / (off_t)loop_ready(c->loop);
	uint64_t end = c->sent +
	    (uint64_t)(turn > FILE_TURN ? turn : FILE_TURN);

	while (c->file_left > 0 && !c->blocked && c->sent < end)
		if (send_file(c, (off_t)(end - c->sent)) == -1)
			return -1;
	return 0;
}

int
conn_send(struct conn *c)
{
	if (!c->blocked)
		c->moved = loop_now(c->loop);
	c->blocked = false;
	if (buf_len(&c->out) > 0 && send_output(c) == -1)
		return -1;
	if (c->file_left > FILE_TURN)
		hold(c, true);
	if (send_turn(c) == -1)
		return -1;
	if (c->file_left == 0) {
		hold(c, false);
		conn_send_drop_file(c);
	} else if (!c->blocked) {
		conn_turn_defer(c);
	}
	return 0;
}

bool
conn_send_moved(struct conn *c)
{
	size_t unsent = net_unsent(c->io.fd);

	if (unsent >= c->unsent)
		return false;
	c->unsent = unsent;
	c->moved = loop_now(c->loop);
	return true;
}

bool
conn_send_copy(struct conn *c, int fd, off_t offset, off_t len)
{
	size_t size = (size_t)len, got = 0;
	char *at;

	if (len > COPY_BYTES)
		return false;
	at = buf_reserve(&c->out, size);
	if (at == NULL)
		return false;
	while (got < size) {
		ssize_t n = pread(
		    fd, at + got, size - got, offset + (off_t)got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	buf_commit(&c->out, size);
	return true;
}

void
conn_send_drop_file(struct conn *c)
{
	if (c->file != -1)
		close(c->file);
	c->file = -1;
	c->file_left = 0;
}
