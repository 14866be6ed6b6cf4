#include "worker.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "config.h"
#include "index.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/crowd.h"
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
};

struct worker {
	struct index *index;
	struct loop *loop;
	struct command_scratch *scratch;
	struct listen **listens;
	size_t listen_count;
	struct client *clients;
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
client_free(struct client *client)
{
	struct worker *w = client->worker;

	*client->here = client->next;
	if (client->next)
		client->next->here = client->here;
	session_free(client->session);
	crowd_leave(w->index->crowd, &client->address);
	free(client);
	if (++w->gone == TIDY_CLIENTS)
		loop_timer_set(w->loop, &w->tidy, TIDY_MS);
}

/* Serve what has arrived, as far as the client takes its answers. */
static void
serve(struct client *client)
{
	struct conn *conn = client->conn;
	size_t taken = session_input(client->session, conn_in(conn),
	    conn_eof(conn), conn_out(conn), loop_now(client->worker->loop));
	bool full = buf_len(conn_out(conn)) >= LIMITS_UNSENT_BYTES;

	conn_consume(conn, taken);
	if (session_over(client->session)) {
		conn_close(conn);
		return;
	}
	conn_pause(conn, full);
	if (!full && taken > 0 && conn_in(conn).len > 0)
		conn_again(conn);
}

static void
on_input(struct conn *conn, void *owner, bool eof)
{
	struct client *client = owner;

	(void)conn;
	(void)eof;
	session_heard(client->session, loop_now(client->worker->loop));
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

static void
on_accepted(void *arg, int fd, const struct addr *address)
{
	struct worker *w = arg;
	bool spared = addr_is_loopback(address) ||
	    limits_trusts(w->index->limits, address);
	struct client *client;

	if (!crowd_enter(w->index->crowd, address, spared)) {
		turn_away(fd, address);
		return;
	}
	client = client_new(w, fd, address);
	if (!client) {
		log_warn("a connection");
		crowd_leave(w->index->crowd, address);
		close(fd);
		return;
	}
	link_client(w, client);
	conn_limits(client->conn, IN_BYTES, OUT_BYTES, CONN_STALL_MS);
	conn_timer(client->conn, LIMITS_PING_MS);
}

struct worker *
worker_new(const struct worker_spec *spec)
{
	struct worker *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->index = spec->index;
	w->shard = spec->shard;
	w->tidy.fire = tidy;
	w->loop = loop_new();
	w->scratch = command_scratch_new();
	w->listens = calloc(spec->listener_count, sizeof *w->listens);
	if (!w->loop || !w->scratch || !w->listens)
		goto fail;
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
	for (struct client *c = w->clients; c; c = c->next)
		conn_abort(c->conn, 0);
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

	stop_listening(w);
	loop_free(w->loop);
	command_scratch_free(w->scratch);
	free(w->listens);
	free(w);
	errno = error;
}
