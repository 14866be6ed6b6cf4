#include "worker.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "config.h"
#include "index.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/crowd.h"
#include "lib/inbox.h"
#include "lib/listen.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "limits.h"
#include "session.h"

/* A client of this worker, in the list of all of them. */
struct client {
	struct client *next;
	struct client **here; /* what points to this one */
	struct worker *worker;
	struct conn *conn;
	struct session *session;
	struct addr address;
	bool waits; /* until the index is less crowded */
	bool queued; /* among those that register much */
	struct client *queue_next;
};

struct worker {
	struct index *index;
	struct loop *loop;
	struct command_scratch *scratch;
	struct listen **listens;
	size_t listen_count;
	struct client *clients;
	struct client *queue; /* clients that have much to register */
	struct client **queue_end;
	struct loop_task next;
	bool next_set;
	struct worker *const *crew;
	unsigned crew_count;
	atomic_uint charge; /* connections, those in the inbox as well */
	struct inbox inbox;
	struct loop_timer relief;
	struct loop_timer tidy;
	unsigned gone; /* clients, since memory was last given back */
	unsigned shard;
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

/* When clients that wait are asked again. */
#define RELIEF_MS 2

/* Who asks one thing after the other asks the next within that time. */
#define LINGER_US 50

/* A request line must fit, and registrations want large batches. */
#define IN_BYTES (64 * 1024)

/* The answer that is begun while just less than the limit waits. */
#define OUT_BYTES (LIMITS_UNSENT_BYTES + LIMITS_ANSWER_BYTES + 65536)

static void
tidy(struct loop_timer *timer)
{
	struct worker *w = LOOP_OWNER(timer, struct worker, tidy);

	w->gone = 0;
	malloc_trim(0);
}

static void
leave_queue(struct client *client)
{
	struct worker *w = client->worker;
	struct client **here = &w->queue;

	if (!client->queued)
		return;
	while (*here != client)
		here = &(*here)->queue_next;
	*here = client->queue_next;
	if (!client->queue_next)
		w->queue_end = here;
	client->queued = false;
}

static void
client_free(struct client *client)
{
	struct worker *w = client->worker;

	*client->here = client->next;
	if (client->next)
		client->next->here = client->here;
	leave_queue(client);
	session_free(client->session);
	crowd_leave(w->index->crowd, &client->address);
	free(client);
	atomic_fetch_sub(&w->charge, 1);
	if (++w->gone == TIDY_CLIENTS)
		loop_timer_set(w->loop, &w->tidy, TIDY_MS);
}

/* Serve what has arrived, as far as the client takes its answers. */
static void
serve(struct client *client)
{
	struct conn *conn = client->conn;
	struct worker *w = client->worker;
	size_t taken = session_input(client->session, conn_in(conn),
	    conn_eof(conn), conn_out(conn), loop_now(w->loop));
	bool full = buf_len(conn_out(conn)) >= LIMITS_UNSENT_BYTES;

	conn_consume(conn, taken);
	if (session_over(client->session)) {
		conn_close(conn);
		return;
	}
	client->waits = session_waits(client->session);
	if (client->waits && !loop_timer_is_set(&w->relief))
		loop_timer_set(w->loop, &w->relief, RELIEF_MS);
	conn_pause(conn, full || client->waits);
	if (!full && !client->waits && taken > 0 && conn_in(conn).len > 0)
		conn_again(conn);
}

static void
relieve(struct loop_timer *timer)
{
	struct worker *w = LOOP_OWNER(timer, struct worker, relief);

	for (struct client *c = w->clients; c; c = c->next) {
		if (!c->waits)
			continue;
		c->waits = false;
		serve(c);
		conn_flush(c->conn);
	}
}

static void
enter_queue(struct client *client)
{
	struct worker *w = client->worker;

	if (client->queued)
		return;
	client->queued = true;
	client->queue_next = NULL;
	*w->queue_end = client;
	w->queue_end = &client->queue_next;
	if (!w->next_set)
		loop_defer(w->loop, &w->next);
	w->next_set = true;
}

/* The first of the queue has its turn; the next comes after other events. */
static void
serve_next(struct loop_task *task)
{
	struct worker *w = LOOP_OWNER(task, struct worker, next);
	struct client *client = w->queue;

	w->next_set = false;
	if (!client)
		return;
	leave_queue(client);
	serve(client);
	conn_flush(client->conn);
	if (!w->queue)
		return;
	loop_defer(w->loop, &w->next);
	w->next_set = true;
}

static void
on_input(struct conn *conn, void *owner, bool eof)
{
	struct client *client = owner;

	session_heard(client->session, loop_now(client->worker->loop));
	if (conn_in(conn).len >= MUCH_BYTES && !eof)
		enter_queue(client);
	else
		serve(client);
}

static void
on_drained(struct conn *conn, void *owner)
{
	(void)conn;
	serve(owner);
}

static void
on_timeout(struct conn *conn, void *owner)
{
	struct client *client = owner;
	int64_t next = LIMITS_PING_MS;

	/* Who still takes answers is not silent. */
	if (conn_pending(conn) == 0)
		next = session_tick(client->session, conn_out(conn),
		    loop_now(client->worker->loop));
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
	if (error != 0) {
		errno = error;
		log_debug("%s: %s", addr_ip_text(&client->address, text),
		    strerror(error));
	}
	client_free(client);
}

static const struct conn_ops client_ops = {
    .input = on_input,
    .drained = on_drained,
    .timeout = on_timeout,
    .closed = on_closed,
};

/* A client on fd, which it then owns. NULL with errno. */
static struct client *
client_new(struct worker *w, int fd, const struct addr *address)
{
	struct client *client = calloc(1, sizeof *client);
	struct session_spec spec = {
	    .index = w->index,
	    .scratch = w->scratch,
	    .shard = w->shard,
	    .client = *address,
	};

	if (!client)
		return NULL;
	if (net_local(fd, &spec.via) < 0)
		goto fail;
	client->worker = w;
	client->address = *address;
	client->session = session_new(&spec, loop_now(w->loop));
	if (!client->session)
		goto fail;
	client->conn = conn_new(w->loop, fd, &client_ops, client);
	if (!client->conn)
		goto fail;
	return client;
fail:
	session_free(client->session);
	free(client);
	return NULL;
}

static void
link_client(struct worker *w, struct client *client)
{
	client->next = w->clients;
	client->here = &w->clients;
	if (w->clients)
		w->clients->here = &client->next;
	w->clients = client;
}

/* Too many from one address: say so, as far as one send goes, and close. */
static void
turn_away(int fd, const struct addr *address)
{
	static const char why[] = "ERR limit too many connections\n";
	char text[ADDR_TEXT];

	log_debug("%s: too many connections", addr_ip_text(address, text));
	if (write(fd, why, sizeof why - 1) < 0)
		log_debug("%s: gone", addr_ip_text(address, text));
	close(fd);
}

/* A connection that could not be served after all. */
static void
give_up(struct worker *w, const struct arrival *a)
{
	log_warn("a connection");
	atomic_fetch_sub(&w->charge, 1);
	crowd_leave(w->index->crowd, &a->address);
	close(a->fd);
}

static void
begin(struct worker *w, const struct arrival *a)
{
	struct client *client = client_new(w, a->fd, &a->address);

	if (!client) {
		give_up(w, a);
		return;
	}
	link_client(w, client);
	conn_limits(client->conn, IN_BYTES, OUT_BYTES, CONN_STALL_MS);
	conn_timer(client->conn, LIMITS_PING_MS);
}

static void
on_wake(void *arg)
{
	struct worker *w = arg;
	struct arrival arrival;

	while (inbox_take(&w->inbox, &arrival))
		begin(w, &arrival);
}

/*
 * The worker with the fewest connections: which one the kernel wakes to accept
 * is no matter of chance, and one alone could get them all.
 */
static struct worker *
least_charged(struct worker *w)
{
	struct worker *best = w;

	for (unsigned i = 0; i < w->crew_count; i++)
		if (atomic_load(&w->crew[i]->charge) <
		    atomic_load(&best->charge))
			best = w->crew[i];
	return best;
}

static void
on_accepted(void *arg, int fd, const struct addr *address)
{
	struct worker *w = arg, *other;
	struct arrival arrival = {fd, *address};
	bool spared = addr_is_loopback(address) ||
	    limits_trusts(w->index->limits, address);

	if (!crowd_enter(w->index->crowd, address, spared)) {
		turn_away(fd, address);
		return;
	}
	other = least_charged(w);
	atomic_fetch_add(&other->charge, 1);
	if (other == w)
		begin(w, &arrival);
	else if (inbox_put(&other->inbox, &arrival) == 0)
		loop_wake(other->loop);
	else
		give_up(other, &arrival);
}

struct worker *
worker_new(const struct worker_spec *spec)
{
	struct worker *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->index = spec->index;
	w->shard = spec->shard;
	w->crew = spec->crew;
	w->crew_count = spec->crew_count;
	inbox_init(&w->inbox);
	w->queue_end = &w->queue;
	w->next.run = serve_next;
	w->tidy.fire = tidy;
	w->relief.fire = relieve;
	w->loop = loop_new();
	w->scratch = command_scratch_new();
	w->listens = calloc(spec->listener_count, sizeof *w->listens);
	if (!w->loop || !w->scratch || !w->listens)
		goto fail;
	loop_on_wake(w->loop, on_wake, w);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		loop_linger(w->loop, LINGER_US);
	for (size_t i = 0; i < spec->listener_count; i++) {
		w->listens[i] = listen_new(
		    w->loop, spec->listeners[i], on_accepted, w);
		if (!w->listens[i])
			goto fail;
		w->listen_count++;
	}
	return w;
fail:
	worker_free(w);
	return NULL;
}

static void
stop_listening(struct worker *w)
{
	while (w->listen_count > 0)
		listen_free(w->listens[--w->listen_count]);
}

void
worker_run(struct worker *w)
{
	if (loop_run(w->loop) < 0)
		log_warn("waiting for events");
	stop_listening(w);
	for (struct client *c = w->clients; c; c = c->next) {
		leave_queue(c);
		conn_abort(c->conn, 0);
	}
}

void
worker_stop(struct worker *w)
{
	loop_stop(w->loop);
}

void
worker_free(struct worker *w)
{
	int error = errno;

	if (!w)
		return;
	stop_listening(w);
	loop_free(w->loop);
	command_scratch_free(w->scratch);
	inbox_free(&w->inbox);
	free(w->listens);
	free(w);
	errno = error;
}
