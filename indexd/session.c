#include "session.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "lib/line.h"
#include "limits.h"

struct session {
	struct command_client client;
	int64_t heard; /* when bytes last came */
	int64_t pinged_at;
	bool pinged; /* and not heard since */
};

struct session *
session_new(const struct session_spec *spec, int64_t now)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->client.index = spec->index;
	s->client.scratch = spec->scratch;
	s->client.shard = spec->shard;
	s->client.address = spec->client;
	s->client.address.port = 0;
	s->client.via = spec->via;
	s->heard = now;
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	command_leave(&s->client);
	free(s);
}

bool
session_waits(const struct session *s)
{
	return s->client.waits;
}

bool
session_over(const struct session *s)
{
	return s->client.over;
}

/* End the session; a version-2 peer is told why (and a seed is told nothing). */
static void
end(struct session *s, struct buf *out, const char *code, const char *why)
{
	command_refuse(&s->client, out, code, why);
	s->client.over = true;
}

static void
refuse_line(struct session *s, struct buf *out)
{
	if (errno == EMSGSIZE)
		end(s, out, "too-long", "a line has at most 16384 bytes");
	else
		end(s, out, "bad-line", "a line holds a NUL");
}

void
session_heard(struct session *s, int64_t now)
{
	s->heard = now;
	s->pinged = false;
}

static bool
goes_on(const struct command_client *c)
{
	return !c->over && !c->tired && !c->waits;
}

size_t
session_input(
    struct session *s, struct slice in, bool eof, struct buf *out, int64_t now)
{
	struct command_client *c = &s->client;
	struct slice rest = in, line;
	ssize_t taken;

	c->now = now;
	c->tired = false;
	c->waits = c->waits && c->peer && store_crowded(c->peer);
	while (goes_on(c) && buf_len(out) < LIMITS_UNSENT_BYTES) {
		taken = eof ? line_last(rest, &line) : line_next(rest, &line);
		if (taken < 0)
			refuse_line(s, out);
		if (taken <= 0)
			break;
		command_run(c, line, out);
		rest = slice_skip(rest, (size_t)taken);
	}
	command_flush(c);
	if (eof && rest.len == 0)
		c->over = true;
	if (c->over)
		command_leave(c);
	return in.len - rest.len;
}

/* How long until a version-2 peer is to be asked, or to have answered. */
static int64_t
tick_peer(struct session *s, struct buf *out, int64_t now)
{
	if (s->pinged && now - s->pinged_at >= LIMITS_ANSWER_MS)
		end(s, out, "limit", "silent for too long");
	if (s->pinged)
		return s->pinged_at + LIMITS_ANSWER_MS - now;
	if (now - s->heard < LIMITS_PING_MS)
		return s->heard + LIMITS_PING_MS - now;
	if (proto_put(out, PROTO_PING, SLICE("")) < 0)
		s->client.over = true;
	s->pinged = true;
	s->pinged_at = now;
	return LIMITS_ANSWER_MS;
}

static void
tick_idle(struct session *s, struct buf *out, int64_t now)
{
	if (now - s->heard < LIMITS_IDLE_MS)
		return;
	if (s->client.kind == COMMAND_FRESH)
		s->client.over = true;
	else
		end(s, out, "limit", "idle for too long");
}

int64_t
session_tick(struct session *s, struct buf *out, int64_t now)
{
	int64_t next = LIMITS_PING_MS;

	if (!s->client.peer)
		tick_idle(s, out, now);
	else if (s->client.kind == COMMAND_V2)
		next = tick_peer(s, out, now);
	if (s->client.over)
		command_leave(&s->client);
	return next < LIMITS_PING_MS ? next : LIMITS_PING_MS;
}
