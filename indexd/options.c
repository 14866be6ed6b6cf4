#include "options.h"

#include <getopt.h>

#include "lib/locator.h"
#include "lib/opt.h"
#include "lib/processors.h"

#define THREADS_MAX 64
#define TIMEOUT_MAX 86400 /* seconds */

static const char help[] =
    "Usage: indexd [-46dv] [-l HOST[:PORT]]... [-t THREADS] [-u USER]\n"
    "Keep the index of a network: which files live peers share, and where.\n"
    "\n"
    "  -l, --listen HOST[:PORT]  listen there (every address, port 8080)\n"
    "  -4, -6                    on IPv4 (IPv6) addresses alone\n"
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
    "\n"
    "SIGTERM stops it, SIGUSR1 logs how things stand.\n";

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
	OPT_SANDBOX
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, 'l'},
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

static void
add_listen(struct options *o, const char *host)
{
	struct locator_host where;

	if (o->listen_count == PORTS_MAX)
		opt_usage("more than %d addresses to listen on", PORTS_MAX);
	if (locator_host_parse(slice_str(host), PORTS_DEFAULT, true, &where) <
	    0)
		opt_usage("--listen wants HOST or HOST:PORT, not '%s'", host);
	o->listen[o->listen_count++] = host;
}

static void
add_trusted(struct options *o, const char *block)
{
	size_t n = o->limits.trusted_count;

	if (n == OPTIONS_TRUSTED)
		opt_usage("more than %d trusted networks", OPTIONS_TRUSTED);
	if (addr_block_parse(slice_str(block), &o->trusted[n]) < 0)
		opt_usage(
		    "--trust wants ADDRESS or ADDRESS/BITS, not '%s'", block);
	o->limits.trusted = o->trusted;
	o->limits.trusted_count = n + 1;
}

/* 0, for any, or at least the lowest that makes sense. */
static uint64_t
add_rate(void)
{
	uint64_t rate = opt_number("--add-rate", optarg, 0, UINT32_MAX);

	if (rate > 0 && rate < LIMITS_ADD_RATE_LEAST)
		opt_usage("--add-rate wants 0 or at least %d, not '%s'",
		    LIMITS_ADD_RATE_LEAST, optarg);
	return rate;
}

/* Seconds, in milliseconds. */
static int64_t
timeout(const char *option)
{
	return 1000 * (int64_t)opt_number(option, optarg, 1, TIMEOUT_MAX);
}

/* Whether it is one of those. */
static bool
take_timeout(struct limits *limits, int option)
{
	switch (option) {
	case OPT_IDLE_TIMEOUT:
		limits->idle_ms = timeout("--idle-timeout");
		return true;
	case OPT_PING_INTERVAL:
		limits->ping_ms = timeout("--ping-interval");
		return true;
	case OPT_PING_TIMEOUT:
		limits->answer_ms = timeout("--ping-timeout");
		return true;
	case OPT_STALL_TIMEOUT:
		limits->stall_ms = timeout("--stall-timeout");
		return true;
	default:
		return false;
	}
}

/* Whether it is one of how much a client may take. */
static bool
take_limit(struct limits *limits, int option)
{
	switch (option) {
	case OPT_MAX_CONNS:
		limits->conns = opt_number(
		    "--max-conns", optarg, 1, UINT32_MAX);
		return true;
	case OPT_MAX_PEERS:
		limits->peers = opt_number(
		    "--max-peers", optarg, 1, UINT32_MAX);
		return true;
	case OPT_MAX_FILES:
		limits->files = opt_number(
		    "--max-files", optarg, 1, UINT32_MAX);
		return true;
	case OPT_FIND_RATE:
		limits->find_rate = opt_number(
		    "--find-rate", optarg, 0, UINT32_MAX);
		return true;
	case OPT_ADD_RATE:
		limits->add_rate = add_rate();
		return true;
	default:
		return take_timeout(limits, option);
	}
}

static void
take_option(struct options *o, int option)
{
	if (take_limit(&o->limits, option))
		return;
	switch (option) {
	case '4':
		o->v4 = true;
		break;
	case '6':
		o->v6 = true;
		break;
	case 'd':
		o->daemon = true;
		break;
	case 'l':
		add_listen(o, optarg);
		break;
	case 't':
		o->threads = (unsigned)opt_number(
		    "--threads", optarg, 1, THREADS_MAX);
		break;
	case 'u':
		o->user = optarg;
		break;
	case 'v':
		o->level = LOG_LEVEL_DEBUG;
		break;
	case 'h':
		opt_help(help);
	case 'V':
		opt_version("indexd");
	case OPT_PIDFILE:
		o->pidfile = optarg;
		break;
	case OPT_TRUST:
		add_trusted(o, optarg);
		break;
	case OPT_SANDBOX:
		if (drop_sandbox_mode(optarg, &o->sandbox) < 0)
			opt_usage(
			    "--sandbox wants off, try or require, not '%s'",
			    optarg);
		break;
	}
}

static unsigned
processors(void)
{
	unsigned n = processors_count();

	return n > THREADS_MAX ? THREADS_MAX : n;
}

void
options_take(struct options *o, int argc, char *argv[])
{
	int option;

	*o = (struct options){.limits = LIMITS_DEFAULT,
	    .sandbox = DROP_SANDBOX_TRY,
	    .level = LOG_LEVEL_INFO};
	while (
	    (option = opt_next(argc, argv, "46dl:t:u:vhV", long_options)) != -1)
		take_option(o, option);
	if (optind < argc)
		opt_usage("no operand wanted, not '%s'", argv[optind]);
	if (o->threads == 0)
		o->threads = processors();
}
