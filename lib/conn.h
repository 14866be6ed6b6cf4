#ifndef NAP_CONN_H
#define NAP_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "addr.h"
#include "buf.h"
#include "slice.h"

struct loop;

/*
 * A non-blocking connection on a loop: bytes that arrived wait in its input,
 * bytes to send in its output, followed by at most one range of a file. It owns
 * its descriptor, and no buffer memory while both are empty. Output made within
 * a callback leaves in one system call when that returns. Callbacks come from
 * the loop alone, never from within a function of this header.
 */
struct conn;

/* Callbacks; each but input and closed may be NULL. */
struct conn_ops {
	/* A dialled connection stands. */
	void (*opened)(struct conn *c, void *owner);
	/*
	 * There are new bytes in conn_in, or (eof, told once) no more will
	 * come. What is not consumed stays.
	 */
	void (*input)(struct conn *c, void *owner, bool eof);
	/* All output, the file included, has been handed to the kernel. */
	void (*drained)(struct conn *c, void *owner);
	/* The time set by conn_timer has come. */
	void (*timeout)(struct conn *c, void *owner);
	/*
	 * The connection is over, told exactly once: error is 0 after an
	 * orderly end, ETIMEDOUT when the output made no progress for too long,
	 * EIO when a file turned out shorter, or what the system said. c is
	 * freed by the loop afterwards.
	 */
	void (*closed)(struct conn *c, void *owner, int error);
};

/* Defaults, changed by conn_limits. */
#define CONN_IN_BYTES 65536
#define CONN_OUT_BYTES (256 * 1024)
#define CONN_STALL_MS 30000

/*
 * Take over the connected descriptor fd. NULL with errno; fd is then the
 * caller's still.
 */
struct conn *conn_new(
    struct loop *loop, int fd, const struct conn_ops *ops, void *owner);

/*
 * Begin to connect (net_dial); then opened, or closed with the reason, which is
 * ETIMEDOUT when ms pass first. NULL with errno.
 */
struct conn *conn_dial(struct loop *loop, const struct addr *to,
    const struct addr *from, int64_t ms, const struct conn_ops *ops,
    void *owner);

/*
 * in: the most bytes waiting unread, after which reading pauses by itself;
 * out: the most that conn_out takes; stall_ms: how long output may make no
 * progress, 0 for ever.
 */
void conn_limits(struct conn *c, size_t in, size_t out, int64_t stall_ms);

/* The descriptor, for its addresses alone. */
int conn_fd(const struct conn *c);

/* What has arrived, valid until consumed or until the callback returns. */
struct slice conn_in(const struct conn *c);
void conn_consume(struct conn *c, size_t n);

/* Whether the other end has ended its stream. */
bool conn_eof(const struct conn *c);

/* Where answers are appended; it leaves when the callback returns. */
struct buf *conn_out(struct conn *c);

/* Send what was appended outside of the connection's own callbacks. */
void conn_flush(struct conn *c);

/*
 * After the output, send len bytes of fd from offset; c closes fd. A file that
 * turns out shorter resets the connection: nothing is padded. Until drained is
 * called nothing may be appended, and a second file ends the connection with
 * EALREADY.
 */
void conn_send_file(struct conn *c, int fd, off_t offset, off_t len);

/* Unsent bytes, the file's included. */
uint64_t conn_pending(const struct conn *c);

/* When output last left, or began to wait, in the time of the loop. */
int64_t conn_moved(const struct conn *c);

/* Bytes sent so far; and of these, what the other end has taken. */
uint64_t conn_sent(const struct conn *c);
uint64_t conn_taken(const struct conn *c);

/* Stop (go on) reading. Going on calls input when bytes wait. */
void conn_pause(struct conn *c, bool pause);

/*
 * Call input once more, when other connections have had their turn: for an owner
 * that leaves bytes unconsumed so as not to keep them waiting.
 */
void conn_again(struct conn *c);

/* Call timeout once, ms from now, replacing what was set; 0 cancels. */
void conn_timer(struct conn *c, int64_t ms);

/*
 * Send what is queued, then end our side, read and drop what still comes for at
 * most two seconds (RFC 9112 §9.6), and close. No callback but closed follows.
 */
void conn_close(struct conn *c);

/*
 * Close now; the other end sees a reset if anything was under way, and with an
 * error in any case.
 */
void conn_abort(struct conn *c, int error);

#endif
