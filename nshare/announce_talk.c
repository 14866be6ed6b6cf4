#include <errno.h>

#include "announce_state.h"
#include "lib/line.h"
#include "lib/log.h"
#include "slots.h"

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

/* While it is being told files, what counts is that it takes them (conn). */
static enum silence_awaits
awaits(const struct registration *talk)
{
	const bool v2 = talk->hello.v2;

	switch (talk->state) {
	case REGISTRATION_GREETED:
		return SILENCE_AWAITS_HELLO;
	case REGISTRATION_ASKING:
		return v2 ? SILENCE_AWAITS_SYNC : SILENCE_AWAITS_SEARCH;
	case REGISTRATION_SETTLED:
		return v2 ? SILENCE_AWAITS_LIFE : SILENCE_AWAITS_NOTHING;
	default:
		return SILENCE_AWAITS_NOTHING;
	}
}

static void
go_on_waiting(struct announce *a)
{
	int64_t now = loop_now(a->loop);

	silence_await(&a->silence, awaits(&a->talk), now);
	conn_timer(a->conn, silence_left(&a->silence, now));
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
	go_on_waiting(a);
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
	a->silence = (struct silence){.times = a->spec.times};
	if (net_local(conn_fd(conn), &local) == 0) {
		local.port = a->spec.port;
		addr_text(&local, a->at);
		a->elsewhere = a->spec.from &&
		    !addr_same_host(a->spec.from, &local);
	}
	registration_begin(&a->talk, a->spec.files, &hello);
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

	silence_heard(&a->silence, loop_now(a->loop));
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
		silence_heard(&a->silence, loop_now(a->loop));
	announce_go_on(a);
}

static void
on_timeout(struct conn *conn, void *owner)
{
	struct announce *a = owner;

	switch (silence_act(&a->silence, loop_now(a->loop))) {
	case SILENCE_GIVE_UP:
		conn_abort(conn, ETIMEDOUT);
		return;
	case SILENCE_ASK:
		proto_put(conn_out(conn), PROTO_PING, SLICE(""));
		break;
	case SILENCE_WAIT:
		break;
	}
	go_on_waiting(a);
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
