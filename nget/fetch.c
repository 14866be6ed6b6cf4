#include "fetch.h"

#include <errno.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/conn.h"
#include "lib/http.h"
#include "rate.h"

/* As long as the head has not come whole, which reading must not wait for. */
#define HEAD_ROOM (2 * HTTP_HEAD_BYTES)

#define REQUEST_BYTES 16384

#define INTERIMS_MAX 16

static const struct conn_ops conn_ops;

static void
finish(struct fetch *f, enum fetch_end end, int error, const char *why)
{
	if (f->over)
		return;
	f->over = true;
	f->end = end;
	f->error = error;
	f->why = why;
}

static void
report(struct fetch *f)
{
	const char *why = f->why ? f->why : strerror(f->error);

	loop_timer_cancel(f->order.loop, &f->resume);
	dial_end(&f->dial);
	buf_free(&f->request);
	f->order.ops->ended(f->order.owner, f->end, f->error, why);
}

static void
on_report(struct loop_task *task)
{
	report(LOOP_OWNER(task, struct fetch, report));
}

/* Try the next address; 0, or -1 with errno when none is left. */
static int
dial(struct fetch *f, int error)
{
	f->conn = dial_next(&f->dial, error);
	return f->conn ? 0 : -1;
}

static void
begin(struct fetch *f, struct slice request)
{
	const char *why;

	buf_init(&f->request, REQUEST_BYTES);
	if (buf_add_slice(&f->request, request) < 0)
		finish(f, FETCH_UNREACHED, errno, NULL);
	else if (dial_begin(&f->dial, f->order.host, &why) < 0)
		finish(f, FETCH_UNREACHED, 0, why);
	else if (dial(f, 0) < 0)
		finish(f, FETCH_UNREACHED, errno, NULL);
}

static void
on_resume(struct loop_timer *timer)
{
	struct fetch *f = LOOP_OWNER(timer, struct fetch, resume);

	f->paused = false;
	f->heard_at = clock_ms();
	conn_pause(f->conn, false);
}

void
fetch_start(
    struct fetch *f, const struct fetch_order *order, struct slice request)
{
	*f = (struct fetch){.order = *order};
	f->dial = (struct dial){
	    .loop = order->loop,
	    .timeout_ms = order->timeout_ms,
	    .ops = &conn_ops,
	    .owner = f,
	};
	f->resume.fire = on_resume;
	f->report.run = on_report;
	begin(f, request);
	if (f->over)
		loop_defer(order->loop, &f->report);
}

void
fetch_stop(struct fetch *f)
{
	finish(f, FETCH_STOPPED, 0, NULL);
	if (f->conn)
		conn_abort(f->conn, 0);
}

static void
begin_body(struct fetch *f, const struct http_response *r)
{
	http_body_init(&f->body, r);
	f->in_body = true;
	if (f->body.done)
		finish(f, FETCH_DONE, 0, NULL);
}

/* Whether there was a whole head, so that it makes sense to look further. */
static bool
take_head(struct fetch *f)
{
	struct http_response r;
	ssize_t n = http_response_parse(conn_in(f->conn), &r);

	if (n < 0)
		finish(f, FETCH_MALFORMED, 0, r.error);
	if (n <= 0)
		return false;
	if (r.status / 100 == 1) {
		conn_consume(f->conn, (size_t)n);
		if (++f->interims > INTERIMS_MAX)
			finish(f, FETCH_MALFORMED, 0, "interim answers only");
		return true;
	}
	if (!f->order.ops->answer(f->order.owner, &r))
		finish(f, FETCH_STOPPED, 0, NULL);
	else
		begin_body(f, &r);
	conn_consume(f->conn, (size_t)n);
	return true;
}

static void
throttle(struct fetch *f, size_t n)
{
	int64_t wait = rate_take(f->order.rate, n, clock_ms());

	if (f->over || wait <= 0)
		return;
	if (loop_timer_set(f->order.loop, &f->resume, wait) < 0)
		return;
	f->paused = true;
	conn_pause(f->conn, true);
}

/* Returns the bytes taken; 0 when more must come first, or it is over. */
static size_t
take_body(struct fetch *f)
{
	struct slice data;
	ssize_t n = http_body_next(&f->body, conn_in(f->conn), &data);

	if (n < 0) {
		finish(f, FETCH_MALFORMED, 0, "malformed chunks");
		return 0;
	}
	if (data.len && !f->order.ops->data(f->order.owner, data))
		finish(f, FETCH_STOPPED, 0, NULL);
	conn_consume(f->conn, (size_t)n);
	if (f->body.done)
		finish(f, FETCH_DONE, 0, NULL);
	return (size_t)n;
}

static void
take_input(struct fetch *f)
{
	size_t n, taken = 0;

	while (!f->over && !f->in_body)
		if (!take_head(f))
			return;
	while (!f->over && (n = take_body(f)) > 0)
		taken += n;
	conn_limits(f->conn, rate_step(f->order.rate), REQUEST_BYTES, 0);
	throttle(f, taken);
}

/* The stream ended here, in order (error 0) or not. */
static void
take_end(struct fetch *f, int error)
{
	const char *why = error ? NULL : "the peer closed the connection";

	if (!f->heard)
		finish(f, FETCH_SILENT, error, why);
	else if (!error && f->in_body && http_body_end(&f->body) == 0)
		finish(f, FETCH_DONE, 0, NULL);
	else
		finish(f, FETCH_CUT, error, why);
}

static void
on_opened(struct conn *c, void *owner)
{
	struct fetch *f = owner;

	f->opened = true;
	f->heard_at = clock_ms();
	conn_timer(c, f->order.timeout_ms);
	conn_limits(c, HEAD_ROOM, REQUEST_BYTES, f->order.timeout_ms);
	if (buf_add_slice(conn_out(c), buf_slice(&f->request)) < 0) {
		finish(f, FETCH_UNREACHED, errno, NULL);
		conn_abort(c, 0);
		return;
	}
	if (f->order.seed)
		begin_body(
		    f, &(struct http_response){.framing = HTTP_UNTIL_CLOSE});
}

static void
on_input(struct conn *c, void *owner, bool eof)
{
	struct fetch *f = owner;

	f->heard |= conn_in(c).len > 0;
	take_input(f);
	f->heard_at = clock_ms();
	if (eof)
		take_end(f, 0);
	if (f->over)
		conn_abort(c, 0);
}

/* Writing may have held us up, or the rate: that is not the peer's silence. */
static void
on_timeout(struct conn *c, void *owner)
{
	struct fetch *f = owner;
	int64_t quiet = f->paused ? 0 : clock_ms() - f->heard_at;

	if (quiet < f->order.timeout_ms) {
		conn_timer(c, f->order.timeout_ms - quiet);
		return;
	}
	finish(f, FETCH_STALLED, ETIMEDOUT, "no byte for too long");
	conn_abort(c, 0);
}

static void
on_closed(struct conn *c, void *owner, int error)
{
	struct fetch *f = owner;

	(void)c;
	f->conn = NULL;
	if (!f->over && !f->opened) {
		if (dial(f, error) == 0)
			return;
		finish(f, FETCH_UNREACHED, errno, NULL);
	}
	take_end(f, error);
	report(f);
}

static const struct conn_ops conn_ops = {
    .opened = on_opened,
    .input = on_input,
    .timeout = on_timeout,
    .closed = on_closed,
};
