#include <errno.h>

#include "announce_state.h"
#include "lib/line.h"
#include "lib/log.h"
#include "slots.h"

#define GREETING_MS 15000
#define PING_MS 15000
#define SILENCE_MS 45000
/* Whatever else an index says, SYNC is answered by then. */
#define SYNC_MS 300000
#define LOAD_MS 1000

void
announce_send_load(struct announce *a)
{
	const struct slots *slots = a->spec.slots;
	struct proto_load load = {.slots = slots->max};

	a->load_at = loop_now(a->loop) + LOAD_MS;
	/* In this order: a change after the reading is told again. */
	atomic_store(&a->load_changed, false);
	load.busy = slots_busy(slots);
	proto_load_put(conn_out(a->conn), &load);
}

static void
report_settled(struct announce *a)
{
	uint64_t refused = a->talk.synced.refused;

	if (a->talk.state != REGISTRATION_SETTLED || a->reported)
		return;
	a->reported = true;
	backoff_settle(&a->backoff, loop_now(a->loop));
	if (refused)
		log_warnx("index %s: it refused %llu files", a->name,
		    (unsigned long long)refused);
	if (a->talk.skipped)
		log_warnx("index %s: it cannot be told of %llu files whose "
			  "names are not UTF-8",
		    a->name, (unsigned long long)a->talk.skipped);
	log_debug("index %s: it has every file", a->name);
	a->spec.settled(a->spec.arg, a->spec.which, slice_str(a->at));
}

/* Say what there is room for, and go on waiting. */
void
announce_go_on(struct announce *a)
{
	if (registration_write(&a->talk, conn_out(a->conn)) < 0) {
		conn_abort(a->conn, errno);
		return;
	}
	report_settled(a);
}

static void
on_opened(struct conn *conn, void *owner)
{
	struct announce *a = owner;
	const struct proto_hello hello = {
	    .port = a->spec.port,
	    .v2 = !a->seed_next,
	    .host = slice_str(a->host),
	};
	struct addr local;

	a->opened = true;
	a->answered = a->reported = a->seed_next = false;
	a->elsewhere = a->warned = a->noted = false;
	a->heard = loop_now(a->loop);
	a->asking = 0;
	if (net_local(conn_fd(conn), &local) == 0) {
		local.port = a->spec.port;
		addr_text(&local, a->at);
		a->elsewhere = a->spec.from &&
		    !addr_same_host(a->spec.from, &local);
	}
	registration_begin(&a->talk, a->spec.files, &hello);
	conn_timer(conn, GREETING_MS);
	announce_go_on(a);
}

static void
welcome(struct announce *a, struct slice at)
{
	struct buf text;

	buf_borrow(&text, a->at, sizeof a->at);
	if (at.len > 0 && buf_add_slice(&text, at) == 0)
		a->at[at.len] = '\0';
	announce_send_load(a);
}

static void
warn_unreachable(struct announce *a)
{
	char from[ADDR_TEXT];

	if (a->warned)
		return;
	a->warned = true;
	if (a->elsewhere)
		log_warnx("index %s: it cannot connect to %s: nobody may be "
			  "able to fetch from here (we serve on %s alone)",
		    a->name, a->at, addr_text(a->spec.from, from));
	else
		log_warnx("index %s: it cannot connect to %s: nobody may be "
			  "able to fetch from here (is TCP port %u open in the "
			  "firewall?)",
		    a->name, a->at, (unsigned)a->spec.port);
}

/* Once each: it is the index that decides how often it says so. */
static void
take_note(struct announce *a, struct slice note)
{
	if (slice_eq(note, SLICE("unreachable"))) {
		warn_unreachable(a);
		return;
	}
	if (!a->noted)
		log_info("index %s: %.*s", a->name, (int)note.len, note.ptr);
	a->noted = true;
}

static void
take_line(struct announce *a, struct slice line)
{
	struct slice text;

	switch (registration_read(&a->talk, line, conn_out(a->conn), &text)) {
	case REGISTRATION_WELCOME:
		welcome(a, text);
		break;
	case REGISTRATION_ERROR:
		announce_complain(a, "it refuses: ", text);
		conn_abort(a->conn, 0);
		break;
	case REGISTRATION_NOTE:
		take_note(a, text);
		break;
	case REGISTRATION_STRANGE:
		log_debug("index %s: what does it mean by '%.*s'?", a->name,
		    (int)text.len, text.ptr);
		break;
	case REGISTRATION_NOTHING:
		break;
	}
}

/* Every whole line. -1 when what came is no lines. */
static int
take_lines(struct announce *a)
{
	struct slice in = conn_in(a->conn), line;
	size_t taken = 0;
	ssize_t n;

	while ((n = line_next(slice_skip(in, taken), &line)) > 0) {
		take_line(a, line);
		taken += (size_t)n;
	}
	conn_consume(a->conn, taken);
	return n < 0 ? -1 : 0;
}

static void
on_input(struct conn *conn, void *owner, bool eof)
{
	struct announce *a = owner;

	a->heard = loop_now(a->loop);
	if (conn_in(conn).len > 0)
		a->answered = true;
	if (take_lines(a) < 0) {
		conn_abort(conn, EPROTO);
		return;
	}
	if (!eof) {
		announce_go_on(a);
		return;
	}
	/* What hangs up on our first word may know that of the seed. */
	a->seed_next = a->talk.hello.v2 && !a->answered;
	conn_close(conn);
}

static void
on_drained(struct conn *conn, void *owner)
{
	struct announce *a = owner;

	(void)conn;
	/* It takes what there is to tell; a PING taken is none answered. */
	if (a->talk.state != REGISTRATION_SETTLED)
		a->heard = loop_now(a->loop);
	announce_go_on(a);
}

/* Whether an answer is due, or may be asked for. */
static bool
awaits_answer(const struct announce *a)
{
	return a->talk.hello.v2 || a->talk.state == REGISTRATION_ASKING;
}

/* News would pile up for one that never answers. */
static bool
is_stuck(struct announce *a)
{
	int64_t now = loop_now(a->loop);

	if (a->talk.state != REGISTRATION_ASKING)
		a->asking = 0;
	else if (a->asking == 0)
		a->asking = now;
	return a->asking && now - a->asking >= SYNC_MS;
}

static void
on_timeout(struct conn *conn, void *owner)
{
	struct announce *a = owner;
	int64_t silent = loop_now(a->loop) - a->heard;
	bool is_open = registration_is_open(&a->talk);

	if (is_stuck(a) ||
	    (awaits_answer(a) &&
		silent >= (is_open ? SILENCE_MS : GREETING_MS))) {
		conn_abort(conn, ETIMEDOUT);
		return;
	}
	if (is_open && silent >= PING_MS)
		proto_put(conn_out(conn), PROTO_PING, SLICE(""));
	conn_timer(conn, PING_MS);
}

static void
on_closed(struct conn *conn, void *owner, int error)
{
	struct announce *a = owner;

	(void)conn;
	a->conn = NULL;
	registration_end(&a->talk);
	if (!atomic_load(&a->ending))
		announce_lost(a, error);
}

const struct conn_ops announce_talk_ops = {
    .opened = on_opened,
    .input = on_input,
    .drained = on_drained,
    .timeout = on_timeout,
    .closed = on_closed,
};
