#include "announce.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "backoff.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/line.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "registration.h"
#include "slots.h"

#define DIAL_MS 10000
#define GREETING_MS 15000
#define PING_MS 15000
#define SILENCE_MS 45000
/* Whatever else an index says, SYNC is answered by then. */
#define SYNC_MS 300000
#define LOAD_MS 1000

/* How long the end of the thread is waited for. */
#define STOP_SECONDS 2

struct announce {
	struct announce_spec spec;
	struct locator_host index;
	char name[LOCATOR_HOST_BYTES + 8]; /* the index's, for messages */
	char host[ADDR_TEXT]; /* for host=, or empty */
	pthread_t thread;
	bool started;
	atomic_bool ending;
	atomic_bool load_changed;
	atomic_bool news;

	struct loop *loop;
	struct conn *conn;
	struct loop_timer retry;
	struct loop_timer load;
	int64_t load_at; /* when LOAD may be sent next */
	struct net_addrs addrs;
	size_t dialled; /* how many of addrs were */
	struct backoff backoff;
	struct registration talk;
	char at[ADDR_TEXT]; /* our address as the index sees it */
	int64_t heard; /* when the connection last moved */
	int64_t asking; /* since when SYNC is seen unanswered, or 0 */
	bool opened;
	bool answered; /* a byte has come */
	bool seed_next; /* the next connection speaks the seed's form */
	bool reported; /* that it is settled */
	bool complained; /* since it was steady */
	bool warned; /* on this connection, that nobody reaches us */
	bool noted; /* on this connection, what else it wants us to know */
};

static void dial(struct announce *a);

/* Said once until things go well for a while; every time with -v. */
static void
complain(struct announce *a, const char *why, struct slice detail)
{
	if (backoff_relent(&a->backoff, loop_now(a->loop)))
		a->complained = false;
	if (a->complained)
		log_debug("index %s: %s%.*s", a->name, why, (int)detail.len,
		    detail.ptr);
	else
		log_warnx("index %s: %s%.*s; trying again", a->name, why,
		    (int)detail.len, detail.ptr);
	a->complained = true;
}

static void
retry_later(struct announce *a)
{
	uint32_t random = 0;
	int64_t ms;

	net_addrs_free(&a->addrs);
	if (getrandom(&random, sizeof random, 0) < 0)
		random = (uint32_t)loop_now(a->loop);
	ms = backoff_next(&a->backoff, random);
	log_debug("index %s: again in %lld ms", a->name, (long long)ms);
	if (loop_timer_set(a->loop, &a->retry, ms) < 0)
		log_warn("index %s: given up", a->name);
}

static void
fail(struct announce *a, int error)
{
	complain(
	    a, error ? strerror(error) : "it closed the connection", SLICE(""));
	retry_later(a);
}

static void
send_load(struct announce *a)
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
static void
go_on(struct announce *a)
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
	a->warned = a->noted = false;
	a->heard = loop_now(a->loop);
	a->asking = 0;
	if (net_local(conn_fd(conn), &local) == 0) {
		local.port = a->spec.port;
		addr_text(&local, a->at);
	}
	registration_begin(&a->talk, a->spec.files, &hello);
	conn_timer(conn, GREETING_MS);
	go_on(a);
}

static void
welcome(struct announce *a, struct slice at)
{
	struct buf text;

	buf_borrow(&text, a->at, sizeof a->at);
	if (at.len > 0 && buf_add_slice(&text, at) == 0)
		a->at[at.len] = '\0';
	send_load(a);
}

static void
warn_unreachable(struct announce *a)
{
	if (!a->warned)
		log_warnx("index %s: it cannot connect to %s: nobody may be "
			  "able to fetch from here (is TCP port %u open in the "
			  "firewall?)",
		    a->name, a->at, (unsigned)a->spec.port);
	a->warned = true;
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
		complain(a, "it refuses: ", text);
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
		go_on(a);
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
	go_on(a);
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
	if (atomic_load(&a->ending))
		return;
	if (!a->opened) {
		a->seed_next = false;
		errno = error;
		dial(a);
	} else if (a->seed_next) {
		log_debug("index %s: it hangs up on version 2", a->name);
		a->dialled--;
		dial(a);
	} else {
		fail(a, error);
	}
}

static const struct conn_ops ops = {
    .opened = on_opened,
    .input = on_input,
    .drained = on_drained,
    .timeout = on_timeout,
    .closed = on_closed,
};

/* The address to connect from: the one that is served, in its family. */
static const struct addr *
from(const struct announce *a, const struct addr *to)
{
	const struct addr *own = a->spec.from;

	return own && addr_is_v4(own) == addr_is_v4(to) ? own : NULL;
}

/* Connect to the next address of the index; errno: why the last one failed. */
static void
dial(struct announce *a)
{
	while (a->dialled < a->addrs.count) {
		const struct addr *to = &a->addrs.list[a->dialled++];

		a->opened = false;
		a->conn = conn_dial(a->loop, to, from(a, to), DIAL_MS, &ops, a);
		if (a->conn)
			return;
	}
	fail(a, errno);
}

static void
connect_anew(struct announce *a)
{
	const char *why;
	int resolved = net_resolve(
	    a->index.name, a->index.port, NET_ANY, &a->addrs, &why);

	/* It took its time: what spec points to may be gone. */
	if (atomic_load(&a->ending))
		return;
	if (resolved < 0) {
		complain(a, why, SLICE(""));
		retry_later(a);
		return;
	}
	a->dialled = 0;
	dial(a);
}

static void
on_retry(struct loop_timer *timer)
{
	connect_anew(LOOP_OWNER(timer, struct announce, retry));
}

static void
on_load_timer(struct loop_timer *timer)
{
	struct announce *a = LOOP_OWNER(timer, struct announce, load);

	if (!a->conn || !a->opened || !registration_is_open(&a->talk))
		return;
	send_load(a);
	conn_flush(a->conn);
}

static void
tell_news(struct announce *a)
{
	if (!atomic_exchange(&a->news, false) || !a->conn || !a->opened)
		return;
	go_on(a);
	if (a->conn)
		conn_flush(a->conn);
}

/* The load has changed: tell, at most once in a while. */
static void
tell_load(struct announce *a)
{
	int64_t ms = a->load_at - loop_now(a->loop);

	if (atomic_load(&a->load_changed) && !loop_timer_is_set(&a->load) &&
	    loop_timer_set(a->loop, &a->load, ms > 0 ? ms : 0) < 0)
		log_warn("index %s: load", a->name);
}

static void
on_wake(void *arg)
{
	struct announce *a = arg;

	tell_load(a);
	tell_news(a);
}

static void *
run(void *arg)
{
	struct announce *a = arg;

	connect_anew(a);
	if (loop_run(a->loop) < 0)
		log_warn("index %s: waiting for events", a->name);
	if (a->conn)
		conn_abort(a->conn, 0);
	return NULL;
}

struct announce *
announce_new(const struct announce_spec *spec)
{
	struct announce *a = calloc(1, sizeof *a);
	struct buf name;

	if (!a)
		return NULL;
	a->spec = *spec;
	a->index = *spec->index;
	buf_borrow(&name, a->name, sizeof a->name);
	locator_host_add(&name, spec->index);
	if (spec->from && addr_is_loopback(spec->from))
		addr_ip_text(spec->from, a->host);
	a->retry.fire = on_retry;
	a->load.fire = on_load_timer;
	a->loop = loop_new();
	if (!a->loop) {
		announce_free(a);
		return NULL;
	}
	loop_on_wake(a->loop, on_wake, a);
	return a;
}

int
announce_start(struct announce *a)
{
	int error = pthread_create(&a->thread, NULL, run, a);

	if (error) {
		errno = error;
		return -1;
	}
	a->started = true;
	return 0;
}

void
announce_load(struct announce *a)
{
	if (!atomic_exchange(&a->load_changed, true))
		loop_wake(a->loop);
}

void
announce_news(struct announce *a)
{
	if (!atomic_exchange(&a->news, true))
		loop_wake(a->loop);
}

/* 0 when the thread has ended. */
static int
end_thread(struct announce *a)
{
	struct timespec until;

	atomic_store(&a->ending, true);
	loop_stop(a->loop);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	return pthread_timedjoin_np(a->thread, NULL, &until) ? -1 : 0;
}

int
announce_free(struct announce *a)
{
	int error = errno;

	if (!a)
		return 0;
	if (a->started && end_thread(a) < 0) {
		log_debug("index %s: still resolving", a->name);
		return -1;
	}
	net_addrs_free(&a->addrs);
	loop_free(a->loop);
	free(a);
	errno = error;
	return 0;
}
