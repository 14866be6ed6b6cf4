#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "inetd.h"
#include "lib/drop.h"
#include "lib/drop_sandbox.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/net.h"
#include "lib/opt.h"
#include "options.h"
#include "ports.h"
#include "reload.h"
#include "server.h"

/*
 * What is larger has pages of its own, which go back when it is freed. Unless
 * told, glibc raises this, and what it keeps for later, as large answers come.
 */
#define MMAP_BYTES (128 * 1024)

/* A heap for each thread would keep its free end for good. */
#define HEAPS 1

static enum net_family
family(const struct options *o)
{
	if (o->v4 == o->v6)
		return NET_ANY;
	return o->v4 ? NET_V4 : NET_V6;
}

/* Where connections come from, and who waits to hear that they may. */
struct doors {
	struct ports ports;
	int reception; /* where others hand them over, or -1 */
	struct drop_daemon *parent; /* or NULL */
};

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

/* From now on it opens no file. 0, or -1 after saying why. */
static int
confine(const struct options *o)
{
	const struct drop_sandbox sandbox = {
	    .mode = o->sandbox, .read = -1, .syslog = o->daemon || o->inetd};

	if (o->user && drop_to_user(o->user) < 0)
		return -1;
	return drop_sandbox_enter(&sandbox);
}

/*
 * Take what only the beginning may: ports and the pid file, whose descriptor is
 * noted. 0, or -1 after saying why.
 */
static int
settle(struct doors *doors, int *pidfile, const struct options *o)
{
	if (!o->inetd && open_ports(&doors->ports, o) < 0)
		return -1;
	if (o->pidfile)
		*pidfile = drop_pidfile(o->pidfile);
	if (o->pidfile && *pidfile < 0) {
		if (errno == EAGAIN)
			log_warnx("%s: another indexd holds it", o->pidfile);
		else
			log_warn("%s", o->pidfile);
		return -1;
	}
	return confine(o);
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

/* Within ms, or at any time when that is negative; -1: none came. */
static int
next_signal(const sigset_t *signals, int64_t ms)
{
	const struct timespec most = {ms / 1000, ms % 1000 * 1000000};

	return ms < 0 ? sigwaitinfo(signals, NULL)
		      : sigtimedwait(signals, NULL, &most);
}

/*
 * Leave if nobody was connected for that time; else *ms is how long to wait until
 * that may be so.
 */
static enum server_leaving
try_to_leave(struct server *server, int64_t idle_ms, int64_t *ms)
{
	*ms = idle_ms - server_quiet_ms(server);
	if (*ms > 0)
		return SERVER_STAYS;
	*ms = idle_ms;
	return server_leave(server);
}

/* Returns the status to exit with. */
static int
wait_for_end(const sigset_t *signals, struct server *server,
    struct reload *reload, int64_t idle_ms)
{
	enum server_leaving leaving = SERVER_STAYS;
	int64_t ms = idle_ms > 0 ? idle_ms : -1;

	while (leaving == SERVER_STAYS) {
		int number = next_signal(signals, ms);

		if (number == SIGTERM || number == SIGINT)
			return EXIT_SUCCESS;
		if (number == SIGUSR1)
			server_report(server);
		if (number == SIGHUP)
			reload_now(reload, server);
		if (idle_ms > 0)
			leaving = try_to_leave(server, idle_ms, &ms);
	}
	if (leaving == SERVER_FAILS)
		return EXIT_FAILURE;
	log_info(
	    "nobody was connected for %lld seconds", (long long)idle_ms / 1000);
	return EXIT_SUCCESS;
}

/* From the doors to the end; tells the waiting parent how the start went. */
static int
serve(struct options *o, struct doors *doors)
{
	sigset_t signals = block_signals();
	struct server_spec spec = {
	    .listeners = doors->ports.fds,
	    .reception = doors->reception,
	    .threads = o->threads,
	    .limits = &o->limits,
	};
	struct reload *reload = reload_new(o);
	struct server *server = NULL;
	int pidfile = -1, status = EXIT_FAILURE;

	limits_share_out(&o->limits, net_raise_descriptors(), o->threads);
	if (settle(doors, &pidfile, o) == 0) {
		spec.listener_count = doors->ports.count;
		server = server_start(&spec);
		if (!server)
			log_warn("start");
	}
	if (server) {
		ports_announce(&doors->ports);
		inherit_notify("READY=1");
	}
	if (doors->parent)
		drop_daemon_done(
		    doors->parent, server ? EXIT_SUCCESS : EXIT_FAILURE);
	if (server) {
		status = wait_for_end(
		    &signals, server, reload, 1000 * o->idle_exit);
		server_stop(server);
	}
	reload_free(reload);
	if (pidfile >= 0)
		drop_pidfile_end(pidfile, o->pidfile);
	/* Those who are told that nobody is there may start another now. */
	if (doors->reception >= 0)
		close(doors->reception);
	ports_close(&doors->ports);
	return status;
}

static int
serve_inetd(struct options *o)
{
	struct doors doors = {.reception = -1};

	switch (inetd_begin(&doors.ports, &doors.reception, o->handoff)) {
	case INETD_SERVE:
		return serve(o, &doors);
	case INETD_DONE:
		return EXIT_SUCCESS;
	case INETD_MISUSED:
		return OPT_USAGE_STATUS;
	default:
		return EXIT_FAILURE;
	}
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct doors doors = {.reception = -1};
	struct drop_daemon daemon;
	int status;

	inherit_standard();
	log_open("indexd", LOG_LEVEL_INFO);
	if (inherit_is_client())
		log_to_syslog();
	mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	mallopt(M_ARENA_MAX, HEAPS);
	options_take(&options, argc, argv);
	log_open("indexd", options.level);
	if (options.daemon && !options.inetd && drop_daemon_begin(&daemon) < 0)
		die(EXIT_FAILURE, "detach");
	if (options.daemon && !options.inetd)
		doors.parent = &daemon;
	status = options.inetd ? serve_inetd(&options)
			       : serve(&options, &doors);
	options_free(&options);
	return status;
}
