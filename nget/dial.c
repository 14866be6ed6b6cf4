#include "dial.h"

#include <errno.h>
#include <stdbool.h>

#include "lib/conn.h"
#include "lib/locator.h"
#include "stop.h"

/* An address is given up sooner than the time-out when others follow. */
#define NEXT_MS 3000

int
dial_begin(struct dial *d, const struct locator_host *host, const char **why)
{
	sigset_t held;
	int result;

	stop_let(&held);
	result = net_resolve(host->name, host->port, NET_ANY, &d->addrs, why);
	stop_hold(&held);
	return result;
}

static int64_t
patience(const struct dial *d)
{
	bool last = d->dialled + 1 == d->addrs.count;

	return last || d->timeout_ms < NEXT_MS ? d->timeout_ms : NEXT_MS;
}

struct conn *
dial_next(struct dial *d, int error)
{
	while (d->dialled < d->addrs.count) {
		int64_t ms = patience(d);
		const struct addr *to = &d->addrs.list[d->dialled++];
		struct conn *c = conn_dial(
		    d->loop, to, NULL, ms, d->ops, d->owner);

		if (c)
			return c;
		error = errno;
	}
	errno = error;
	return NULL;
}

void
dial_end(struct dial *d)
{
	net_addrs_free(&d->addrs);
	d->dialled = 0;
}
