#include "first.h"

#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/net.h"
#include "merge.h"
#include "row.h"

/* How long one peer may take, and how many are dialled at a time. */
#define CALL_MS 1000
#define CALLS 8

/* Nothing that is open: poll passes over it. */
#define ACCEPTED (-1)

/* A peer that is dialled. */
struct call {
	const struct row *row;
	int fd; /* or ACCEPTED */
	int64_t due;
};

/* Some peers in a row, best first; none follows one that has accepted. */
struct calls {
	const struct rows *rows;
	size_t next; /* the row whose turn it is */
	int64_t deadline;
	struct call list[CALLS];
	size_t count;
};

static bool
has_accepted(const struct calls *w)
{
	return w->count && w->list[w->count - 1].fd == ACCEPTED;
}

/* A name is not looked up: an index could make us ask for anything. */
static int
dial(const struct row *row)
{
	struct addr a;

	if (addr_parse_ip(row->host, &a) < 0)
		return -1;
	a.port = row->port;
	return net_dial(&a, NULL);
}

static void
fill(struct calls *w, int64_t now)
{
	int64_t due = now + CALL_MS;

	if (now >= w->deadline || has_accepted(w))
		return;
	while (w->count < CALLS && w->next < w->rows->count) {
		const struct row *row = w->rows->list[w->next++];
		int fd = dial(row);

		if (fd >= 0)
			w->list[w->count++] = (struct call){
			    .row = row,
			    .fd = fd,
			    .due = due < w->deadline ? due : w->deadline,
			};
	}
}

/* Until something has become of one of them. */
static void
await(const struct calls *w, struct pollfd *polled, int64_t now)
{
	int64_t due = w->deadline;

	for (size_t i = 0; i < w->count; i++) {
		const struct call *c = &w->list[i];

		polled[i] = (struct pollfd){.fd = c->fd, .events = POLLOUT};
		if (c->fd != ACCEPTED && c->due < due)
			due = c->due;
	}
	(void)poll(polled, w->count, due > now ? (int)(due - now) : 0);
}

/* Whether it has accepted, or still may. */
static bool
has_hope(struct call *c, bool ready, int64_t now)
{
	bool accepts;

	if (c->fd == ACCEPTED || (!ready && now < c->due))
		return true;
	accepts = ready && net_outcome(c->fd) == 0;
	close(c->fd);
	c->fd = ACCEPTED;
	return accepts;
}

/* Keep those with hope, up to the first that has accepted. */
static void
settle(struct calls *w, const struct pollfd *polled, int64_t now)
{
	size_t count = w->count;

	w->count = 0;
	for (size_t i = 0; i < count; i++) {
		struct call c = w->list[i];

		if (!has_accepted(w)) {
			if (has_hope(&c, polled[i].revents, now))
				w->list[w->count++] = c;
		} else if (c.fd != ACCEPTED) {
			close(c.fd);
		}
	}
}

const struct row *
first(struct rows *rows, int64_t timeout_ms)
{
	struct calls w = {.rows = rows, .deadline = clock_ms() + timeout_ms};
	struct pollfd polled[CALLS];

	merge_peers(rows);
	for (;;) {
		fill(&w, clock_ms());
		if (w.count == 0)
			return NULL;
		if (w.list[0].fd == ACCEPTED)
			return w.list[0].row;
		await(&w, polled, clock_ms());
		settle(&w, polled, clock_ms());
	}
}
