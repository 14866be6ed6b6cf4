#include "clients.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "clients_state.h"
#include "command.h"
#include "config.h"
#include "dialler.h"
#include "index.h"
#include "lib/addr.h"
#include "lib/conn.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "limits.h"
#include "searcher.h"
#include "session.h"

/*
 * So many clients gone leave memory worth giving back to the system, once the
 * others of their crowd have had time to go too.
 */
#define TIDY_CLIENTS 32
#define TIDY_MS 500

/* The answer that is begun while just less than the limit waits. */
#define OUT_BYTES (LIMITS_UNSENT_BYTES + LIMITS_ANSWER_BYTES + 65536)

static void
tidy(struct loop_timer *timer)
{
	struct clients *all = LOOP_OWNER(timer, struct clients, tidy);

	all->gone = 0;
	malloc_trim(0);
}

static void
client_free(struct client *client)
{
	struct clients *all = client->all;

	*client->here = client->next;
	if (client->next)
		client->next->here = client->here;
	clients_turn_leave(client);
	dialler_cancel(client->call);
	session_free(client->session);
	all->spec.gone(all->spec.arg, &client->address);
	free(client);
	if (++all->gone == TIDY_CLIENTS)
		loop_timer_set(all->spec.loop, &all->tidy, TIDY_MS);
}

static void
on_input(struct conn *conn, void *owner, bool eof)
{
	struct client *client = owner;

	(void)conn;
	(void)eof;
	session_heard(client->session, loop_now(client->all->spec.loop));
	clients_turn_attend(client);
}

static void
on_drained(struct conn *conn, void *owner)
{
	struct client *client = owner;

	(void)conn;
	clients_turn_drained(client);
}

static void
on_timeout(struct conn *conn, void *owner)
{
	struct client *client = owner;
	const struct clients *all = client->all;
	int64_t next = all->spec.index->limits->ping_ms;

	/* Who still takes answers, or is not read, is not silent. */
	if (conn_pending(conn) == 0 && !loop_timer_is_set(&client->resume) &&
	    !session_seeks(client->session))
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
	client->resume.fire = clients_turn_resume;
	client->session = open_session(all, fd, address);
	if (!client->session)
		goto fail;
	client->conn = conn_new(all->spec.loop, fd, &client_ops, client);
	if (!client->conn)
		goto fail;
	client->turn.owner = client;
	client->turn.session = client->session;
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

static int
make_searchers(struct clients *all)
{
	static const enum store_haste hastes[CLIENTS_LANES] = {
	    STORE_SOON, STORE_ANY};
	struct searcher_spec spec = {
	    .done = all->spec.found, .arg = all->spec.arg};

	for (size_t i = 0; i < CLIENTS_LANES; i++) {
		spec.haste = hastes[i];
		all->lanes[i].searcher = searcher_new(&spec);
		if (!all->lanes[i].searcher)
			return -1;
	}
	return 0;
}

static void
free_searchers(struct clients *all)
{
	for (size_t i = 0; i < CLIENTS_LANES; i++) {
		searcher_free(all->lanes[i].searcher);
		all->lanes[i].searcher = NULL;
	}
}

void
clients_end(struct clients *all)
{
	free_searchers(all);
	for (struct client *c = all->first; c; c = c->next) {
		turns_leave(&c->turn);
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
	all->next.run = clients_turn_next;
	all->tidy.fire = tidy;
	all->dialler = dialler_new(&dialler);
	all->scratch = command_scratch_new();
	if (!all->dialler || !all->scratch || make_searchers(all) < 0) {
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
	free_searchers(all);
	dialler_free(all->dialler);
	command_scratch_free(all->scratch);
	free(all);
}
