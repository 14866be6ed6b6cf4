#include "worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "clients.h"
#include "index.h"
#include "lib/addr.h"
#include "lib/crowd.h"
#include "lib/inbox.h"
#include "lib/listen.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/processors.h"
#include "lib/prompt.h"
#include "limits.h"
#include "reception.h"

struct worker {
	struct index *index;
	struct loop *loop;
	struct clients *clients;
	struct listen **listens;
	size_t listen_count;
	struct reception *reception;
	struct worker *const *crew;
	unsigned crew_count;
	atomic_uint charge; /* connections, those in the inbox as well */
	struct inbox inbox;
	atomic_bool resting;
	bool ended;
};

/* Who asks one thing after the other asks the next within that time. */
#define LINGER_US 50

/* One connection less, wherever it stood. */
static void
on_gone(void *arg, const struct addr *address)
{
	struct worker *w = arg;

	crowd_leave(w->index->crowd, address);
	atomic_fetch_sub(&w->charge, 1);
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
	on_gone(w, &a->address);
	close(a->fd);
}

static void
begin(struct worker *w, const struct arrival *a)
{
	if (clients_add(w->clients, a->fd, &a->address) < 0)
		give_up(w, a);
}

static void
on_wake(void *arg)
{
	struct worker *w = arg;
	struct arrival arrival;

	while (inbox_take(&w->inbox, &arrival))
		begin(w, &arrival);
	clients_found(w->clients);
}

static void
on_found(void *arg)
{
	struct worker *w = arg;

	loop_wake(w->loop);
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
	bool spared = limits_spare(w->index->limits, address);

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

static int
listen_at(struct worker *w, const struct worker_spec *spec)
{
	if (spec->listener_count == 0)
		return 0;
	w->listens = calloc(spec->listener_count, sizeof *w->listens);
	if (!w->listens)
		return -1;
	for (size_t i = 0; i < spec->listener_count; i++) {
		w->listens[i] = listen_new(
		    w->loop, spec->listeners[i], on_accepted, w);
		if (!w->listens[i])
			return -1;
		w->listen_count++;
	}
	return 0;
}

static int
receive_at(struct worker *w, int socket)
{
	const struct reception_spec spec = {
	    .loop = w->loop,
	    .socket = socket,
	    .accepted = on_accepted,
	    .arg = w,
	};

	if (socket < 0)
		return 0;
	w->reception = reception_new(&spec);
	return w->reception ? 0 : -1;
}

struct worker *
worker_new(const struct worker_spec *spec)
{
	struct worker *w = calloc(1, sizeof *w);
	struct clients_spec clients = {
	    .index = spec->index,
	    .shard = spec->shard,
	    .gone = on_gone,
	    .found = on_found,
	    .arg = w,
	};

	if (!w)
		return NULL;
	w->index = spec->index;
	w->crew = spec->crew;
	w->crew_count = spec->crew_count;
	inbox_init(&w->inbox);
	w->loop = clients.loop = loop_new();
	if (!w->loop)
		goto fail;
	w->clients = clients_new(&clients);
	if (!w->clients || listen_at(w, spec) < 0 ||
	    receive_at(w, spec->reception) < 0)
		goto fail;
	loop_on_wake(w->loop, on_wake, w);
	if (processors_count() > 1)
		loop_linger(w->loop, LINGER_US);
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
	reception_free(w->reception);
	w->reception = NULL;
}

/* Those who serve it behind the scenes are at an end then, too. */
static void
end(struct worker *w)
{
	stop_listening(w);
	if (w->clients && !w->ended)
		clients_end(w->clients);
	w->ended = true;
}

void
worker_run(struct worker *w)
{
	prompt_thread();
	if (loop_run(w->loop) < 0)
		log_warn("waiting for events");
	if (atomic_exchange(&w->resting, false))
		return;
	end(w);
}

void
worker_stop(struct worker *w)
{
	loop_stop(w->loop);
}

void
worker_rest(struct worker *w)
{
	atomic_store(&w->resting, true);
	loop_stop(w->loop);
}

void
worker_free(struct worker *w)
{
	int error = errno;

	if (!w)
		return;
	end(w);
	loop_free(w->loop);
	clients_free(w->clients);
	inbox_free(&w->inbox);
	free(w->listens);
	free(w);
	errno = error;
}
