#include "options.h"

#include <getopt.h>
#include <stdlib.h>

#include "lib/drop.h"
#include "lib/opt.h"
#include "lib/presets.h"

#define SECONDS_MAX 86400

static const char help[] =
    "Usage: nshare [-dqv] [-I INDEX]... [-l HOST] [-p PORT] [OPTION]... DIR\n"
    "Register every file below DIR at the indexes, and serve them.\n"
    "\n"
    "  -I, --index INDEX     host[:port] of an index; several may be named\n"
    "                        (NAP_INDEX, else localhost:8080)\n"
    "  -l, --listen HOST     serve on that address alone (on every one)\n"
    "  -p, --port PORT       serve on that port; 0: a free one (9000, or a\n"
    "                        free one when it is taken)\n"
    "      --exclude GLOB    do not share what is called so; repeatable\n"
    "      --hidden          share dotfiles too\n"
    "      --no-hash         do not compute digests\n"
    "      --no-watch        do not follow changes below DIR\n"
    "      --slots N         downloads at the same time (256)\n"
    "      --rate BYTES      a second, shared by all downloads (no limit)\n"
    "      --max-conns N     connections per address (64; not loopback)\n"
    "      --ping-interval N seconds of silence until an index is asked (15)\n"
    "      --ping-timeout N  seconds that it then has to answer (30)\n"
    "      --stall-timeout N seconds that a reader may take nothing (30)\n"
    "  -d, --daemon          detach once every index has the files\n"
    "      --timeout SECONDS how long that may take (30)\n"
    "  -u, --user USER       become USER once listening\n"
    "      --sandbox MODE    confine itself: off, try or require (try)\n"
    "  -q, --quiet           only warnings\n"
    "  -v, --verbose         say more\n"
    "  -h, --help            this text\n"
    "  -V, --version         the version\n"
    "\n" PRESETS_HELP;

enum {
	OPT_EXCLUDE = 256,
	OPT_HIDDEN,
	OPT_NO_HASH,
	OPT_NO_WATCH,
	OPT_SLOTS,
	OPT_RATE,
	OPT_MAX_CONNS,
	OPT_PING_INTERVAL,
	OPT_PING_TIMEOUT,
	OPT_STALL_TIMEOUT,
	OPT_TIMEOUT,
	OPT_SANDBOX
};

static const struct option long_options[] = {
    {"index", required_argument, NULL, 'I'},
    {"listen", required_argument, NULL, 'l'},
    {"port", required_argument, NULL, 'p'},
    {"exclude", required_argument, NULL, OPT_EXCLUDE},
    {"hidden", no_argument, NULL, OPT_HIDDEN},
    {"no-hash", no_argument, NULL, OPT_NO_HASH},
    {"no-watch", no_argument, NULL, OPT_NO_WATCH},
    {"slots", required_argument, NULL, OPT_SLOTS},
    {"rate", required_argument, NULL, OPT_RATE},
    {"max-conns", required_argument, NULL, OPT_MAX_CONNS},
    {"ping-interval", required_argument, NULL, OPT_PING_INTERVAL},
    {"ping-timeout", required_argument, NULL, OPT_PING_TIMEOUT},
    {"stall-timeout", required_argument, NULL, OPT_STALL_TIMEOUT},
    {"daemon", no_argument, NULL, 'd'},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"user", required_argument, NULL, 'u'},
    {"sandbox", required_argument, NULL, OPT_SANDBOX},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

/* A number of at least 1. */
static int
number(struct opt *given, uint64_t max, uint32_t *value)
{
	uint64_t wide;

	if (opt_number(given, 1, max, &wide) < 0)
		return -1;
	*value = (uint32_t)wide;
	return 0;
}

/* Seconds, in milliseconds. */
static int
take_seconds(struct opt *given, int64_t *ms)
{
	uint32_t seconds;

	if (number(given, SECONDS_MAX, &seconds) < 0)
		return -1;
	*ms = 1000 * (int64_t)seconds;
	return 0;
}

/* One address or name, an IPv6 address perhaps in brackets. */
static int
take_listen(struct options *o, struct opt *given)
{
	struct slice text = slice_str(given->text);
	struct locator_host *host = &o->listen;

	if (locator_host_parse(text, 0, true, host) == 0)
		return opt_refuse(given,
		    "-l wants a host alone, not '%s'; -p is the port",
		    given->text);
	if (locator_host_parse(text, 1, true, host) < 0)
		return opt_refuse(
		    given, "-l wants a host, not '%s'", given->text);
	o->share.listen.host = host->name;
	return 0;
}

static int
take_port(struct listeners_spec *listen, struct opt *given)
{
	uint64_t port;

	if (opt_number(given, 0, UINT16_MAX, &port) < 0)
		return -1;
	listen->port = (uint16_t)port;
	listen->or_free = false;
	return 0;
}

/* From wherever: what one of them hides stays hidden. */
static int
add_exclude(struct options *o, struct opt *given)
{
	struct rule *rule = &o->share.rule;

	if (rule->exclude_count == OPTIONS_EXCLUDES)
		return opt_refuse(
		    given, "more than %d globs", OPTIONS_EXCLUDES);
	o->excludes[rule->exclude_count++] = given->text;
	rule->excludes = o->excludes;
	return 0;
}

static int
take_sandbox(struct share_options *share, struct opt *given)
{
	if (drop_sandbox_mode(given->text, &share->sandbox) == 0)
		return 0;
	return opt_refuse(given,
	    "--sandbox wants off, try or require, not '%s'", given->text);
}

static int
take_level(struct options *o, const struct opt *given)
{
	enum log_level wanted = given->option == 'q' ? LOG_LEVEL_QUIET
						     : LOG_LEVEL_DEBUG;

	if (!given->off)
		o->level = wanted;
	else if (o->level == wanted)
		o->level = LOG_LEVEL_INFO;
	return 0;
}

/* The flag that it is, or NULL. */
static bool *
flag(struct share_options *share, int option)
{
	switch (option) {
	case OPT_HIDDEN:
		return &share->rule.hidden;
	case OPT_NO_HASH:
		return &share->no_hash;
	case OPT_NO_WATCH:
		return &share->no_watch;
	default:
		return NULL;
	}
}

static int
take_argument(struct options *o, struct opt *given)
{
	struct share_options *share = &o->share;

	switch (given->option) {
	case 'I':
		return indexes_take(&o->share.indexes, &o->indexes, given);
	case 'l':
		return take_listen(o, given);
	case 'p':
		return take_port(&share->listen, given);
	case OPT_EXCLUDE:
		return add_exclude(o, given);
	case OPT_SLOTS:
		return number(given, UINT32_MAX, &share->slots);
	case OPT_RATE:
		return opt_size(given, &share->rate);
	case OPT_MAX_CONNS:
		return number(given, UINT32_MAX, &share->max_conns);
	case OPT_PING_INTERVAL:
		return take_seconds(given, &share->times.ping_ms);
	case OPT_PING_TIMEOUT:
		return take_seconds(given, &share->times.answer_ms);
	case OPT_STALL_TIMEOUT:
		return take_seconds(given, &share->stall_ms);
	case OPT_TIMEOUT:
		return number(given, SECONDS_MAX, &share->timeout);
	case 'u':
		share->user = given->text;
		return 0;
	case OPT_SANDBOX:
		return take_sandbox(share, given);
	}
	return 0;
}

static int
take_option(void *to, struct opt *given)
{
	struct options *o = to;
	bool *on = flag(&o->share, given->option);

	if (on) {
		*on = !given->off;
		return 0;
	}
	switch (given->option) {
	case 'd':
		o->share.daemon = !given->off &&
		    (given->source == OPT_COMMAND_LINE || !drop_is_watched());
		return 0;
	case 'q':
	case 'v':
		return take_level(o, given);
	case 'h':
		opt_help(help);
	case 'V':
		opt_version("nshare");
	default:
		return take_argument(o, given);
	}
}

static const struct opt_program program = {
    .name = "nshare",
    .letters = "I:l:p:du:qvhV",
    .table = long_options,
    .take = take_option,
};

static const struct options defaults = {
    .share =
	{
	    .listen = {.port = LISTENERS_PORT, .or_free = true},
	    .slots = SHARE_SLOTS,
	    .max_conns = SHARE_MAX_CONNS,
	    .times = SILENCE_TIMES,
	    .stall_ms = SHARE_STALL_MS,
	    .timeout = SHARE_TIMEOUT,
	    .sandbox = DROP_SANDBOX_TRY,
	},
    .level = LOG_LEVEL_INFO,
};

static void
find_indexes(struct options *o)
{
	const char *named = getenv("NAP_INDEX"), *why;

	if (o->indexes == OPT_COMMAND_LINE)
		return;
	if (indexes_default(&o->share.indexes, named, &why) < 0)
		opt_usage("NAP_INDEX '%.200s': %s", named ? named : "", why);
}

void
options_take(struct options *o, int argc, char *argv[])
{
	int operands;

	*o = defaults;
	operands = presets_options(&o->presets, &program, argc, argv, o);
	if (operands == argc)
		opt_usage("no directory given");
	if (operands + 1 < argc)
		opt_usage(
		    "one directory wanted, not '%s' too", argv[operands + 1]);
	o->share.dir = argv[operands];
	find_indexes(o);
}

void
options_free(struct options *o)
{
	indexes_free(&o->share.indexes);
	presets_free(&o->presets);
}
