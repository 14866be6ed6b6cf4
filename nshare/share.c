#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "announce.h"
#include "catalogue.h"
#include "confine.h"
#include "hasher.h"
#include "hashes.h"
#include "lib/clock.h"
#include "lib/drop.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/net.h"
#include "pace.h"
#include "ready.h"
#include "scan.h"
#include "serve.h"
#include "site.h"
#include "slots.h"
#include "watch.h"

#define STATUS_UNREGISTERED 3

/* Of a connection, with its download, which may need two. */
#define CONN_DESCRIPTORS 3
/* Beside those; most are for opened.c. */
#define OTHER_DESCRIPTORS 320

struct share {
	const struct share_options *o;
	int root;
	struct listeners listeners;
	struct drop_daemon daemon;
	sigset_t signals; /* those that end it */
	struct catalogue *files;
	struct watch *watch;
	struct slots slots;
	struct pace pace;
	struct site site;
	struct ready ready;
	struct serve *serve;
	struct hashes *hashes; /* NULL: none are computed */
	struct hasher *hasher;
	struct announce **announces;
	size_t announce_count;
};

/*
 * The signals that end us reach the main thread alone, which waits. Before
 * that, while it scans, they do what they always do.
 */
static void
block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* What is to fail in the foreground. 0, or -1 after saying why. */
static int
open_up(struct share *s)
{
	s->root = open(s->o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0) {
		log_warn("%s", s->o->dir);
		return -1;
	}
	return listeners_open(&s->listeners, &s->o->listen);
}

static void
say_report(const struct scan_report *report)
{
	if (report->unnameable + report->unreadable <= SCAN_WARNINGS)
		return;
	log_warnx("in all, %llu files with names that cannot be shared, %llu "
		  "that could not be read",
	    (unsigned long long)report->unnameable,
	    (unsigned long long)report->unreadable);
}

/* Digests that were known before need not be computed again. 0, or -1. */
static int
remember(struct share *s)
{
	char *path;

	if (s->o->no_hash)
		return 0;
	s->hashes = hashes_new();
	if (!s->hashes)
		return -1;
	path = hashes_path();
	if (path && hashes_keep(s->hashes, path, time(NULL)) < 0)
		log_warn("digests will not be remembered: %s", path);
	free(path);
	return 0;
}

static void on_changed(void *arg);

static int
make_watch(struct share *s)
{
	const struct watch_spec spec = {
	    .root = s->root,
	    .dir = s->o->dir,
	    .rule = &s->o->rule,
	    .hashes = s->hashes,
	    .files = s->files,
	    .once = s->o->no_watch,
	    .changed = on_changed,
	    .arg = s,
	};

	s->watch = watch_new(&spec);
	return s->watch ? 0 : -1;
}

static int
scan(struct share *s)
{
	struct scan_report report;

	s->files = catalogue_new();
	if (!s->files || remember(s) < 0 || make_watch(s) < 0 ||
	    watch_fill(s->watch, &report) < 0) {
		log_warn("%s", s->o->dir);
		return -1;
	}
	say_report(&report);
	if (catalogue_settle(s->files) < 0) {
		log_warn("%s", s->o->dir);
		return -1;
	}
	log_debug("%zu files", catalogue_count(s->files));
	return 0;
}

static void
on_load(void *arg)
{
	struct share *s = arg;

	for (size_t i = 0; i < s->announce_count; i++)
		announce_load(s->announces[i]);
	if (slots_wanted(&s->slots))
		serve_wake(s->serve);
}

static void
on_settled(void *arg, size_t which, struct slice at)
{
	struct share *s = arg;

	ready_tell(&s->ready, which, at);
	if (s->hasher)
		hasher_wake(s->hasher);
}

static void
on_learned(void *arg)
{
	struct share *s = arg;

	for (size_t i = 0; i < s->announce_count; i++)
		announce_news(s->announces[i]);
}

static void
on_changed(void *arg)
{
	struct share *s = arg;

	on_learned(s);
	if (s->hasher)
		hasher_wake(s->hasher);
}

static void
on_ready(void *arg, const char *at)
{
	struct share *s = arg;

	log_info("sharing %zu files of %s at %s", catalogue_count(s->files),
	    s->o->dir, at);
	inherit_notify("READY=1");
	if (s->o->daemon)
		drop_daemon_done(&s->daemon, 0);
}

static size_t
max_conns(void)
{
	uint64_t descriptors = net_raise_descriptors(), conns;

	if (descriptors > 2 * OTHER_DESCRIPTORS)
		descriptors -= OTHER_DESCRIPTORS;
	else
		descriptors /= 2;
	conns = descriptors / CONN_DESCRIPTORS;
	return conns < SHARE_CONNS_MAX ? (size_t)conns : SHARE_CONNS_MAX;
}

static int
make_serve(struct share *s)
{
	const struct serve_spec spec = {
	    .site = &s->site,
	    .listeners = s->listeners.fds,
	    .listener_count = s->listeners.count,
	    .max_conns = max_conns(),
	    .max_each = s->o->max_conns,
	};

	s->slots = (struct slots){
	    .max = s->o->slots, .changed = on_load, .arg = s};
	s->site = (struct site){
	    .root = s->root,
	    .rule = &s->o->rule,
	    .files = s->files,
	    .slots = &s->slots,
	    .pace = &s->pace,
	    .hashes = s->hashes,
	    .stall_ms = s->o->stall_ms,
	};
	s->serve = serve_new(&spec);
	return s->serve ? 0 : -1;
}

static int
make_announces(struct share *s)
{
	const struct indexes *indexes = &s->o->indexes;

	s->announces = calloc(indexes->count, sizeof(struct announce *));
	if (!s->announces)
		return -1;
	for (size_t i = 0; i < indexes->count; i++) {
		const struct announce_spec spec = {
		    .index = &indexes->list[i],
		    .files = s->files,
		    .slots = &s->slots,
		    .from = s->listeners.alone ? &s->listeners.only : NULL,
		    .port = s->listeners.port,
		    .times = s->o->times,
		    .settled = on_settled,
		    .arg = s,
		    .which = i,
		};

		s->announces[i] = announce_new(&spec);
		if (!s->announces[i])
			return -1;
		s->announce_count++;
	}
	return 0;
}

static int
make_hasher(struct share *s)
{
	const struct hasher_spec spec = {
	    .root = s->root,
	    .files = s->files,
	    .hashes = s->hashes,
	    .slots = &s->slots,
	    .learned = on_learned,
	    .arg = s,
	};

	if (!s->hashes)
		return 0;
	s->hasher = hasher_new(&spec);
	return s->hasher ? 0 : -1;
}

/* Announces come last: they tell others that all the rest has started. */
static int
start_all(struct share *s)
{
	if (ready_init(&s->ready, s->o->indexes.count, on_ready, s) < 0 ||
	    make_serve(s) < 0 || make_announces(s) < 0 || make_hasher(s) < 0 ||
	    serve_start(s->serve) < 0 || watch_start(s->watch) < 0)
		return -1;
	for (size_t i = 0; i < s->announce_count; i++)
		if (announce_start(s->announces[i]) < 0)
			return -1;
	return 0;
}

/* Wait for the end, at most ms. Whether it came. */
static bool
ends_within(const struct share *s, int64_t ms)
{
	int64_t until = clock_ms() + ms, left;

	while ((left = until - clock_ms()) > 0) {
		const struct timespec t = {
		    .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};

		if (sigtimedwait(&s->signals, NULL, &t) > 0)
			return true;
	}
	return false;
}

/* Until a signal. 0, or the status of a daemon that did not register. */
static int
wait_for_end(struct share *s)
{
	int number;

	if (s->o->daemon) {
		if (ends_within(s, (int64_t)s->o->timeout * 1000))
			return 0;
		if (ready_give_up(&s->ready)) {
			log_warnx(
			    "not registered within %u seconds", s->o->timeout);
			return STATUS_UNREGISTERED;
		}
	}
	while (sigwait(&s->signals, &number) != 0)
		continue;
	return 0;
}

/*
 * Free everything; a thread that does not end keeps what it uses. Until the
 * announces have ended they wake the hasher.
 */
static void
close_down(struct share *s)
{
	int left_behind = 0;

	watch_free(s->watch);
	hasher_stop(s->hasher);
	serve_free(s->serve);
	for (size_t i = 0; i < s->announce_count; i++)
		left_behind |= announce_free(s->announces[i]);
	listeners_close(&s->listeners);
	if (left_behind)
		return;
	hasher_free(s->hasher);
	hashes_free(s->hashes);
	free(s->announces);
	ready_free(&s->ready);
	catalogue_free(s->files);
	pace_free(&s->pace);
}

static int
run(struct share *s)
{
	int status;

	if (confine(s->o, s->root) < 0 || scan(s) < 0)
		return EXIT_FAILURE;
	block_signals(&s->signals);
	if (start_all(s) < 0) {
		log_warn("start");
		return EXIT_FAILURE;
	}
	status = wait_for_end(s);
	ready_give_up(&s->ready);
	return status;
}

int
share_run(const struct share_options *options)
{
	struct share s = {.o = options, .root = -1};
	int status = EXIT_FAILURE;

	signal(SIGPIPE, SIG_IGN);
	/* The file of the digests that are kept may have a limit. */
	signal(SIGXFSZ, SIG_IGN);
	pace_init(&s.pace, options->rate);
	if (open_up(&s) < 0)
		goto end;
	if (options->daemon && drop_daemon_begin(&s.daemon) < 0) {
		log_warn("detach");
		goto end;
	}
	/* Its terminal is none of ours any more, and there is nothing to reread. */
	if (options->daemon)
		signal(SIGHUP, SIG_IGN);
	status = run(&s);
	if (options->daemon && status != 0)
		drop_daemon_done(&s.daemon, status);
end:
	close_down(&s);
	if (s.root >= 0)
		close(s.root);
	return status;
}
