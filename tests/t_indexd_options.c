#include "indexd/options.h"

#include <stdio.h>

#include "arguments.h"
#include "tap.h"

/* The limits that these arguments give, for who has no files. */
static struct limits
taken(const char *arguments)
{
	static char text[256];
	static struct options o;
	char *argv[ARGUMENTS_MAX + 1];

	snprintf(text, sizeof text, "indexd %s", arguments);
	options_free(&o);
	options_take(&o, arguments_of(text, argv), argv);
	return o.limits;
}

static void
test_defaults(void)
{
	const struct limits l = taken("");

	tap_is_num(l.idle_ms, 60000,
	    "who does not register may be silent for a minute");
	tap_is_num(l.ping_ms, 15000,
	    "a peer is asked when it has been silent for 15 s");
	tap_is_num(l.answer_ms, 30000, "and dropped 30 s later");
	tap_is_num(l.stall_ms, 30000,
	    "as is, after 30 s, a client that takes no answers");
}

static void
test_times(void)
{
	const struct limits l = taken(
	    "--ping-interval=7 --ping-timeout=8 --stall-timeout=9");

	tap_is_num(l.ping_ms, 7000, "--ping-interval is in seconds");
	tap_is_num(l.answer_ms, 8000, "so is --ping-timeout");
	tap_is_num(l.stall_ms, 9000, "and --stall-timeout");
	tap_is_num(l.idle_ms, 60000, "they change no other time");
}

int
main(void)
{
	setenv("XDG_CONFIG_HOME", "/nowhere", 1);
	test_defaults();
	test_times();
	return tap_done();
}
