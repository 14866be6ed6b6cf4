#include "ask.h"

#include <errno.h>
#include <stdlib.h>

#include "answer.h"
#include "lib/clock.h"
#include "lib/conn.h"
#include "lib/line.h"
#include "lib/net.h"
#include "request.h"
#include "resolve.h"

struct ask {
	struct ask_spec spec;
	struct resolve *resolve;
	struct net_addrs addrs;
	size_t at; /* the address whose turn it is */
	struct conn *conn;
	bool opened; /* conn stands */
	bool heard; /* a byte has come */
	bool seed; /* the seed's form is spoken */
	bool told; /* over was called */
};

static void
finish(struct ask *a)
{
	if (a->told)
		return;
	a->told = true;
	if (a->conn)
		conn_abort(a->conn, 0);
	a->spec.over(a->spec.arg);
}

static void
fail(struct ask *a, const char *why)
{
	answer_fail(a->spec.answer, "%s", why);
	finish(a);
}

static void
put_request(struct ask *a, struct buf *out)
{
	if (buf_add_slice(out, buf_slice(&a->spec.answer->request->line)) < 0)
		fail(a, "out of memory");
}

/* naputils(7), CLIENTS AT A SEED'S INDEX. */
static void
put_seed_request(struct ask *a, struct buf *out)
{
	struct proto_hello hello = {.port = 0};
	const struct addr *index = &a->addrs.list[a->at];
	const struct request *request = a->spec.answer->request;

	answer_expect_seed(
	    a->spec.answer, addr_is_loopback(index) ? NULL : index);
	if (proto_hello_put(out, &hello) < 0 ||
	    proto_put(out, PROTO_SEARCH, request->name) < 0)
		fail(a, "out of memory");
}

static void
on_opened(struct conn *c, void *owner)
{
	struct ask *a = owner;

	a->opened = true;
	if (a->seed)
		put_seed_request(a, conn_out(c));
	else
		put_request(a, conn_out(c));
}

static ssize_t
next_line(struct conn *c, bool eof, struct slice *line)
{
	return eof ? line_last(conn_in(c), line) : line_next(conn_in(c), line);
}

static void
take_lines(struct ask *a, struct conn *c, bool eof)
{
	struct answer *answer = a->spec.answer;
	struct slice line;
	ssize_t n = 0;

	while (!answer->over && (n = next_line(c, eof, &line)) > 0) {
		answer_take(answer, line);
		conn_consume(c, (size_t)n);
	}
	if (n < 0)
		answer_fail(answer,
		    errno == EMSGSIZE ? "a line of it is too long"
				      : "a line of it holds a NUL");
}

static void
on_input(struct conn *c, void *owner, bool eof)
{
	struct ask *a = owner;

	a->heard |= conn_in(c).len > 0;
	take_lines(a, c, eof);
	if (a->spec.answer->over)
		finish(a);
	else if (eof)
		conn_abort(c, 0);
}

static void dial(struct ask *a, int error);

static void
dial_as_seed(struct ask *a)
{
	if (a->spec.answer->request->name.len == 0) {
		fail(a, "a seed server cannot answer this");
		return;
	}
	a->seed = true;
	dial(a, ECONNRESET);
}

/* As a seed's index does (naputils(7)): not what failed on our side. */
static bool
hung_up(int error)
{
	return error == 0 || error == ECONNRESET || error == EPIPE;
}

static void
on_closed(struct conn *c, void *owner, int error)
{
	struct ask *a = owner;
	bool opened = a->opened;

	(void)c;
	a->conn = NULL;
	a->opened = false;
	if (a->told)
		return;
	if (!opened) {
		a->at++;
		dial(a, error);
	} else if (!a->heard && !a->seed && hung_up(error)) {
		dial_as_seed(a);
	} else {
		fail(a, error ? strerror(error) : "its answer breaks off");
	}
}

static const struct conn_ops ops = {
    .opened = on_opened, .input = on_input, .closed = on_closed};

/* Each address that is left gets an even part of the time that is left. */
static int64_t
patience(const struct ask *a)
{
	int64_t left = a->spec.deadline - clock_ms();

	if (left <= 0)
		return 1;
	return left / (int64_t)(a->addrs.count - a->at) + 1;
}

/* Try the next address; error is what the one before had to say. */
static void
dial(struct ask *a, int error)
{
	for (; a->at < a->addrs.count; a->at++) {
		a->conn = conn_dial(a->spec.loop, &a->addrs.list[a->at], NULL,
		    patience(a), &ops, a);
		if (a->conn)
			return;
		error = errno;
	}
	fail(a, strerror(error));
}

/* A numeric address needs no thread. */
static void
resolve(struct ask *a)
{
	const struct locator_host *index = a->spec.index;
	struct addr numeric;
	const char *why;

	if (addr_parse_ip(slice_str(index->name), &numeric) < 0) {
		a->resolve = resolve_start(a->spec.loop, index);
		if (!a->resolve)
			fail(a, strerror(errno));
		return;
	}
	if (net_resolve(index->name, index->port, NET_ANY, &a->addrs, &why) < 0)
		fail(a, why);
	else
		dial(a, EADDRNOTAVAIL);
}

struct ask *
ask_new(const struct ask_spec *spec)
{
	struct ask *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->spec = *spec;
	resolve(a);
	return a;
}

void
ask_wake(struct ask *a)
{
	const char *why;
	int outcome;

	if (a->told || !a->resolve || !resolve_done(a->resolve))
		return;
	outcome = resolve_take(a->resolve, &a->addrs, &why);
	a->resolve = NULL;
	if (outcome < 0)
		fail(a, why);
	else
		dial(a, EADDRNOTAVAIL);
}

void
ask_late(struct ask *a)
{
	if (!a->told)
		fail(a, "no answer in time");
}

bool
ask_free(struct ask *a)
{
	bool idle;

	if (!a)
		return true;
	idle = !a->resolve || resolve_abandon(a->resolve);
	net_addrs_free(&a->addrs);
	free(a);
	return idle;
}
