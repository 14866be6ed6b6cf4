#include "holders.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dial.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/indexes.h"
#include "lib/line.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/path.h"
#include "lib/proto.h"

/* Of one index: what is told, what is read. */
#define HOLDERS_MAX 64
#define LINES_MAX 10000

/* "host:port" of an index, and a NUL. */
#define NAME_BYTES (LOCATOR_HOST_BYTES + 8)

#define LOCATOR_TEXT (3 * LOCATOR_PATH_BYTES + LOCATOR_HOST_BYTES + 16)

/* The conversation with one index. */
struct ask {
	struct holders *holders; /* NULL: the answer is not wanted any more */
	char name[NAME_BYTES];
	struct dial dial;
	struct conn *conn; /* who is to be called once more has one */
	bool opened;
	bool heard; /* a byte has come */
	bool greeted; /* HELLO was answered */
	bool over;
	size_t lines;
	size_t count;
	char *told[HOLDERS_MAX]; /* locators, as text */
};

struct holders {
	struct holders_order order;
	struct loop_timer timer; /* the limit, or that there is nothing to do */
	size_t waiting; /* asks that have a connection */
	size_t count;
	struct ask *asks[];
};

static void
fail(struct ask *a, const char *why)
{
	if (a->over)
		return;
	a->over = true;
	log_debug("index %s: %s", a->name, why);
}

static void
refused(struct ask *a, struct slice text)
{
	a->over = true;
	log_debug("index %s: it refuses: %.*s", a->name, (int)text.len,
	    text.len ? text.ptr : "");
}

static void
end(struct ask *a)
{
	a->over = true;
	log_debug("index %s: %zu new sources", a->name, a->count);
}

static int
put_hash(const struct ask *a, struct buf *out)
{
	char mem[DIGEST_HEX + 1];
	struct buf hex;

	buf_borrow(&hex, mem, sizeof mem);
	if (digest_add(&hex, &a->holders->order.digest) < 0)
		return -1;
	return proto_put(out, PROTO_HASH, buf_slice(&hex));
}

static void
take_greeting(struct ask *a, struct slice line)
{
	struct slice text;

	a->greeted = proto_is_ok(line, &text);
	if (!a->greeted)
		fail(a, "its greeting is none");
	else if (put_hash(a, conn_out(a->conn)) < 0)
		fail(a, strerror(errno));
}

static bool
was_told(const struct holders *h, const char *text)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct ask *a = h->asks[i];

		for (size_t k = 0; k < a->count; k++)
			if (!strcmp(a->told[k], text))
				return true;
	}
	return false;
}

/* Whoever is told may free the holders. */
static void
tell(struct ask *a, const struct locator *l)
{
	struct holders *h = a->holders;
	char mem[LOCATOR_TEXT];
	struct buf text;

	buf_borrow(&text, mem, sizeof mem);
	if (locator_add(&text, l, false) < 0 || buf_add(&text, "", 1) < 0) {
		fail(a, strerror(errno));
		return;
	}
	if (was_told(h, mem))
		return;
	a->told[a->count] = strdup(mem);
	if (!a->told[a->count]) {
		fail(a, strerror(errno));
		return;
	}
	if (++a->count == HOLDERS_MAX)
		end(a);
	h->order.found(h->order.owner, l);
}

/*
 * Whether row is of a file that can be fetched and has that content. An index
 * knows addresses: a name in their place would have us look it up.
 */
static bool
is_holder(
    const struct proto_row *row, const struct digest *want, struct locator *l)
{
	struct addr numeric;
	const char *why;

	if (!digest_eq(&row->digest, want) ||
	    locator_parse(row->locator, l, &why) < 0 ||
	    !path_valid(slice_of(l->path, l->path_len)))
		return false;
	if (l->digest.known && !digest_eq(&l->digest, want))
		return false;
	if (addr_parse_ip(slice_str(l->host.name), &numeric) < 0)
		return false;
	l->digest = *want;
	return true;
}

static void
take_row(struct ask *a, struct slice line)
{
	struct proto_row row;
	struct locator l;

	if (proto_row_parse(line, &row) < 0)
		fail(a, "a line of it is no row");
	else if (is_holder(&row, &a->holders->order.digest, &l))
		tell(a, &l);
}

static void
take_line(struct ask *a, struct slice line)
{
	struct proto_end counts;
	struct slice text;

	if (++a->lines > LINES_MAX)
		fail(a, "it sends too much");
	else if (proto_is_err(line, &text))
		refused(a, text);
	else if (!a->greeted)
		take_greeting(a, line);
	else if (proto_end_parse(line, &counts) == 0)
		end(a);
	else if (proto_verb(line, &text) != PROTO_PING)
		take_row(a, line);
	else if (proto_put(conn_out(a->conn), PROTO_PONG, SLICE("")) < 0)
		fail(a, strerror(errno));
}

static ssize_t
next_line(struct conn *c, bool eof, struct slice *line)
{
	return eof ? line_last(conn_in(c), line) : line_next(conn_in(c), line);
}

static void
on_input(struct conn *c, void *owner, bool eof)
{
	struct ask *a = owner;
	struct slice line;
	ssize_t n = 0;

	a->heard |= conn_in(c).len > 0;
	while (!a->over && (n = next_line(c, eof, &line)) > 0) {
		take_line(a, line);
		conn_consume(c, (size_t)n);
	}
	if (n < 0)
		fail(a, "a line of it is too long, or holds a NUL");
	if (eof)
		fail(a, a->heard ? "its answer breaks off" : "it hung up");
	if (a->over)
		conn_abort(c, 0);
}

static void
on_opened(struct conn *c, void *owner)
{
	const struct proto_hello hello = {.v2 = true};
	struct ask *a = owner;

	a->opened = true;
	if (proto_hello_put(conn_out(c), &hello) == 0)
		return;
	fail(a, strerror(errno));
	conn_abort(c, 0);
}

/* Try the next address of the index; error is what the one before said. */
static void
dial(struct ask *a, int error)
{
	a->conn = dial_next(&a->dial, error);
	if (!a->conn)
		fail(a, strerror(errno));
}

static void
free_ask(struct ask *a)
{
	for (size_t i = 0; i < a->count; i++)
		free(a->told[i]);
	dial_end(&a->dial);
	free(a);
}

/* The last one to have a connection has none any more. */
static void
tell_over(struct holders *h)
{
	loop_timer_cancel(h->order.loop, &h->timer);
	h->order.over(h->order.owner);
}

static void
on_closed(struct conn *c, void *owner, int error)
{
	struct ask *a = owner;

	(void)c;
	a->conn = NULL;
	if (!a->holders) {
		free_ask(a);
		return;
	}
	if (!a->opened && !a->over)
		dial(a, error);
	else
		fail(a, strerror(error));
	if (!a->conn && --a->holders->waiting == 0)
		tell_over(a->holders);
}

static const struct conn_ops conn_ops = {
    .opened = on_opened, .input = on_input, .closed = on_closed};

static struct ask *
new_ask(struct holders *h, const struct locator_host *index)
{
	struct ask *a = calloc(1, sizeof *a);
	struct buf name;

	if (!a)
		return NULL;
	a->holders = h;
	a->dial = (struct dial){
	    .loop = h->order.loop,
	    .timeout_ms = h->order.timeout_ms,
	    .ops = &conn_ops,
	    .owner = a,
	};
	buf_borrow(&name, a->name, sizeof a->name);
	locator_host_add(&name, index);
	return a;
}

static void
start(struct ask *a, const struct locator_host *index)
{
	const char *why;

	if (dial_begin(&a->dial, index, &why) < 0)
		fail(a, why);
	else
		dial(a, 0);
	if (a->conn)
		a->holders->waiting++;
}

static int
start_all(struct holders *h)
{
	const struct locator_host *list = h->order.indexes->list;

	for (size_t i = 0; i < h->count; i++) {
		h->asks[i] = new_ask(h, &list[i]);
		if (!h->asks[i])
			return -1;
		start(h->asks[i], &list[i]);
	}
	return 0;
}

static void
on_timer(struct loop_timer *timer)
{
	struct holders *h = LOOP_OWNER(timer, struct holders, timer);

	if (!h->waiting) {
		tell_over(h);
		return;
	}
	for (size_t i = 0; i < h->count; i++) {
		if (!h->asks[i]->conn)
			continue;
		fail(h->asks[i], "no answer in time");
		conn_abort(h->asks[i]->conn, 0);
	}
}

struct holders *
holders_ask(const struct holders_order *order)
{
	size_t count = order->indexes->count;
	struct holders *h = calloc(1, sizeof *h + count * sizeof *h->asks);

	if (!h)
		return NULL;
	h->order = *order;
	h->count = count;
	h->timer.fire = on_timer;
	if (start_all(h) == 0 &&
	    loop_timer_set(order->loop, &h->timer,
		h->waiting ? order->timeout_ms : 0) == 0)
		return h;
	holders_free(h);
	errno = ENOMEM;
	return NULL;
}

/* Its connection, if there is one, is closed by the loop, and frees it. */
static void
abandon(struct ask *a)
{
	a->holders = NULL;
	a->over = true;
	if (a->conn)
		conn_abort(a->conn, 0);
	else
		free_ask(a);
}

void
holders_free(struct holders *h)
{
	if (!h)
		return;
	loop_timer_cancel(h->order.loop, &h->timer);
	for (size_t i = 0; i < h->count; i++)
		if (h->asks[i])
			abandon(h->asks[i]);
	free(h);
}
