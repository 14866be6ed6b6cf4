#ifndef NAP_CONN_STATE_H
#define NAP_CONN_STATE_H

#include "conn.h"
#include "loop.h"

/* What conn.c, conn_turn.c and conn_send.c share; nobody else looks inside. */

enum conn_state {
	CONN_DIALLING,
	CONN_OPEN,
	CONN_CLOSING, /* sends what is left */
	CONN_LINGERING, /* has ended its side, drops what comes */
	CONN_DEAD /* closed is still to be told */
};

struct conn {
	struct loop_io io;
	struct loop_timer timer;
	struct loop_task task;
	struct loop *loop;
	const struct conn_ops *ops;
	void *owner;
	struct buf in;
	struct buf out;

	int file; /* -1: none */
	off_t file_at;
	off_t file_left;
	uint64_t sent;
	size_t unsent; /* in the kernel, when it last took no more */
	int64_t moved; /* when bytes last left */
	int64_t stall_ms;

	/* Times at which something is due, or CONN_NEVER. */
	int64_t timeout_at;
	int64_t limit_at; /* the end of dialling or of lingering */
	int64_t armed_at; /* the timer; never later than what is due */

	size_t dropped; /* bytes read while lingering */
	int error; /* for closed */
	enum conn_state state;
	unsigned calls; /* callbacks under way */
	bool eof;
	bool paused;
	bool blocked; /* waits until the kernel takes more */
	bool held; /* what fills no segment waits for more of the file */
	bool hung; /* a hang-up was seen that is no error */
	bool queued; /* the task is */
	bool owes_input; /* the task calls it */
	bool owes_drained;
};

#define CONN_NEVER INT64_MAX

/* The connection's turn on the loop: what its io, timer and task call. */
void conn_turn_ready(struct loop_io *io, unsigned events);
void conn_turn_timer(struct loop_timer *timer);
void conn_turn_task(struct loop_task *task);

/* Have the task run. */
void conn_turn_defer(struct conn *c);

/* What the loop is to watch. */
unsigned conn_turn_wanted(const struct conn *c);

/*
 * Set the timer for what is due first, unless it fires before anyway: what is
 * put off again and again costs nothing.
 */
void conn_turn_arm(struct conn *c);

/*
 * Send what waits, if the kernel is known to take it. Whether all of it, and
 * there was some, has left.
 */
bool conn_turn_flush(struct conn *c, bool writable);

/*
 * What every event and every call ends with: memory, what is watched and the
 * timer follow the state. Does nothing within a callback.
 */
void conn_turn_rest(struct conn *c);

/* The descriptor goes now; closed is told, and c freed, by the task. */
void conn_turn_die(struct conn *c, int error);

/*
 * Hand output and file to the kernel until that takes no more, which c->blocked
 * tells, or the file has had its turn: then the task goes on. 0, or -1 with
 * errno.
 */
int conn_send(struct conn *c);

/* Whether bytes left since the stall time last began; it begins anew then. */
bool conn_send_moved(struct conn *c);

/*
 * Append a file that is small enough to be cheaper copied than sent. Whether it
 * was, in full; nothing is appended otherwise.
 */
bool conn_send_copy(struct conn *c, int fd, off_t offset, off_t len);

/* Close the file, if there is one. */
void conn_send_drop_file(struct conn *c);

#endif
