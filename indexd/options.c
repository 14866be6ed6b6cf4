#include "options.h"

#include <getopt.h>

#include "lib/drop.h"
#include "lib/locator.h"
#include "lib/opt.h"
#include "lib/presets.h"
#include "lib/processors.h"

#define THREADS_MAX 64
#define TIMEOUT_MAX 86400 /* seconds */

/* What is started when it is wanted need not wait for long, in seconds. */
#define IDLE_EXIT 300
#define IDLE_EXIT_MAX 31536000

static const char help[] =
    "Usage: indexd [-46div] [-l HOST[:PORT]]... [-t THREADS] [-u USER]\n"
    "Keep the index of a network: which files live peers share, and where.\n"
    "\n"
    "  -l, --listen HOST[:PORT]  listen there (every address, port 8080)\n"
    "  -4, -6                    on IPv4 (IPv6) addresses alone\n"
    "  -i, --inetd               serve the socket that is descriptor 0 "
    "(wait),\n"
    "                            or hand it over to the index that serves all\n"
    "                            of them (nowait)\n"
    "      --handoff PATH        where that one is found\n"
    "      --idle-exit SECONDS   leave when nobody was connected for so long\n"
    "                            (0: never; with -i 300)\n"
    "  -t, --threads N           workers (one a processor)\n"
    "  -d, --daemon              detach once listening; log to syslog\n"
    "      --pidfile FILE        write the process id there\n"
    "  -u, --user USER           become USER once listening\n"
    "      --sandbox MODE        confine itself: off, try or require (try)\n"
    "      --max-conns N         connections per address (64; not loopback)\n"
    "      --max-peers N         registered peers (100000)\n"
    "      --max-files N         files per peer (1000000)\n"
    "      --find-rate N         searches per address and second (200; 0: "
    "any)\n"
    "      --add-rate N          lines that register, likewise (100000)\n"
    "      --idle-timeout N      seconds of silence without HELLO (60)\n"
    "      --ping-interval N     seconds of silence until a peer is asked "
    "(15)\n"
    "      --ping-timeout N      seconds that it then has to answer (30)\n"
    "      --stall-timeout N     seconds that answers may wait for a client\n"
    "                            that takes none of them (30)\n"
    "      --trust CIDR          addresses that limits spare and that may\n"
    "                            register another host (none)\n"
    "  -v, --verbose             say more\n"
    "  -h, --help                this text\n"
    "  -V, --version             the version\n"
    "\n" PRESETS_HELP "\n"
    "SIGTERM stops it, SIGUSR1 logs how things stand, and SIGHUP has it read\n"
    "these files again: limits, --trust and --verbose change at once.\n";

enum {
	OPT_PIDFILE = 256,
	OPT_MAX_CONNS,
	OPT_MAX_PEERS,
	OPT_MAX_FILES,
	OPT_FIND_RATE,
	OPT_ADD_RATE,
	OPT_IDLE_TIMEOUT,
	OPT_PING_INTERVAL,
	OPT_PING_TIMEOUT,
	OPT_STALL_TIMEOUT,
	OPT_TRUST,
	OPT_SANDBOX,
	OPT_HANDOFF,
	OPT_IDLE_EXIT
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, 'l'},
    {"inetd", no_argument, NULL, 'i'},
    {"handoff", required_argument, NULL, OPT_HANDOFF},
    {"idle-exit", required_argument, NULL, OPT_IDLE_EXIT},
    {"threads", required_argument, NULL, 't'},
    {"daemon", no_argument, NULL, 'd'},
    {"pidfile", required_argument, NULL, OPT_PIDFILE},
    {"user", required_argument, NULL, 'u'},
    {"max-conns", required_argument, NULL, OPT_MAX_CONNS},
    {"max-peers", required_argument, NULL, OPT_MAX_PEERS},
    {"max-files", required_argument, NULL, OPT_MAX_FILES},
    {"find-rate", required_argument, NULL, OPT_FIND_RATE},
    {"add-rate", required_argument, NULL, OPT_ADD_RATE},
    {"idle-timeout", required_argument, NULL, OPT_IDLE_TIMEOUT},
    {"ping-interval", required_argument, NULL, OPT_PING_INTERVAL},
    {"ping-timeout", required_argument, NULL, OPT_PING_TIMEOUT},
    {"stall-timeout", required_argument, NULL, OPT_STALL_TIMEOUT},
    {"trust", required_argument, NULL, OPT_TRUST},
    {"sandbox", required_argument, NULL, OPT_SANDBOX},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int
add_listen(struct options *o, struct opt *given)
{
	struct slice host = slice_str(given->text);
	struct locator_host where;

	if (opt_replaces(given, &o->sources.listen))
		o->listen_count = 0;
	if (o->listen_count == PORTS_MAX)
		return opt_refuse(
		    given, "more than %d addresses to listen on", PORTS_MAX);
	if (locator_host_parse(host, PORTS_DEFAULT, true, &where) < 0)
		return opt_refuse(given,
		    "--listen wants HOST or HOST:PORT, not '%s'", given->text);
	o->listen[o->listen_count++] = given->text;
	return 0;
}

static int
add_trusted(struct options *o, struct opt *given)
{
	struct limits *limits = &o->limits;
	size_t n;

	if (opt_replaces(given, &o->sources.trust))
		limits->trusted_count = 0;
	n = limits->trusted_count;
	if (n == OPTIONS_TRUSTED)
		return opt_refuse(
		    given, "more than %d trusted networks", OPTIONS_TRUSTED);
	if (addr_block_parse(slice_str(given->text), &o->trusted[n]) < 0)
		return opt_refuse(given,
		    "--trust wants ADDRESS or ADDRESS/BITS, not '%s'",
		    given->text);
	limits->trusted = o->trusted;
	limits->trusted_count = n + 1;
	return 0;
}

/* 0, for any, or at least the lowest that makes sense. */
static int
take_add_rate(struct limits *limits, struct opt *given)
{
	uint64_t rate;

	if (opt_number(given, 0, UINT32_MAX, &rate) < 0)
		return -1;
	if (rate > 0 && rate < LIMITS_ADD_RATE_LEAST)
		return opt_refuse(given,
		    "--add-rate wants 0 or at least %d, not '%s'",
		    LIMITS_ADD_RATE_LEAST, given->text);
	limits->add_rate = rate;
	return 0;
}

/* Seconds, in milliseconds. */
static int
take_timeout(struct opt *given, int64_t *ms)
{
	uint64_t seconds;

	if (opt_number(given, 1, TIMEOUT_MAX, &seconds) < 0)
		return -1;
	*ms = 1000 * (int64_t)seconds;
	return 0;
}

/* One of how much a client may take. */
static int
take_limit(struct limits *limits, struct opt *given)
{
	switch (given->option) {
	case OPT_MAX_CONNS:
		return opt_number(given, 1, UINT32_MAX, &limits->conns);
	case OPT_MAX_PEERS:
		return opt_number(given, 1, UINT32_MAX, &limits->peers);
	case OPT_MAX_FILES:
		return opt_number(given, 1, UINT32_MAX, &limits->files);
	case OPT_FIND_RATE:
		return opt_number(given, 0, UINT32_MAX, &limits->find_rate);
	case OPT_ADD_RATE:
		return take_add_rate(limits, given);
	case OPT_IDLE_TIMEOUT:
		return take_timeout(given, &limits->idle_ms);
	case OPT_PING_INTERVAL:
		return take_timeout(given, &limits->ping_ms);
	case OPT_PING_TIMEOUT:
		return take_timeout(given, &limits->answer_ms);
	case OPT_STALL_TIMEOUT:
		return take_timeout(given, &limits->stall_ms);
	}
	return 0;
}

static int
take_threads(struct options *o, struct opt *given)
{
	uint64_t threads;

	if (opt_number(given, 1, THREADS_MAX, &threads) < 0)
		return -1;
	o->threads = (unsigned)threads;
	return 0;
}

static int
take_idle_exit(struct options *o, struct opt *given)
{
	uint64_t seconds;

	if (opt_number(given, 0, IDLE_EXIT_MAX, &seconds) < 0)
		return -1;
	o->idle_exit = (int64_t)seconds;
	return 0;
}

static int
take_sandbox(struct options *o, struct opt *given)
{
	if (drop_sandbox_mode(given->text, &o->sandbox) == 0)
		return 0;
	return opt_refuse(given,
	    "--sandbox wants off, try or require, not '%s'", given->text);
}

static int
take_option(void *to, struct opt *given)
{
	struct options *o = to;

	switch (given->option) {
	case '4':
		o->v4 = true;
		break;
	case '6':
		o->v6 = true;
		break;
	case 'd':
		o->daemon = !given->off &&
		    (given->source == OPT_COMMAND_LINE || !drop_is_watched());
		break;
	case 'i':
		o->inetd = !given->off;
		break;
	case 'l':
		return add_listen(o, given);
	case 't':
		return take_threads(o, given);
	case 'u':
		o->user = given->text;
		break;
	case 'v':
		o->level = given->off ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
		break;
	case 'h':
		opt_help(help);
	case 'V':
		opt_version("indexd");
	case OPT_PIDFILE:
		o->pidfile = given->text;
		break;
	case OPT_HANDOFF:
		o->handoff = given->text;
		break;
	case OPT_IDLE_EXIT:
		return take_idle_exit(o, given);
	case OPT_TRUST:
		return add_trusted(o, given);
	case OPT_SANDBOX:
		return take_sandbox(o, given);
	default:
		return take_limit(&o->limits, given);
	}
	return 0;
}

static unsigned
processors(void)
{
	unsigned n = processors_count();

	return n > THREADS_MAX ? THREADS_MAX : n;
}

static const struct opt_program program = {
    .name = "indexd",
    .letters = "46dil:t:u:vhV",
    .table = long_options,
    .take = take_option,
};

static const struct options defaults = {
    .limits = LIMITS_DEFAULT,
    .sandbox = DROP_SANDBOX_TRY,
    .idle_exit = -1,
    .level = LOG_LEVEL_INFO,
};

/* What depends on others, where nothing was said of it. */
static void
complete(struct options *o)
{
	if (o->threads == 0)
		o->threads = processors();
	if (o->idle_exit < 0)
		o->idle_exit = o->inetd ? IDLE_EXIT : 0;
}

void
options_take(struct options *o, int argc, char *argv[])
{
	int operands;

	*o = defaults;
	o->argc = argc;
	o->argv = argv;
	operands = presets_options(&o->presets, &program, argc, argv, o);
	if (operands < argc)
		opt_usage("no operand wanted, not '%s'", argv[operands]);
	complete(o);
}

int
options_again(struct options *o, const struct options *first)
{
	struct presets presets = o->presets;

	*o = defaults;
	o->presets = presets;
	if (presets_apply(&o->presets, &program, o) < 0)
		return -1;
	opt_read(&program, first->argc, first->argv, o);
	complete(o);
	return 0;
}

void
options_free(struct options *o)
{
	presets_free(&o->presets);
}
