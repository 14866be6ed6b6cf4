#include "first.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/locator.h"
#include "lib/net.h"
#include "row.h"

#define FIRST_MS 1000

/* Wait until the outcome of dialling is there. Whether it is. */
static bool
wait_for(int fd, int64_t deadline)
{
	struct pollfd one = {.fd = fd, .events = POLLOUT};
	int64_t left;
	int n = 0;

	while (n == 0 && (left = deadline - clock_ms()) > 0) {
		n = poll(&one, 1, (int)left);
		if (n < 0 && errno == EINTR)
			n = 0;
	}
	return n > 0;
}

static bool
accepts_at(const struct addr *a, int64_t deadline)
{
	int fd = net_dial(a, NULL);
	bool accepts;

	if (fd < 0)
		return false;
	accepts = wait_for(fd, deadline) && net_outcome(fd) == 0;
	close(fd);
	return accepts;
}

static bool
accepts(const struct row *row)
{
	int64_t deadline = clock_ms() + FIRST_MS;
	char host[LOCATOR_HOST_BYTES];
	struct net_addrs addrs;
	const char *why;
	bool found = false;

	memcpy(host, row->host.ptr, row->host.len);
	host[row->host.len] = '\0';
	if (net_resolve(host, row->port, NET_ANY, &addrs, &why) < 0)
		return false;
	for (size_t i = 0; i < addrs.count && !found; i++)
		found = accepts_at(&addrs.list[i], deadline);
	net_addrs_free(&addrs);
	return found;
}

/* Whether one of the rows before has the same peer. */
static bool
was_tried(const struct rows *rows, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (slice_eq(rows->list[i]->at, rows->list[row]->at))
			return true;
	return false;
}

const struct row *
first(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!was_tried(rows, i) && accepts(rows->list[i]))
			return rows->list[i];
	return NULL;
}
