#include "nshare/options.h"

#include <stdio.h>

#include "arguments.h"
#include "tap.h"

/* What is taken of these arguments, by who has no files. */
static struct share_options
taken(const char *arguments)
{
	static char text[256];
	static struct options o;
	char *argv[ARGUMENTS_MAX + 1];

	snprintf(text, sizeof text, "nshare dir %s", arguments);
	options_free(&o);
	options_take(&o, arguments_of(text, argv), argv);
	return o.share;
}

static void
test_defaults(void)
{
	const struct share_options o = taken("");

	tap_is_num(o.times.ping_ms, 15000,
	    "an index is asked when it has been silent for 15 s");
	tap_is_num(o.times.answer_ms, 30000, "and left 30 s later");
	tap_is_num(o.times.hello_ms, 15000, "it has 15 s to answer HELLO");
	tap_is_num(o.times.sync_ms, 300000, "and 5 minutes to answer SYNC");
	tap_is_num(o.stall_ms, 30000, "a reader may take nothing for 30 s");
}

static void
test_times(void)
{
	const struct share_options o = taken(
	    "--ping-interval=7 --ping-timeout=86400 --stall-timeout=1");

	tap_is_num(o.times.ping_ms, 7000, "--ping-interval is in seconds");
	tap_is_num(o.times.answer_ms, 86400000, "so is --ping-timeout");
	tap_is_num(o.stall_ms, 1000, "and --stall-timeout");
	tap_ok(o.times.hello_ms == 15000 && o.times.sync_ms == 300000,
	    "they change no other time");
}

int
main(void)
{
	setenv("XDG_CONFIG_HOME", "/nowhere", 1);
	test_defaults();
	test_times();
	return tap_done();
}
