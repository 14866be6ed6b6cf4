#include "indexd/turns.h"

#include <stdlib.h>

#include "indexd/command.h"
#include "indexd/index.h"
#include "indexd/limits.h"
#include "indexd/rates.h"
#include "indexd/session.h"
#include "tap.h"

#define CLIENTS 4

static struct limits limits = LIMITS_DEFAULT;
static struct index all;
static struct session *sessions[CLIENTS];
static struct turn turns[CLIENTS];

/* One of an address that has had so many microseconds of our time. */
static void
client(int i, const char *address, int64_t us)
{
	struct session_spec spec = {.index = &all};

	addr_parse_ip(slice_str(address), &spec.client);
	sessions[i] = session_new(&spec, 0);
	session_took(sessions[i], us);
	turns[i] = (struct turn){.owner = &turns[i], .session = sessions[i]};
}

static void
order(void)
{
	struct turns queue = {0};

	tap_ok(!turns_take(&queue, 0), "where nobody waits, nobody is first");
	for (int i = 0; i < CLIENTS; i++)
		turns_enter(&queue, &turns[i], 0);
	turns_enter(&queue, &turns[0], 0);
	tap_ok(turns_take(&queue, 0) == &turns[2],
	    "who has had least of our time is first");
	tap_ok(turns_take(&queue, 0) == &turns[1] &&
		turns_take(&queue, 0) == &turns[3],
	    "of those who had the same, who came first");
	tap_ok(turns_take(&queue, 0) == &turns[0] && !turns_take(&queue, 0),
	    "everybody once, however often he asked");
}

static void
debts(void)
{
	struct turns queue = {0};

	turns_enter(&queue, &turns[2], 0);
	turns_enter(&queue, &turns[1], 0);
	session_took(sessions[2], 1000000);
	tap_ok(turns_take(&queue, 0) == &turns[1],
	    "what was owed meanwhile counts");
	tap_ok(turns_take(&queue, 0) == &turns[2], "and is no bar for ever");
}

static void
patience(void)
{
	struct turns queue = {0};

	turns_enter(&queue, &turns[0], 0);
	turns_enter(&queue, &turns[2], RATES_OWED_MOST + 1);
	tap_ok(turns_take(&queue, RATES_OWED_MOST + 1) == &turns[0],
	    "who has made up for it comes before those who come later");
	tap_ok(turns_take(&queue, RATES_OWED_MOST + 1) == &turns[2],
	    "who then have their turn");
}

static void
leaving(void)
{
	struct turns queue = {0};

	turns_leave(&turns[0]);
	for (int i = 0; i < CLIENTS; i++)
		turns_enter(&queue, &turns[i], 0);
	turns_leave(&turns[0]);
	turns_leave(&turns[1]);
	tap_ok(turns_take(&queue, 0) == &turns[3], "who leaves has no turn");
	turns_leave(&turns[2]);
	turns_enter(&queue, &turns[1], 0);
	tap_ok(turns_take(&queue, 0) == &turns[1] && !turns_take(&queue, 0),
	    "the last may leave, and another come");
}

int
main(void)
{
	static const struct rates_spec spec = {
	    .each_second = {[RATES_TURN] = LIMITS_TURN_RATE},
	    .burst_ms = 1,
	};

	all.limits = &limits;
	all.rates = rates_new(&spec);
	if (!all.rates)
		return EXIT_FAILURE;
	client(0, "192.0.2.1", 100000);
	client(1, "192.0.2.2", 50000);
	client(2, "192.0.2.3", 0);
	client(3, "192.0.2.4", 50000);
	order();
	debts();
	patience();
	leaving();
	for (int i = 0; i < CLIENTS; i++)
		session_free(sessions[i]);
	rates_free(all.rates);
	return tap_done();
}
