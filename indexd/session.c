#include "session.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "index.h"
#include "lib/line.h"
#include "limits.h"
#include "rates.h"
#include "searcher.h"

/* Then others have their turn. */
#define TURN_LINES 256

/* When one that waits for the store looks whether it is less crowded. */
#define CROWDED_MS 2

struct session {
	struct command_client client;
	size_t asked; /* bytes of the request that takes long */
	int64_t heard; /* when bytes last came */
	int64_t pinged_at;
	bool pinged; /* and not heard since */
	bool dialled; /* or about to be */
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
	s->client.haste = STORE_NOW;
	s->client.spared = limits_spare(spec->index->limits, &spec->client);
	if (!s->client.spared)
		s->client.resume_at = now +
		    rates_wait(spec->index->rates, &spec->client, now);
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

int64_t
session_waits(const struct session *s, int64_t now)
{
	int64_t left = s->client.resume_at - now;

	if (s->client.waits && left < CROWDED_MS)
		return CROWDED_MS;
	return left > 0 ? left : 0;
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

bool
session_to_dial(struct session *s, struct addr *at)
{
	const struct command_client *c = &s->client;

	if (s->dialled || !c->peer || c->address.port == 0)
		return false;
	s->dialled = true;
	*at = c->address;
	return true;
}

void
session_reached(struct session *s, bool reached, struct buf *out)
{
	command_reached(&s->client, reached, out);
}

static bool
goes_on(const struct command_client *c)
{
	return !c->over && !c->tired && !c->waits && !c->unanswered &&
	    c->resume_at <= c->now;
}

/* So much unsent that the client had better read first. */
static bool
is_full(const struct command_client *c, const struct buf *out)
{
	return buf_len(out) > 0 && buf_len(out) >= c->scratch->unsent;
}

size_t
session_input(
    struct session *s, struct slice in, bool eof, struct buf *out, int64_t now)
{
	struct command_client *c = &s->client;
	struct slice rest = in, line;
	ssize_t taken;
	int lines = 0;

	c->now = now;
	c->tired = false;
	c->waits = c->waits && c->peer && store_crowded(c->peer);
	while (lines++ < TURN_LINES && goes_on(c) && !is_full(c, out)) {
		taken = eof ? line_last(rest, &line) : line_next(rest, &line);
		if (taken < 0)
			refuse_line(s, out);
		if (taken <= 0)
			break;
		command_run(c, line, out);
		s->asked = (size_t)taken;
		if (!c->unanswered)
			rest = slice_skip(rest, (size_t)taken);
	}
	command_flush(c);
	if (eof && rest.len == 0)
		c->over = true;
	if (c->over)
		command_leave(c);
	return in.len - rest.len;
}

bool
session_seeks(const struct session *s)
{
	return s->client.unanswered;
}

void
session_seek(
    const struct session *s, struct slice in, struct searcher *searcher)
{
	struct slice line;

	/* Of a connection that broke, the input may be gone. */
	in.len = in.len < s->asked ? in.len : s->asked;
	line_last(in, &line);
	searcher_begin(searcher, &s->client, line);
}

size_t
session_found(struct session *s, const struct searcher_answer *answer,
    struct buf *out, int64_t now)
{
	struct command_client *c = &s->client;

	c->unanswered = false;
	c->tired = true;
	c->now = now;
	/* It could do nothing but wait. */
	session_heard(s, now);
	if (c->resume_at < answer->resume_at)
		c->resume_at = answer->resume_at;
	if (buf_move(out, answer->text) < 0 || answer->failed)
		c->over = true;
	if (c->over)
		command_leave(c);
	return s->asked;
}

int64_t
session_owes(const struct session *s, int64_t now)
{
	const struct command_client *c = &s->client;

	return rates_owed(c->index->rates, &c->address, now);
}

void
session_took(struct session *s, int64_t us)
{
	command_took(&s->client, us);
}

/* How long until a version-2 peer is to be asked, or to have answered. */
static int64_t
tick_peer(struct session *s, struct buf *out, int64_t now)
{
	const struct limits *limits = s->client.index->limits;

	if (s->pinged && now - s->pinged_at >= limits->answer_ms)
		end(s, out, "limit", "silent for too long");
	if (s->pinged)
		return s->pinged_at + limits->answer_ms - now;
	if (now - s->heard < limits->ping_ms)
		return s->heard + limits->ping_ms - now;
	if (proto_put(out, PROTO_PING, SLICE("")) < 0)
		s->client.over = true;
	s->pinged = true;
	s->pinged_at = now;
	return limits->answer_ms;
}

/* How long until who says no HELLO has been silent for too long. */
static int64_t
tick_idle(struct session *s, struct buf *out, int64_t now)
{
	int64_t left = s->heard + s->client.index->limits->idle_ms - now;

	if (left > 0)
		return left;
	if (s->client.kind == COMMAND_FRESH)
		s->client.over = true;
	else
		end(s, out, "limit", "idle for too long");
	return 0;
}

int64_t
session_tick(struct session *s, struct buf *out, int64_t now)
{
	const int64_t ping_ms = s->client.index->limits->ping_ms;
	int64_t next = ping_ms;

	if (!s->client.peer)
		next = tick_idle(s, out, now);
	else if (s->client.kind == COMMAND_V2)
		next = tick_peer(s, out, now);
	if (s->client.over)
		command_leave(&s->client);
	next = next < ping_ms ? next : ping_ms;
	return next > 0 ? next : 1;
}
