#include <errno.h>

#include "clients_state.h"
#include "command.h"
#include "dialler.h"
#include "lib/clock.h"
#include "lib/conn.h"
#include "lib/log.h"
#include "limits.h"
#include "searcher.h"
#include "session.h"

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
#define COSTLY_US 200

/* Of those that wait, a round serves the first, and more if they are quick. */
#define QUICK_US 100

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

void
clients_turn_leave(struct client *client)
{
	struct clients *all = client->all;

	count_unsent(client, 0);
	turns_leave(&client->turn);
	loop_timer_cancel(all->spec.loop, &client->resume);
	for (size_t i = 0; i < CLIENTS_LANES; i++)
		if (all->lanes[i].sought == client)
			all->lanes[i].sought = NULL;
}

static void
cut_off(struct client *client)
{
	char text[ADDR_TEXT];

	log_debug("%s: does not read its answers",
	    addr_ip_text(&client->address, text));
	clients_turn_leave(client);
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

/* Let a lane go on with the search of who owes least. */
static void
search_next(struct clients *all, struct lane *lane)
{
	struct client *client;

	if (searcher_busy(lane->searcher))
		return;
	client = turns_take(&lane->turns, loop_now(all->spec.loop));
	lane->sought = client;
	if (client)
		session_seek(
		    client->session, conn_in(client->conn), lane->searcher);
}

static void
seek(struct client *client, struct lane *lane)
{
	struct clients *all = client->all;

	turns_enter(&lane->turns, &client->turn, loop_now(all->spec.loop));
	search_next(all, lane);
}

/*
 * So many bytes of its input are done with, and answered: whether it goes on at
 * once, and what else that has led to.
 */
static void
settle(struct client *client, size_t taken)
{
	struct conn *conn = client->conn;
	struct clients *all = client->all;
	size_t unsent = buf_len(conn_out(conn));
	bool seeks = session_seeks(client->session), waits, full;

	conn_consume(conn, taken);
	count_unsent(client, unsent);
	make_room(client);
	if (session_over(client->session)) {
		conn_close(conn);
		return;
	}
	dial_back(client);
	full = unsent > 0 && unsent >= all->scratch->unsent;
	waits = put_off(client) || seeks;
	conn_pause(conn, full || waits);
	if (seeks)
		seek(client, &all->lanes[0]);
	else if (!full && !waits && taken > 0 && conn_in(conn).len > 0)
		conn_again(conn);
}

/* Serve what has arrived, as far as the client takes its answers. */
static void
serve(struct client *client)
{
	struct conn *conn = client->conn;
	struct clients *all = client->all;
	int64_t start = clock_us(), us;
	size_t taken;

	/* It may have waited for this, and have its turn before that. */
	turns_leave(&client->turn);
	taken = session_input(client->session, conn_in(conn), conn_eof(conn),
	    conn_out(conn), loop_now(all->spec.loop));
	us = clock_us() - start;
	session_took(client->session, us);
	client->cheap = us < COSTLY_US;
	all->served_us += us;
	settle(client, taken);
}

static void
enter_queue(struct client *client)
{
	struct clients *all = client->all;

	turns_enter(&all->served, &client->turn, loop_now(all->spec.loop));
	if (!all->next_set)
		loop_defer(all->spec.loop, &all->next);
	all->next_set = true;
}

/* The first of the queue has its turn; the next comes after other events. */
void
clients_turn_next(struct loop_task *task)
{
	struct clients *all = LOOP_OWNER(task, struct clients, next);
	struct client *client;

	all->next_set = false;
	all->served_us = 0;
	while (all->served_us < QUICK_US) {
		client = turns_take(&all->served, loop_now(all->spec.loop));
		if (!client)
			return;
		serve(client);
		conn_flush(client->conn);
	}
	if (!all->served.first)
		return;
	loop_defer(all->spec.loop, &all->next);
	all->next_set = true;
}

void
clients_turn_attend(struct client *client)
{
	size_t len = conn_in(client->conn).len;
	bool quick = client->cheap && len < MUCH_BYTES &&
	    client->all->served_us < COSTLY_US;

	if (session_seeks(client->session))
		return;
	if (quick || len == 0)
		serve(client);
	else
		enter_queue(client);
}

static void
take_answer(struct client *client, const struct searcher_answer *answer)
{
	size_t taken = session_found(client->session, answer,
	    conn_out(client->conn), loop_now(client->all->spec.loop));

	settle(client, taken);
	conn_flush(client->conn);
}

void
clients_found(struct clients *all)
{
	struct searcher_answer answer;

	for (struct lane *lane = all->lanes; lane < all->lanes + CLIENTS_LANES;
	     lane++) {
		struct client *client = lane->sought;

		if (!searcher_take(lane->searcher, &answer))
			continue;
		lane->sought = NULL;
		if (client && answer.unfinished)
			seek(client, lane + 1);
		else if (client)
			take_answer(client, &answer);
		buf_free(answer.text);
		search_next(all, lane);
	}
}

void
clients_turn_resume(struct loop_timer *timer)
{
	struct client *client = LOOP_OWNER(timer, struct client, resume);

	clients_turn_attend(client);
	conn_flush(client->conn);
}

void
clients_turn_drained(struct client *client)
{
	count_unsent(client, 0);
	clients_turn_attend(client);
}
