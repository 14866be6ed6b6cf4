#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "pace.h"
#include "seed.h"
#include "site.h"
#include "slots.h"
#include "transfer.h"

/* A pipeline has that many answered before others have their turn. */
#define TURN_REQUESTS 64

enum state {
	STATE_READING, /* the next request */
	STATE_SENDING, /* a transfer */
	STATE_WAITING, /* for a slot, a seed's request being unanswered */
	STATE_ENDING, /* close when all is sent */
	STATE_BROKEN /* reset */
};

/* Which time runs. */
enum timer {
	TIMER_NONE,
	TIMER_IDLE,
	TIMER_HEAD,
	TIMER_PACE,
	TIMER_LOOK,
	TIMER_SLOT
};

struct client {
	struct client *next; /* in the room, with what points here */
	struct client **here;
	struct client_room *room;
	struct conn *conn;
	struct addr peer;
	char name[ADDR_TEXT]; /* the peer's, for messages */
	struct transfer transfer;
	enum state state;
	enum timer timer;
	int64_t wait; /* before the transfer goes on; 0: until drained */
	int64_t waits_since; /* for a slot; 0: it never did */
	bool asked; /* something was, so what follows is HTTP */
	bool keep_alive; /* after the transfer */
};

static void
set_state(struct client *c, enum state state)
{
	struct slots *slots = c->room->site->slots;

	if (c->state == state)
		return;
	if (c->state == STATE_WAITING)
		slots_wait_no_more(slots);
	if (state == STATE_WAITING)
		slots_wait(slots);
	c->state = state;
}

static void
set_timer(struct client *c, enum timer timer, int64_t ms)
{
	c->timer = timer;
	conn_timer(c->conn, ms);
}

/* Whether another answer may be begun; until then, requests wait. */
static bool
may_answer(const struct client *c)
{
	return buf_room(conn_out(c->conn)) >= ANSWER_BYTES;
}

/* Idle from the last answer on, and in a head from its first byte on. */
static void
set_reading_timer(struct client *c)
{
	if (!may_answer(c))
		set_timer(c, TIMER_NONE, 0);
	else if (conn_in(c->conn).len == 0)
		set_timer(c, TIMER_IDLE, CLIENT_IDLE_MS);
	else if (c->timer != TIMER_HEAD)
		set_timer(c, TIMER_HEAD, CLIENT_HEAD_MS);
}

static void
set_sending_timer(struct client *c)
{
	if (c->wait > 0)
		set_timer(c, TIMER_PACE, c->wait);
	else if (c->timer != TIMER_LOOK)
		set_timer(c, TIMER_LOOK, CLIENT_LOOK_MS);
}

/* However often it tried meanwhile. One that has left looks half-closed. */
static void
set_slot_timer(struct client *c)
{
	int64_t most = conn_eof(c->conn) ? CLIENT_HALF_CLOSED_MS
					 : CLIENT_SLOT_MS;
	int64_t left = c->waits_since + most - loop_now(c->room->loop);

	set_timer(c, TIMER_SLOT, left > 0 ? left : 1);
}

/* The last act of every callback: make what the state says true. */
static void
settle(struct client *c)
{
	switch (c->state) {
	case STATE_READING:
		set_reading_timer(c);
		break;
	case STATE_SENDING:
		set_sending_timer(c);
		break;
	case STATE_WAITING:
		set_slot_timer(c);
		break;
	case STATE_ENDING:
		conn_close(c->conn);
		break;
	case STATE_BROKEN:
		conn_abort(c->conn, EIO);
		break;
	}
}

static struct answer
answer_of(struct client *c)
{
	plan_set_now(&c->room->now, time(NULL));
	return (struct answer){
	    .site = c->room->site,
	    .opened = c->room->opened,
	    .now = &c->room->now,
	    .out = conn_out(c->conn),
	    .transfer = &c->transfer,
	};
}

static void
log_answer(const struct client *c, struct slice what, int status)
{
	log_debug("%s: %.*s: %d", c->name, (int)what.len, what.ptr, status);
}

/* What follows once the head of an answer is under way. */
static void
begin_transfer(struct client *c, bool keep_alive)
{
	c->keep_alive = keep_alive;
	set_state(c, STATE_SENDING);
}

/* One that was given back before we waited has told nobody. */
static void
wait_for_slot(struct client *c)
{
	if (c->waits_since == 0)
		c->waits_since = loop_now(c->room->loop);
	set_state(c, STATE_WAITING);
	if (slots_any(c->room->site->slots))
		loop_wake(c->room->loop);
}

static void
take_seed(struct client *c, ssize_t n, struct slice name)
{
	if (seed_open(c->room->site, name, &c->transfer) == 0) {
		log_answer(c, name, 200);
		begin_transfer(c, false);
	} else if (errno == EBUSY) {
		wait_for_slot(c);
		return;
	} else {
		log_answer(c, name, 404);
		set_state(c, STATE_ENDING);
	}
	conn_consume(c->conn, (size_t)n);
}

static void
take_refused(struct client *c, const struct http_request *r)
{
	const struct answer a = answer_of(c);
	int status = answer_refuse(&a, r);

	log_answer(c, SLICE("refused"), r->error);
	set_state(c, status < 0 ? STATE_BROKEN : STATE_ENDING);
}

static void
take_http(struct client *c, ssize_t n, const struct http_request *r)
{
	const struct answer a = answer_of(c);
	bool keep_alive;
	int status = answer_request(&a, r, &keep_alive);

	log_answer(c, r->target, status);
	if (status < 0)
		set_state(c, STATE_BROKEN);
	else
		begin_transfer(c, keep_alive);
	conn_consume(c->conn, (size_t)n);
}

/* Take a request if there is a whole one. Whether there was. */
static bool
take(struct client *c)
{
	struct slice in = conn_in(c->conn), name;
	bool eof = conn_eof(c->conn);
	struct http_request r;
	ssize_t n;

	if (!may_answer(c))
		return false;
	n = c->asked ? 0 : seed_parse(in, eof, &name);
	if (n > 0) {
		take_seed(c, n, name);
		return true;
	}
	n = http_request_parse(in, &r);
	if (n == 0) {
		if (eof)
			set_state(c, STATE_ENDING);
		return false;
	}
	c->asked = true;
	c->timer = TIMER_NONE;
	if (n < 0)
		take_refused(c, &r);
	else
		take_http(c, n, &r);
	return true;
}

/* Go on with the transfer. Whether it is done. */
static bool
send_on(struct client *c)
{
	c->wait = 0;
	switch (transfer_go_on(&c->transfer, c->conn, c->room->site->pace,
	    loop_now(c->room->loop), &c->wait)) {
	case TRANSFER_DONE:
		set_state(c, c->keep_alive ? STATE_READING : STATE_ENDING);
		return true;
	case TRANSFER_FAILED:
		set_state(c, STATE_BROKEN);
		return true;
	default:
		return false;
	}
}

static void
go_on(struct client *c)
{
	unsigned taken = 0;
	bool moved = true;

	while (moved && taken < TURN_REQUESTS) {
		if (c->state == STATE_SENDING) {
			moved = send_on(c);
		} else if (c->state == STATE_READING) {
			moved = take(c);
			taken++;
		} else {
			moved = false;
		}
	}
	if (moved)
		conn_again(c->conn);
	settle(c);
}

static void
on_input(struct conn *conn, void *owner, bool eof)
{
	(void)conn;
	(void)eof;
	go_on(owner);
}

static void
on_drained(struct conn *conn, void *owner)
{
	struct client *c = owner;

	if (conn_pending(conn) == 0)
		transfer_drained(&c->transfer);
	go_on(c);
}

static void
on_timeout(struct conn *conn, void *owner)
{
	struct client *c = owner;

	switch (c->timer) {
	case TIMER_NONE:
	case TIMER_PACE:
		break;
	case TIMER_LOOK:
		transfer_look_at(&c->transfer, conn);
		break;
	case TIMER_SLOT:
		set_state(c, STATE_BROKEN);
		break;
	default:
		set_state(c, STATE_ENDING);
	}
	c->timer = TIMER_NONE;
	go_on(c);
}

static void
on_closed(struct conn *conn, void *owner, int error)
{
	struct client *c = owner;

	(void)conn;
	if (error)
		log_debug("%s: %s", c->name, strerror(error));
	set_state(c, STATE_BROKEN);
	transfer_free(&c->transfer);
	*c->here = c->next;
	if (c->next)
		c->next->here = c->here;
	else
		c->room->end = c->here;
	c->room->left(c->room->arg, &c->peer);
	free(c);
}

static const struct conn_ops ops = {
    .input = on_input,
    .drained = on_drained,
    .timeout = on_timeout,
    .closed = on_closed,
};

/* Who waits longest for a slot is the first to be asked again. */
static void
link_last(struct client_room *room, struct client *c)
{
	c->here = room->all ? room->end : &room->all;
	*c->here = c;
	room->end = &c->next;
}

int
client_new(struct client_room *room, int fd, const struct addr *peer)
{
	struct client *c = calloc(1, sizeof *c);

	if (!c)
		return -1;
	*c = (struct client){.room = room, .peer = *peer};
	addr_text(peer, c->name);
	c->conn = conn_new(room->loop, fd, &ops, c);
	if (!c->conn) {
		int error = errno;

		free(c);
		errno = error;
		return -1;
	}
	conn_limits(
	    c->conn, CLIENT_IN_BYTES, CLIENT_OUT_BYTES, room->site->stall_ms);
	link_last(room, c);
	settle(c);
	return 0;
}

void
client_retry_all(struct client_room *room)
{
	const struct slots *slots = room->site->slots;

	for (struct client *c = room->all; c && slots_any(slots); c = c->next)
		if (c->state == STATE_WAITING) {
			set_state(c, STATE_READING);
			go_on(c);
			conn_flush(c->conn);
		}
}

/* What is under way does not look complete. */
void
client_end_all(struct client_room *room)
{
	for (struct client *c = room->all; c; c = c->next)
		conn_abort(c->conn, c->state == STATE_SENDING ? ECANCELED : 0);
}
