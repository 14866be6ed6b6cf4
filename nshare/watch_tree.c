#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "catalogue.h"
#include "hashes.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "watch_state.h"

#define EVENTS                                                                \
	(IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | \
	    IN_MOVED_TO | IN_DELETE | IN_EXCL_UNLINK | IN_ONLYDIR)

/* Reading everything again takes no more than one part in so many of time. */
#define AGAIN_PARTS 10

/* Known digests are looked up once in so long, or they would be forgotten. */
#define CONFIRM_MS ((int64_t)HASHES_REFRESH_DAYS * 24 * 3600 * 1000)

/* So long other names of a file wait at most, and until all is forgotten. */
#define LINKS_MOST_MS 60000

/* What limits a kind of failure, or what it is. */
static const char *
reason(int error)
{
	switch (error) {
	case ENOSPC:
		return "fs.inotify.max_user_watches";
	case EMFILE:
		return "fs.inotify.max_user_instances";
	default:
		return strerror(error);
	}
}

void
watch_go_blind(struct watch *w)
{
	w->blind = true;
	if (w->said_blind)
		return;
	w->said_blind = true;
	log_warnx("cannot watch all of %s (%s): reading it again every %d "
		  "seconds or so",
	    w->spec.dir, reason(errno), WATCH_AGAIN_MS / 1000);
}

static bool
is_same(const char *name, int dir)
{
	struct stat a, b;

	return lstat(name, &a) == 0 && fstat(dir, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * By its name, where /proc is missing, or closed to who has changed its user;
 * unless another has that name by now.
 */
static int
add_watch_by_name(struct watch *w, struct slice path, int dir)
{
	char name[2 * PATH_MAX_BYTES];
	int len = snprintf(
	    name, sizeof name, "%s/%.*s", w->spec.dir, (int)path.len, path.ptr);
	int wd;

	if (len < 0 || (size_t)len >= sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	wd = inotify_add_watch(w->inotify, name, EVENTS | IN_DONT_FOLLOW);
	if (wd < 0 || is_same(name, dir))
		return wd;
	/* The watch stays: the other may be one that is watched anyway. */
	errno = ENOENT;
	return -1;
}

/* Watch path, which is open as dir. WATCHES_NONE when that cannot be. */
static int
add_watch(struct watch *w, struct slice path, int dir)
{
	char name[32];
	int wd;

	if (w->inotify < 0)
		return WATCHES_NONE;
	snprintf(name, sizeof name, "/proc/self/fd/%d", dir);
	wd = inotify_add_watch(w->inotify, name, EVENTS);
	if (wd < 0 && (errno == ENOENT || errno == EACCES))
		wd = add_watch_by_name(w, path, dir);
	if (wd >= 0)
		return wd;
	watch_go_blind(w);
	return WATCHES_NONE;
}

/* Then errno says so. */
static bool
is_over(const struct watch *w)
{
	if (!atomic_load(&w->over))
		return false;
	errno = ECANCELED;
	return true;
}

static bool
is_known(const struct watch *w, struct slice dir, int wd)
{
	char path[PATH_MAX_BYTES + 1];
	ptrdiff_t len = watches_path(w->dirs, wd, path);

	return len >= 0 && slice_eq(slice_of(path, (size_t)len), dir);
}

/* The directory that the scan was sent to. As watch_enter. */
static int
enter_top(struct watch *w, struct slice path, int wd)
{
	if (!w->all && is_known(w, path, wd)) {
		w->top = WATCH_TOP_KNOWN;
		return 1;
	}
	w->top = WATCH_TOP_READ;
	if (w->all)
		return 0;
	/* Another one has its name now, perhaps one from below it. */
	watches_lose(w->dirs, wd);
	watches_drop(w->dirs, path);
	return 0;
}

int
watch_enter(void *watch, struct slice path, int dir)
{
	struct watch *w = watch;
	int wd;

	if (is_over(w))
		return -1;
	wd = add_watch(w, path, dir);
	if (w->top == WATCH_TOP_ABSENT && enter_top(w, path, wd))
		return 1;
	if (watches_set(w->dirs, path, wd) == 0)
		return 0;
	if (wd != WATCHES_NONE)
		(void)inotify_rm_watch(w->inotify, wd);
	return -1;
}

int
watch_found(void *watch, const struct catalogue_file *file)
{
	struct watch *w = watch;
	int result;

	if (is_over(w))
		return -1;
	if (w->filling)
		return catalogue_fill(w->spec.files, file);
	result = catalogue_add(w->spec.files, file);
	if (result < 0)
		return -1;
	w->news += result > 0 && !quiet_has(w->quiet, file->path);
	watch_changed(w);
	return 0;
}

static void
remove_below(struct watch *w, struct slice dir, uint64_t mark)
{
	ptrdiff_t removed = catalogue_remove_below(w->spec.files, dir, mark);

	if (removed != 0)
		watch_changed(w);
	w->news += removed > 0;
	if (removed < 0)
		watch_rescan_later(w);
}

void
watch_vanish(struct watch *w, struct slice dir)
{
	watches_drop(w->dirs, dir);
	remove_below(w, dir, catalogue_mark(w->spec.files));
	/* Nothing above it tells when it comes back. */
	if (!dir.len)
		watch_rescan_later(w);
}

/* What it had stays watched, and is found again where it is. */
void
watch_move_away(struct watch *w, struct slice dir)
{
	remove_below(w, dir, catalogue_mark(w->spec.files));
	memcpy(w->moved, dir.ptr, dir.len);
	w->moved_len = dir.len;
	w->moved_cookie = w->cookie;
}

void
watch_forget_moved(struct watch *w)
{
	if (!w->moved_cookie)
		return;
	w->moved_cookie = 0;
	watches_drop(w->dirs, slice_of(w->moved, w->moved_len));
}

/* It may be better at another time. */
static bool
is_passing(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM ||
	    error == ECANCELED;
}

/* 0, also when nothing of it can be read; -1 when it did not get to its end. */
static int
scan(struct watch *w, struct slice dir)
{
	w->top = WATCH_TOP_ABSENT;
	if (scan_tree(&w->scan, dir) == 0)
		return 0;
	if (w->top != WATCH_TOP_ABSENT || is_passing(errno))
		return -1;
	scan_note_unreadable(&w->scan, dir);
	return 0;
}

static void
appear(struct watch *w, struct slice dir)
{
	uint64_t mark = catalogue_mark(w->spec.files);

	if (dir.len > 0 && !scan_enters(&w->scan, dir))
		return;
	if (catalogue_remove(w->spec.files, dir) != 0)
		watch_changed(w);
	if (scan(w, dir) < 0)
		watch_rescan_later(w);
	else if (w->top == WATCH_TOP_ABSENT)
		watch_vanish(w, dir);
	else if (w->top == WATCH_TOP_READ)
		remove_below(w, dir, mark);
	if (w->blind)
		watch_rescan_later(w);
}

void
watch_appear(struct watch *w, struct slice dir)
{
	watch_forget_moved(w);
	appear(w, dir);
}

/*
 * Its names are new, its watches are not; the rule may not want all of what it
 * did.
 */
void
watch_move_here(struct watch *w, struct slice dir)
{
	struct slice from = slice_of(w->moved, w->moved_len);

	if (!scan_enters(&w->scan, dir) ||
	    watches_rename(w->dirs, from, dir) < 0) {
		watch_appear(w, dir);
		return;
	}
	w->moved_cookie = 0;
	watches_mark(w->dirs, dir);
	w->all = true;
	appear(w, dir);
	w->all = false;
	watches_sweep(w->dirs, dir);
}

int
watch_read_all(struct watch *w)
{
	int64_t begun = clock_ms(), now;
	int result;

	w->again_at = w->spec.hashes ? begun + CONFIRM_MS : QUIET_NEVER;
	w->read_at = time(NULL);
	w->blind = w->inotify < 0;
	w->all = true;
	result = scan(w, SLICE(""));
	w->all = false;
	now = clock_ms();
	w->rest_until = now + AGAIN_PARTS * (now - begun);
	/* One that is there under two names has one watch. */
	w->blind |= watches_missing(w->dirs) > 0;
	if (w->blind || result < 0)
		watch_rescan_later(w);
	log_debug("all was read in %lld ms, %zu directories",
	    (long long)(now - begun), watches_count(w->dirs));
	return result;
}

void
watch_rescan(struct watch *w)
{
	uint64_t mark = catalogue_mark(w->spec.files);
	size_t news = w->news;
	bool links = w->links;

	w->links = false;
	watch_forget_moved(w);
	watches_mark(w->dirs, SLICE(""));
	if (watch_read_all(w) < 0)
		return;
	watches_sweep(w->dirs, SLICE(""));
	remove_below(w, SLICE(""), mark);
	if (w->news != news)
		w->links_ms = WATCH_AGAIN_MS;
	else if (links && w->links_ms < LINKS_MOST_MS / 2)
		w->links_ms *= 2;
	else if (links)
		w->links_ms = LINKS_MOST_MS;
	if (w->top == WATCH_TOP_ABSENT)
		watch_rescan_later(w);
}

static void
rescan_at(struct watch *w, int64_t at)
{
	if (at < w->rest_until)
		at = w->rest_until;
	if (at < w->again_at)
		w->again_at = at;
}

void
watch_rescan_soon(struct watch *w)
{
	rescan_at(w, clock_ms());
}

void
watch_rescan_later(struct watch *w)
{
	rescan_at(w, clock_ms() + WATCH_AGAIN_MS);
}

void
watch_rescan_links(struct watch *w)
{
	if (clock_ms() - w->links_at > 2 * LINKS_MOST_MS)
		w->links_ms = WATCH_AGAIN_MS;
	w->links_at = clock_ms();
	w->links = true;
	rescan_at(w, clock_ms() + w->links_ms);
}
