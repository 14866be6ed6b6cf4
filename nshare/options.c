#include "options.h"

#include <getopt.h>
#include <stdlib.h>

#include "lib/opt.h"

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
    "  -d, --daemon          detach once every index has the files\n"
    "      --timeout SECONDS how long that may take (30)\n"
    "  -u, --user USER       become USER once listening\n"
    "      --sandbox MODE    confine itself: off, try or require (try)\n"
    "  -q, --quiet           only warnings\n"
    "  -v, --verbose         say more\n"
    "  -h, --help            this text\n"
    "  -V, --version         the version\n";

enum {
	OPT_EXCLUDE = 256,
	OPT_HIDDEN,
	OPT_NO_HASH,
	OPT_NO_WATCH,
	OPT_SLOTS,
	OPT_RATE,
	OPT_MAX_CONNS,
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

static uint32_t
number(const char *option, uint64_t max)
{
	return (uint32_t)opt_number(option, optarg, 1, max);
}

static void
add_index(struct share_options *share, const char *text)
{
	const char *why;

	if (indexes_parse(slice_str(text), &share->indexes, &why) < 0)
		opt_usage("index '%.200s': %s", text, why);
	if (share->indexes.count == 0)
		opt_usage("-I '%s' names no index", text);
}

/* One address or name, an IPv6 address perhaps in brackets. */
static void
take_listen(struct options *o, const char *text)
{
	struct locator_host *host = &o->listen;

	if (locator_host_parse(slice_str(text), 0, true, host) == 0)
		opt_usage(
		    "-l wants a host alone, not '%s'; -p is the port", text);
	if (locator_host_parse(slice_str(text), 1, true, host) < 0)
		opt_usage("-l wants a host, not '%s'", text);
	o->share.listen.host = host->name;
}

static void
add_exclude(struct options *o, const char *glob)
{
	struct rule *rule = &o->share.rule;

	if (rule->exclude_count == OPTIONS_EXCLUDES)
		opt_usage("more than %d globs", OPTIONS_EXCLUDES);
	o->excludes[rule->exclude_count++] = glob;
	rule->excludes = o->excludes;
}

static void
take_option(struct options *o, int option)
{
	struct share_options *share = &o->share;

	switch (option) {
	case 'I':
		add_index(share, optarg);
		break;
	case 'l':
		take_listen(o, optarg);
		break;
	case 'p':
		share->listen.port = (uint16_t)opt_number(
		    "--port", optarg, 0, UINT16_MAX);
		share->listen.or_free = false;
		break;
	case OPT_EXCLUDE:
		add_exclude(o, optarg);
		break;
	case OPT_HIDDEN:
		share->rule.hidden = true;
		break;
	case OPT_NO_HASH:
		share->no_hash = true;
		break;
	case OPT_NO_WATCH:
		share->no_watch = true;
		break;
	case OPT_SLOTS:
		share->slots = number("--slots", UINT32_MAX);
		break;
	case OPT_RATE:
		share->rate = opt_size("--rate", optarg);
		break;
	case OPT_MAX_CONNS:
		share->max_conns = number("--max-conns", UINT32_MAX);
		break;
	case 'd':
		share->daemon = true;
		break;
	case OPT_TIMEOUT:
		share->timeout = number("--timeout", SECONDS_MAX);
		break;
	case 'u':
		share->user = optarg;
		break;
	case OPT_SANDBOX:
		if (drop_sandbox_mode(optarg, &share->sandbox) < 0)
			opt_usage(
			    "--sandbox wants off, try or require, not '%s'",
			    optarg);
		break;
	case 'q':
		o->level = LOG_LEVEL_QUIET;
		break;
	case 'v':
		o->level = LOG_LEVEL_DEBUG;
		break;
	case 'h':
		opt_help(help);
	case 'V':
		opt_version("nshare");
	}
}

static const struct options defaults = {
    .share =
	{
	    .listen = {.port = LISTENERS_PORT, .or_free = true},
	    .slots = SHARE_SLOTS,
	    .max_conns = SHARE_MAX_CONNS,
	    .timeout = SHARE_TIMEOUT,
	    .sandbox = DROP_SANDBOX_TRY,
	},
    .level = LOG_LEVEL_INFO,
};

void
options_take(struct options *o, int argc, char *argv[])
{
	struct share_options *share = &o->share;
	const char *why;
	int option;

	*o = defaults;
	while ((option = opt_next(argc, argv, "I:l:p:du:qvhV", long_options)) !=
	    -1)
		take_option(o, option);
	if (optind == argc)
		opt_usage("no directory given");
	if (optind + 1 < argc)
		opt_usage(
		    "one directory wanted, not '%s' too", argv[optind + 1]);
	share->dir = argv[optind];
	if (indexes_default(&share->indexes, getenv("NAP_INDEX"), &why) < 0)
		opt_usage("NAP_INDEX '%.200s': %s", getenv("NAP_INDEX"), why);
}

void
options_free(struct options *o)
{
	indexes_free(&o->share.indexes);
}
