#include "session.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"
#include "lib/line.h"
#include "limits.h"

struct session {
	struct command_client client;
	int64_t heard; /* when bytes last came */
	bool pinged; /* since then */
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

size_t
session_input(
    struct session *s, struct slice in, bool eof, struct buf *out, int64_t now)
{
	struct slice rest = in, line;
	ssize_t taken;

	s->client.now = now;
	while (!s->client.over && buf_len(out) < LIMITS_UNSENT_BYTES) {
		taken = eof ? line_last(rest, &line) : line_next(rest, &line);
		if (taken < 0)
			refuse_line(s, out);
		if (taken <= 0)
			break;
		command_run(&s->client, line, out);
		rest = slice_skip(rest, (size_t)taken);
	}
	command_flush(&s->client);
	if (eof && rest.len == 0)
		s->client.over = true;
	return in.len - rest.len;
}

/* A version-2 peer must be heard, or answer when asked. */
static int64_t
tick_peer(struct session *s, struct buf *out, int64_t silent)
{
	if (silent >= LIMITS_SILENT_MS) {
		end(s, out, "limit", "silent for too long");
		return -1;
	}
	if (silent < LIMITS_PING_MS)
		return LIMITS_PING_MS - silent;
	if (!s->pinged && proto_put(out, PROTO_PING, SLICE("")) < 0)
		s->client.over = true;
	s->pinged = true;
	return LIMITS_SILENT_MS - silent;
}

int64_t
session_tick(struct session *s, struct buf *out, int64_t now)
{
	int64_t silent = now - s->heard;

	if (s->client.kind == COMMAND_SEED)
		return -1;
	if (s->client.peer)
		return tick_peer(s, out, silent);
	if (silent < LIMITS_IDLE_MS)
		return LIMITS_IDLE_MS - silent;
	s->client.over = true;
	return -1;
}
