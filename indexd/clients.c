#include "clients.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "config.h"
#include "dialler.h"
#include "index.h"
#include "lib/addr.h"
#include "lib/clock.h"
#include "lib/conn.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "limits.h"
#include "session.h"

struct client {
	struct client *next;
	struct client **here; /* what points to this one */
	struct clients *all;
	struct conn *conn;
	struct session *session;
	struct dialler_call *call; /* to see who can connect to it, or NULL */
	struct loop_timer resume; /* set while it waits */
	struct addr address;
	uint64_t unsent; /* as counted */
	bool cheap; /* its last turn was short */
	bool queued; /* among those that wait for their turn */
	int64_t owes; /* when that was last looked at: the least is first */
	struct client *queue_next;
};

struct clients {
	struct clients_spec spec;
	struct command_scratch *scratch;
	struct dialler *dialler;
	struct client *first;
	struct client *queue; /* clients that wait for their turn */
	struct client *queue_last;
	struct loop_task next;
	bool next_set;
	int64_t served_us; /* in this round of the loop */
	uint64_t unsent; /* of all */
	struct loop_timer tidy;
	unsigned gone; /* since memory was last given back */
};

/*
 * So many clients gone leave memory worth giving back to the system, once the
 * others of their crowd have had time to go too.
 */
#define TIDY_CLIENTS 32
#define TIDY_MS 500

/*
 * So much of a registration is worth a turn of its own: one such client is
 * served, then all others that have come with less, then the next.
 */
#define MUCH_BYTES 8192

/*
 * So is who is new, or took that long the last time: what he asks for now may
 * take long, too. Once a round has served so long, all others wait for the
 * next.
 */
#define COSTLY_US 1000

/* Of those that wait, a round serves the first, and more if they are quick. */
#define QUICK_US 100

/* The answer that is begun while just less than the limit waits. */
#define OUT_BYTES (LIMITS_UNSENT_BYTES + LIMITS_ANSWER_BYTES + 65536)

static void
tidy(struct loop_timer *timer)
{
	struct clients *all = LOOP_OWNER(timer, struct clients, tidy);

	all->gone = 0;
	malloc_trim(0);
}

/* What waits for this client has changed. */
static void
count_unsent(struct client *client, uint64_t unsent)
{
	struct clients *all = client->all;

	all->unsent += unsent - client->unsent;
	client->unsent = unsent;
	all->scratch->unsent = all->unsent > LIMITS_UNSENT_WORKER / 2
	    ? 0
	    : LIMITS_UNSENT_BYTES;
}

/* Of all others that owe us to read, who has not done so for longest. */
static struct client *
slowest(const struct client *but)
{
	struct client *found = NULL;

	for (struct client *c = but->all->first; c; c = c->next)
		if (c != but && c->unsent > 0 &&
		    (!found || conn_moved(c->conn) < conn_moved(found->conn)))
			found = c;
	return found;
}

static void
leave_queue(struct client *client)
{
	struct clients *all = client->all;
	struct client *before = NULL;

	if (!client->queued)
		return;
	for (struct client *c = all->queue; c != client; c = c->queue_next)
		before = c;
	*(before ? &before->queue_next : &all->queue) = client->queue_next;
	if (!client->queue_next)
		all->queue_last = before;
	client->queued = false;
}

static void
cut_off(struct client *client)
{
	char text[ADDR_TEXT];

	log_debug("%s: does not read its answers",
	    addr_ip_text(&client->address, text));
	count_unsent(client, 0);
	leave_queue(client);
	loop_timer_cancel(client->all->spec.loop, &client->resume);
	conn_abort(client->conn, ENOBUFS);
	/* Now, and not when its end is told: the next answer needs the room. */
	buf_free(conn_out(client->conn));
}

/* Too much waits: cut off who does not read, but for the one at hand. */
static void
make_room(struct client *client)
{
	struct client *other;

	while (client->all->unsent > LIMITS_UNSENT_WORKER) {
		other = slowest(client);
		if (!other)
			return;
		cut_off(other);
	}
}

static void
client_free(struct client *client)
{
	struct clients *all = client->all;

	*client->here = client->next;
	if (client->next)
		client->next->here = client->here;
	leave_queue(client);
	count_unsent(client, 0);
	loop_timer_cancel(all->spec.loop, &client->resume);
	dialler_cancel(client->call);
	session_free(client->session);
	all->spec.gone(all->spec.arg, &client->address);
	free(client);
	if (++all->gone == TIDY_CLIENTS)
		loop_timer_set(all->spec.loop, &all->tidy, TIDY_MS);
}

static void
on_dialled(void *arg, bool reached)
{
	struct client *client = arg;

	client->call = NULL;
	session_reached(client->session, reached, conn_out(client->conn));
	conn_flush(client->conn);
}

/* See whether others can connect to what has registered. */
static void
dial_back(struct client *client)
{
	struct addr at;

	if (!session_to_dial(client->session, &at))
		return;
	client->call = dialler_call(
	    client->all->dialler, &at, on_dialled, client);
	if (!client->call)
		log_warn("dial a peer");
}

/* Whether it waits now. */
static bool
put_off(struct client *client)
{
	struct loop *loop = client->all->spec.loop;
	int64_t ms = session_waits(client->session, loop_now(loop));

	if (ms > 0 && loop_timer_set(loop, &client->resume, ms) < 0)
		conn_abort(client->conn, errno);
	return ms > 0;
}

/* Serve what has arrived, as far as the client takes its answers. */
static void
serve(struct client *client)
{
	struct conn *conn = client->conn;
	const struct clients *all = client->all;
	struct buf *out = conn_out(conn);
	int64_t start = clock_us(), us;
	size_t taken = session_input(client->session, conn_in(conn),
	    conn_eof(conn), out, loop_now(all->spec.loop));
	bool full, waits;

	conn_consume(conn, taken);
	us = clock_us() - start;
	session_took(client->session, us);
	client->cheap = us < COSTLY_US;
	client->all->served_us += us;
	count_unsent(client, buf_len(out));
	make_room(client);
	if (session_over(client->session)) {
		conn_close(conn);
		return;
	}
	dial_back(client);
	full = buf_len(out) > 0 && buf_len(out) >= all->scratch->unsent;
	waits = put_off(client);
	conn_pause(conn, full || waits);
	if (!full && !waits && taken > 0 && conn_in(conn).len > 0)
		conn_again(conn);
}

/* Behind all who owe no more. */
static void
line_up(struct client *client, int64_t owes)
{
	struct clients *all = client->all;
	struct client **here = &all->queue;

	if (all->queue && all->queue_last->owes <= owes)
		here = &all->queue_last->queue_next;
	while (*here && (*here)->owes <= owes)
		here = &(*here)->queue_next;
	client->owes = owes;
	client->queue_next = *here;
	*here = client;
	if (!client->queue_next)
		all->queue_last = client;
}

static void
enter_queue(struct client *client)
{
	struct clients *all = client->all;

	if (client->queued)
		return;
	client->queued = true;
	line_up(
	    client, session_owes(client->session, loop_now(all->spec.loop)));
	if (!all->next_set)
		loop_defer(all->spec.loop, &all->next);
	all->next_set = true;
}

/* Take out who owes least; others of his address may have made it more. */
static struct client *
take_first(struct clients *all)
{
	int64_t now = loop_now(all->spec.loop), owes;
	struct client *first;

	for (;;) {
		first = all->queue;
		leave_queue(first);
		owes = session_owes(first->session, now);
		if (owes <= first->owes)
			return first;
		first->queued = true;
		line_up(first, owes);
	}
}

/* The first of the queue has its turn; the next comes after other events. */
static void
serve_next(struct loop_task *task)
{
	struct clients *all = LOOP_OWNER(task, struct clients, next);
	struct client *client;

	all->next_set = false;
	all->served_us = 0;
	while (all->queue && all->served_us < QUICK_US) {
		client = take_first(all);
		serve(client);
		conn_flush(client->conn);
	}
	if (!all->queue)
		return;
	loop_defer(all->spec.loop, &all->next);
	all->next_set = true;
}

/* Now, or in its turn if that takes long. */
static void
attend(struct client *client)
{
	size_t len = conn_in(client->conn).len;
	bool quick = client->cheap && len < MUCH_BYTES &&
	    client->all->served_us < COSTLY_US;

	if (quick || len == 0)
		serve(client);
	else
		enter_queue(client);
}

static void
resume(struct loop_timer *timer)
{
	struct client *client = LOOP_OWNER(timer, struct client, resume);

	attend(client);
	conn_flush(client->conn);
}

static void
on_input(struct conn *conn, void *owner, bool eof)
{
	struct client *client = owner;

	(void)conn;
	(void)eof;
	session_heard(client->session, loop_now(client->all->spec.loop));
	attend(client);
}

static void
on_drained(struct conn *conn, void *owner)
{
	struct client *client = owner;

	(void)conn;
	count_unsent(client, 0);
	attend(client);
}

static void
on_timeout(struct conn *conn, void *owner)
{
	struct client *client = owner;
	const struct clients *all = client->all;
	int64_t next = all->spec.index->limits->ping_ms;

	/* Who still takes answers, or is not read, is not silent. */
	if (conn_pending(conn) == 0 && !loop_timer_is_set(&client->resume))
		next = session_tick(
		    client->session, conn_out(conn), loop_now(all->spec.loop));
	if (session_over(client->session))
		conn_close(conn);
	else
		conn_timer(conn, next);
}

static void
on_closed(struct conn *conn, void *owner, int error)
{
	struct client *client = owner;
	char text[ADDR_TEXT];

	(void)conn;
	if (error != 0)
		log_debug("%s: %s", addr_ip_text(&client->address, text),
		    strerror(error));
	client_free(client);
}

static const struct conn_ops client_ops = {
    .input = on_input,
    .drained = on_drained,
    .timeout = on_timeout,
    .closed = on_closed,
};

static void
link_client(struct clients *all, struct client *client)
{
	client->next = all->first;
	client->here = &all->first;
	if (all->first)
		all->first->here = &client->next;
	all->first = client;
}

static struct session *
open_session(const struct clients *all, int fd, const struct addr *address)
{
	struct session_spec spec = {
	    .index = all->spec.index,
	    .scratch = all->scratch,
	    .shard = all->spec.shard,
	    .client = *address,
	};

	if (net_local(fd, &spec.via) < 0)
		return NULL;
	return session_new(&spec, loop_now(all->spec.loop));
}

int
clients_add(struct clients *all, int fd, const struct addr *address)
{
	const struct limits *limits = all->spec.index->limits;
	struct client *client = calloc(1, sizeof *client);
	int64_t next;

	if (!client)
		return -1;
	client->all = all;
	client->address = *address;
	client->resume.fire = resume;
	client->session = open_session(all, fd, address);
	if (!client->session)
		goto fail;
	client->conn = conn_new(all->spec.loop, fd, &client_ops, client);
	if (!client->conn)
		goto fail;
	link_client(all, client);
	conn_limits(
	    client->conn, LIMITS_INPUT_BYTES, OUT_BYTES, limits->stall_ms);
	next = limits->idle_ms < limits->ping_ms ? limits->idle_ms
						 : limits->ping_ms;
	conn_timer(client->conn, next);
	return 0;
fail:
	session_free(client->session);
	free(client);
	return -1;
}

void
clients_end(struct clients *all)
{
	for (struct client *c = all->first; c; c = c->next) {
		leave_queue(c);
		conn_abort(c->conn, 0);
	}
}

struct clients *
clients_new(const struct clients_spec *spec)
{
	const struct limits *limits = spec->index->limits;
	const struct dialler_spec dialler = {
	    .loop = spec->loop,
	    .most = (unsigned)limits->dials,
	    .ms = limits->dial_ms,
	};
	struct clients *all = calloc(1, sizeof *all);

	if (!all)
		return NULL;
	all->spec = *spec;
	all->next.run = serve_next;
	all->tidy.fire = tidy;
	all->dialler = dialler_new(&dialler);
	all->scratch = command_scratch_new();
	if (!all->dialler || !all->scratch) {
		clients_free(all);
		return NULL;
	}
	return all;
}

void
clients_free(struct clients *all)
{
	if (!all)
		return;
	dialler_free(all->dialler);
	command_scratch_free(all->scratch);
	free(all);
}
