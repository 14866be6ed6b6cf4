#include "canned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/conn.h"
#include "lib/line.h"
#include "lib/listen.h"
#include "lib/net.h"

/* Longer than any reply. */
#define OUT_BYTES (1024 * 1024)

static bool
has_said_all(const struct canned *s)
{
	return s->replied == CANNED_REPLIES || !s->replies[s->replied];
}

static void
on_drained(struct conn *c, void *owner)
{
	struct canned *s = owner;

	if (s->leaves && has_said_all(s))
		conn_close(c);
}

static void
hear(struct canned *s, struct slice line)
{
	size_t used = strlen(s->heard);

	snprintf(s->heard + used, sizeof s->heard - used, "%.*s|",
	    (int)line.len, line.ptr);
}

static void
on_input(struct conn *c, void *owner, bool eof)
{
	struct canned *s = owner;
	struct slice line;
	ssize_t n = line_next(conn_in(c), &line);

	if (eof)
		conn_close(c);
	if (n <= 0)
		return;
	s->pushed |= conn_in(c).len > (size_t)n;
	hear(s, line);
	conn_consume(c, (size_t)n);
	if (!has_said_all(s))
		buf_add_str(conn_out(c), s->replies[s->replied++]);
}

static void
on_closed(struct conn *c, void *owner, int error)
{
	struct canned *s = owner;

	(void)c;
	(void)error;
	s->c = NULL;
	s->closed++;
}

static const struct conn_ops ops = {
    .input = on_input, .drained = on_drained, .closed = on_closed};

static void
on_accepted(void *arg, int fd, const struct addr *peer)
{
	struct canned *s = arg;

	(void)peer;
	s->accepted++;
	s->c = conn_new(s->loop, fd, &ops, s);
	if (!s->c)
		abort();
	conn_limits(s->c, CONN_IN_BYTES, OUT_BYTES, CONN_STALL_MS);
	if (s->leaves && has_said_all(s))
		conn_close(s->c);
}

void
canned_open(struct canned *s, struct loop *loop)
{
	*s = (struct canned){.loop = loop};
	addr_parse_ip(SLICE("127.0.0.1"), &s->at);
	s->fd = net_listen(&s->at);
	if (s->fd < 0)
		abort();
	s->listen = listen_new(loop, s->fd, on_accepted, s);
	if (!s->listen)
		abort();
}

void
canned_shut(struct canned *s)
{
	if (!s->listen)
		return;
	listen_free(s->listen);
	s->listen = NULL;
	close(s->fd);
}

void
canned_end(struct canned *s)
{
	canned_shut(s);
	if (s->c)
		conn_abort(s->c, 0);
}
