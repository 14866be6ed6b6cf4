#include "worker.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "lib/addr.h"
#include "lib/crowd.h"
#include "lib/inbox.h"
#include "lib/listen.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/net.h"
#include "lib/processors.h"
#include "opened.h"
#include "seed.h"

/* One for each address family. */
#define LISTENS_MAX 2

/* Whose next request comes within that time need not wake a processor. */
#define LINGER_US 20

/* As much is read of a request that is turned away. */
#define ASKED_BYTES 16384

struct worker {
	struct client_room room;
	struct crowd *crowd;
	struct listen *listens[LISTENS_MAX];
	size_t listen_count;
	struct worker *const *crew;
	size_t crew_count;
	atomic_uint charge; /* connections, those in the inbox as well */
	struct inbox inbox;
};

/*
 * Too many: say so, as far as one send goes, and close. What is unread would
 * make that a reset, which may overtake the answer; of the seed's form, which
 * would take that for the file, a reset is the answer.
 */
static void
turn_away(int fd)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
				   "Connection: close\r\n"
				   "Content-Length: 0\r\n"
				   "Retry-After: 2\r\n\r\n";
	char asked[ASKED_BYTES];
	ssize_t n = recv(fd, asked, sizeof asked, MSG_DONTWAIT);
	struct slice name;

	if (n > 0 && seed_parse(slice_of(asked, (size_t)n), false, &name) > 0) {
		net_reset(fd);
		return;
	}
	if (send(fd, busy, sizeof busy - 1, MSG_DONTWAIT) > 0)
		shutdown(fd, SHUT_WR);
	close(fd);
}

static void
on_left(void *arg, const struct addr *peer)
{
	struct worker *w = arg;

	atomic_fetch_sub(&w->charge, 1);
	crowd_leave(w->crowd, peer);
}

static void
give_up(struct worker *w, const struct arrival *a)
{
	char text[ADDR_TEXT];

	log_warn("%s", addr_text(&a->address, text));
	on_left(w, &a->address);
	close(a->fd);
}

static void
begin(struct worker *w, const struct arrival *a)
{
	if (client_new(&w->room, a->fd, &a->address) < 0)
		give_up(w, a);
}

/*
 * The worker with the fewest connections: which one the kernel wakes to accept
 * is no matter of chance, and one alone could get them all.
 */
static struct worker *
least_charged(struct worker *w)
{
	struct worker *best = w;

	for (size_t i = 0; i < w->crew_count; i++)
		if (atomic_load(&w->crew[i]->charge) <
		    atomic_load(&best->charge))
			best = w->crew[i];
	return best;
}

static void
on_accepted(void *arg, int fd, const struct addr *peer)
{
	const struct arrival arrival = {fd, *peer};
	struct worker *w = arg, *other;
	char text[ADDR_TEXT];

	if (!crowd_enter(w->crowd, peer, addr_is_loopback(peer))) {
		log_debug("%s: too many connections", addr_text(peer, text));
		turn_away(fd);
		return;
	}
	other = least_charged(w);
	atomic_fetch_add(&other->charge, 1);
	if (other == w)
		begin(w, &arrival);
	else if (inbox_put(&other->inbox, &arrival) == 0)
		loop_wake(other->room.loop);
	else
		give_up(other, &arrival);
}

static void
on_wake(void *arg)
{
	struct worker *w = arg;
	struct arrival arrival;

	while (inbox_take(&w->inbox, &arrival))
		begin(w, &arrival);
	client_retry_all(&w->room);
}

static int
listen_all(struct worker *w, const struct worker_spec *spec)
{
	for (size_t i = 0; i < spec->listener_count; i++) {
		struct listen *l = listen_new(
		    w->room.loop, spec->listeners[i], on_accepted, w);

		if (!l)
			return -1;
		w->listens[w->listen_count++] = l;
	}
	return 0;
}

struct worker *
worker_new(const struct worker_spec *spec)
{
	struct worker *w;

	if (spec->listener_count > LISTENS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->crowd = spec->crowd;
	w->crew = spec->crew;
	w->crew_count = spec->crew_count;
	inbox_init(&w->inbox);
	w->room = (struct client_room){
	    .loop = loop_new(), .site = spec->site, .left = on_left, .arg = w};
	if (w->room.loop)
		w->room.opened = opened_new(w->room.loop, spec->site);
	if (!w->room.opened || listen_all(w, spec) < 0) {
		worker_free(w);
		return NULL;
	}
	loop_on_wake(w->room.loop, on_wake, w);
	if (processors_count() > 1)
		loop_linger(w->room.loop, LINGER_US);
	return w;
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
	if (loop_run(w->room.loop) < 0)
		log_warn("waiting for events");
	stop_listening(w);
	client_end_all(&w->room);
}

void
worker_wake(struct worker *w)
{
	loop_wake(w->room.loop);
}

void
worker_stop(struct worker *w)
{
	loop_stop(w->room.loop);
}

void
worker_free(struct worker *w)
{
	int error = errno;

	if (!w)
		return;
	stop_listening(w);
	inbox_free(&w->inbox);
	opened_free(w->room.opened);
	loop_free(w->room.loop);
	free(w);
	errno = error;
}
