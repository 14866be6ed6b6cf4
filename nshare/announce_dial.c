#include <errno.h>
#include <sys/random.h>

#include "announce_state.h"
#include "lib/log.h"

#define DIAL_MS 10000

void
announce_complain(struct announce *a, const char *why, struct slice detail)
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
	announce_complain(
	    a, error ? strerror(error) : "it closed the connection", SLICE(""));
	retry_later(a);
}

/* The address to connect from: the one that is served, in its family. */
static const struct addr *
from(const struct announce *a, const struct addr *to)
{
	const struct addr *own = a->spec.from;

	return own && addr_is_v4(own) == addr_is_v4(to) ? own : NULL;
}

/* Connect to the next address of the index; errno: why the last one failed. */
static void
dial_next(struct announce *a)
{
	while (a->dialled < a->addrs.count) {
		const struct addr *to = &a->addrs.list[a->dialled++];

		a->opened = false;
		a->conn = conn_dial(
		    a->loop, to, from(a, to), DIAL_MS, &announce_talk_ops, a);
		if (a->conn)
			return;
	}
	fail(a, errno);
}

void
announce_dial(struct announce *a)
{
	const char *why;
	int resolved = net_resolve(
	    a->index.name, a->index.port, NET_ANY, &a->addrs, &why);

	/* It took its time: what spec points to may be gone. */
	if (atomic_load(&a->ending))
		return;
	if (resolved < 0) {
		announce_complain(a, why, SLICE(""));
		retry_later(a);
		return;
	}
	a->dialled = 0;
	dial_next(a);
}

void
announce_lost(struct announce *a, int error)
{
	if (!a->opened) {
		a->seed_next = false;
		errno = error;
		dial_next(a);
	} else if (a->seed_next) {
		log_debug("index %s: it hangs up on version 2", a->name);
		a->dialled--;
		dial_next(a);
	} else {
		fail(a, error);
	}
}
