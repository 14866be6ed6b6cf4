#include "watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "watch_state.h"

/* Who is told of changes is told of so many, and has so long for them. */
#define TOLD_FILES 4096
#define PAUSE_MS 10

/* So many reads of events, until somebody is told. */
#define READS 16

/* While there is nothing, a look at whether the directory is there still. */
#define EMPTY_MS 1000

#define FOREVER (-1)

static void
drop(void *watch, int wd)
{
	struct watch *w = watch;

	/* It fails for a directory that is gone, as it should. */
	(void)inotify_rm_watch(w->inotify, wd);
}

/* 0, or -1 with errno. */
static int
open_up(struct watch *w)
{
	w->dirs = watches_new(drop, w);
	w->quiet = quiet_new(WATCH_FILES, WATCH_QUIET_MS);
	w->end = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!w->dirs || !w->quiet || w->end < 0)
		return -1;
	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->inotify < 0)
		watch_go_blind(w);
	return 0;
}

struct watch *
watch_new(const struct watch_spec *spec)
{
	struct watch *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->spec = *spec;
	identity_find(&w->identity);
	w->scan = (struct scan_spec){
	    .root = spec->root,
	    .rule = spec->rule,
	    .identity = &w->identity,
	    .hashes = spec->hashes,
	    .report = &w->report,
	    .enter = spec->once ? NULL : watch_enter,
	    .found = watch_found,
	    .arg = w,
	};
	w->end = w->inotify = -1;
	w->again_at = QUIET_NEVER;
	w->links_ms = WATCH_AGAIN_MS;
	if (spec->once || open_up(w) == 0)
		return w;
	watch_free(w);
	return NULL;
}

int
watch_fill(struct watch *w, struct scan_report *report)
{
	int result;

	w->filling = true;
	result = w->spec.once ? scan_tree(&w->scan, SLICE(""))
			      : watch_read_all(w);
	w->filling = false;
	w->scan.changing = true;
	w->rest_until = 0;
	*report = w->report;
	return result;
}

static void
tell(struct watch *w)
{
	w->untold = 0;
	w->spec.changed(w->spec.arg);
}

void
watch_changed(struct watch *w)
{
	if (++w->untold >= TOLD_FILES)
		tell(w);
}

/* DIR itself is deleted: no event tells, because it is open. */
static void
look_for_root(struct watch *w)
{
	struct stat st;

	if (w->said_gone || catalogue_count(w->spec.files) > 0 ||
	    fstat(w->spec.root, &st) < 0 || st.st_nlink > 0)
		return;
	w->said_gone = true;
	log_warnx("%s is deleted: nothing is shared before nshare is started "
		  "again",
	    w->spec.dir);
}

/* How long nothing is to be done, in milliseconds, or FOREVER. */
static int
leisure(const struct watch *w)
{
	int64_t now = clock_ms(), next = quiet_due(w->quiet);

	if (w->again_at < next)
		next = w->again_at;
	if (!w->said_gone && catalogue_count(w->spec.files) == 0 &&
	    next > now + EMPTY_MS)
		next = now + EMPTY_MS;
	if (next == QUIET_NEVER)
		return FOREVER;
	if (next - now > INT_MAX)
		return INT_MAX;
	return next > now ? (int)(next - now) : 0;
}

/* Until there are events, it is over, or ms have passed. */
static void
wait_for_events(const struct watch *w, int ms)
{
	struct pollfd fds[] = {{.fd = w->end, .events = POLLIN},
	    {.fd = w->inotify, .events = POLLIN}};

	(void)poll(fds, 2, ms);
}

/* Until it is over, or those who were told have had their time. */
static void
rest(const struct watch *w)
{
	struct pollfd end = {.fd = w->end, .events = POLLIN};

	(void)poll(&end, 1, PAUSE_MS);
}

/* Some events. Whether there may be more. */
static bool
read_events(struct watch *w)
{
	const char *at = w->events.bytes, *end;
	ssize_t n;

	if (w->inotify < 0)
		return false;
	n = read(w->inotify, w->events.bytes, sizeof w->events.bytes);
	if (n <= 0)
		return n < 0 && errno == EINTR;
	for (end = at + n; at < end;) {
		const struct inotify_event *event = (const void *)at;

		watch_take(w, event);
		at += sizeof *event + event->len;
	}
	return true;
}

/* When there is no event left, what would tell of a move has not come. */
static void
take_events(struct watch *w)
{
	for (int i = 0; i < READS; i++)
		if (!read_events(w)) {
			watch_forget_moved(w);
			return;
		}
}

static void
take_quiet(struct watch *w)
{
	char path[PATH_MAX_BYTES + 1];
	ptrdiff_t len;

	while (!atomic_load(&w->over) &&
	    (len = quiet_take(w->quiet, clock_ms(), path)) >= 0)
		watch_look(w, slice_of(path, (size_t)len));
}

static void *
run(void *watch)
{
	struct watch *w = watch;

	while (!atomic_load(&w->over)) {
		wait_for_events(w, leisure(w));
		take_events(w);
		take_quiet(w);
		if (clock_ms() >= w->again_at)
			watch_rescan(w);
		look_for_root(w);
		if (w->untold > 0) {
			tell(w);
			rest(w);
		}
	}
	return NULL;
}

int
watch_start(struct watch *w)
{
	int error;

	if (w->spec.once)
		return 0;
	error = pthread_create(&w->thread, NULL, run, w);
	w->started = error == 0;
	errno = error;
	return error ? -1 : 0;
}

static void
end_thread(struct watch *w)
{
	const uint64_t one = 1;

	atomic_store(&w->over, true);
	/* A counter that is at zero takes one. */
	while (write(w->end, &one, sizeof one) < 0)
		if (errno != EINTR) {
			log_warn("end of the watch");
			break;
		}
	pthread_join(w->thread, NULL);
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	if (w->started)
		end_thread(w);
	if (w->inotify >= 0)
		close(w->inotify);
	if (w->end >= 0)
		close(w->end);
	quiet_free(w->quiet);
	watches_free(w->dirs);
	free(w);
}
