#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "lib/drop.h"
#include "lib/inherit.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/net.h"
#include "lib/opt.h"
#include "limits.h"
#include "ports.h"
#include "server.h"

#define THREADS_MAX 64
#define TRUSTED_MAX 64

/*
 * What is larger has pages of its own, which go back when it is freed. Unless
 * told, glibc raises this, and what it keeps for later, as large answers come.
 */
#define MMAP_BYTES (128 * 1024)

/* A heap for each thread would keep its free end for good. */
#define HEAPS 1

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
    "      --max-conns N         connections per address (64; not loopback)\n"
    "      --max-peers N         registered peers (100000)\n"
    "      --max-files N         files per peer (1000000)\n"
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
	OPT_TRUST
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
    {"trust", required_argument, NULL, OPT_TRUST},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

struct options {
	const char *listen[PORTS_MAX];
	size_t listen_count;
	bool v4, v6; /* these alone; neither, or both: any */
	unsigned threads;
	bool daemon;
	const char *pidfile;
	const char *user;
	struct limits limits;
	struct addr_block trusted[TRUSTED_MAX];
	enum log_level level;
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

	if (n == TRUSTED_MAX)
		opt_usage("more than %d trusted networks", TRUSTED_MAX);
	if (addr_block_parse(slice_str(block), &o->trusted[n]) < 0)
		opt_usage(
		    "--trust wants ADDRESS or ADDRESS/BITS, not '%s'", block);
	o->limits.trusted = o->trusted;
	o->limits.trusted_count = n + 1;
}

static void
take_option(struct options *o, int option)
{
	struct limits *limits = &o->limits;

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
	case OPT_MAX_CONNS:
		limits->conns = opt_number(
		    "--max-conns", optarg, 1, UINT32_MAX);
		break;
	case OPT_MAX_PEERS:
		limits->peers = opt_number(
		    "--max-peers", optarg, 1, UINT32_MAX);
		break;
	case OPT_MAX_FILES:
		limits->files = opt_number(
		    "--max-files", optarg, 1, UINT32_MAX);
		break;
	case OPT_TRUST:
		add_trusted(o, optarg);
		break;
	}
}

static unsigned
processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static void
take_options(struct options *o, int argc, char *argv[])
{
	int option;

	while (
	    (option = opt_next(argc, argv, "46dl:t:u:vhV", long_options)) != -1)
		take_option(o, option);
	if (optind < argc)
		opt_usage("no operand wanted, not '%s'", argv[optind]);
	if (o->threads == 0)
		o->threads = processors();
}

static enum net_family
family(const struct options *o)
{
	if (o->v4 == o->v6)
		return NET_ANY;
	return o->v4 ? NET_V4 : NET_V6;
}

/* What the service manager passed, or what the options say. 0, or -1. */
static int
open_ports(struct ports *ports, const struct options *o)
{
	int inherited = inherit_listeners();

	if (inherited < 0) {
		log_warn("the service manager's sockets must listen "
			 "(Accept=no)");
		return -1;
	}
	if (inherited > 0)
		return ports_inherit(ports, INHERIT_FIRST, inherited);
	if (o->listen_count == 0)
		return ports_listen(ports, "*", family(o));
	for (size_t i = 0; i < o->listen_count; i++)
		if (ports_listen(ports, o->listen[i], family(o)) < 0)
			return -1;
	return 0;
}

/* Take what only the beginning may: ports, the pid file, the user. 0, or -1. */
static int
settle(struct ports *ports, const struct options *o)
{
	if (open_ports(ports, o) < 0)
		return -1;
	if (o->pidfile && drop_pidfile(o->pidfile) < 0) {
		if (errno == EAGAIN)
			log_warnx("%s: another indexd holds it", o->pidfile);
		else
			log_warn("%s", o->pidfile);
		return -1;
	}
	if (o->user && drop_privileges(o->user) < 0) {
		if (errno == ENOENT)
			log_warnx("there is no user %s", o->user);
		else
			log_warn("become user %s", o->user);
		return -1;
	}
	return 0;
}

/* As many as there are descriptors, but for those that we need ourselves. */
static uint64_t
connections_in_all(void)
{
	uint64_t descriptors = net_raise_descriptors();

	if (descriptors < 2 * LIMITS_DESCRIPTORS_KEPT)
		return descriptors / 2;
	return descriptors - LIMITS_DESCRIPTORS_KEPT;
}

/* The signals that the main thread waits for, and no other thread gets. */
static sigset_t
block_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&set, numbers[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return set;
}

static void
wait_for_end(struct server *server, const sigset_t *signals)
{
	int number;

	for (;;) {
		if (sigwait(signals, &number) != 0)
			continue;
		if (number == SIGTERM || number == SIGINT)
			return;
		if (number == SIGUSR1)
			server_report(server);
	}
}

/* From ports to the end; tells the waiting parent how the start went. */
static int
serve(struct options *o, struct drop_daemon *daemon)
{
	sigset_t signals = block_signals();
	struct ports ports = {.count = 0};
	struct server_spec spec = {
	    .listeners = ports.fds,
	    .threads = o->threads,
	    .limits = &o->limits,
	};
	struct server *server = NULL;

	o->limits.total = connections_in_all();
	if (settle(&ports, o) == 0) {
		spec.listener_count = ports.count;
		server = server_start(&spec);
		if (!server)
			log_warn("start");
	}
	if (server) {
		ports_announce(&ports);
		inherit_notify("READY=1");
	}
	if (o->daemon)
		drop_daemon_done(daemon, server ? EXIT_SUCCESS : EXIT_FAILURE);
	if (server) {
		wait_for_end(server, &signals);
		server_stop(server);
	}
	if (server && o->pidfile && unlink(o->pidfile) < 0)
		log_warn("remove %s", o->pidfile);
	ports_close(&ports);
	return server ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	struct options options = {
	    .limits = LIMITS_DEFAULT, .level = LOG_LEVEL_INFO};
	struct drop_daemon daemon;

	inherit_standard();
	mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	mallopt(M_ARENA_MAX, HEAPS);
	log_open("indexd", options.level);
	take_options(&options, argc, argv);
	log_open("indexd", options.level);
	if (options.daemon && drop_daemon_begin(&daemon) < 0)
		die(EXIT_FAILURE, "detach");
	return serve(&options, &daemon);
}
