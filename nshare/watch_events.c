#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "catalogue.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/path.h"
#include "open.h"
#include "rule.h"
#include "watch_state.h"

/*
 * An event says where to look, not what there is: by now it may be something
 * else, of which another event is to come. So whatever was done to a path, in
 * the end the catalogue has what stands there.
 */

static int
open_above(const struct watch *w, struct slice path)
{
	char above[PATH_MAX_BYTES + 1];
	size_t len = path_above(path).len;

	if (!len)
		return w->spec.root;
	memcpy(above, path.ptr, len);
	above[len] = '\0';
	return open_directory(w->spec.root, slice_of(above, len));
}

/* What stands at path. 0, or -1 with errno. */
static int
find(const struct watch *w, struct slice path, struct stat *st)
{
	int dir = open_above(w, path), result, error;

	if (dir < 0)
		return -1;
	result = fstatat(dir, path_base(path).ptr, st,
	    AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
	error = errno;
	if (dir != w->spec.root)
		close(dir);
	errno = error;
	return result;
}

/* No file that is shared stands at path. */
static void
lose(struct watch *w, struct slice path)
{
	int result = catalogue_remove(w->spec.files, path);

	w->news += result > 0;
	quiet_forget(w->quiet, path);
	if (result > 0)
		watch_changed(w);
	else if (result < 0)
		watch_rescan_later(w);
}

/* Times of files may lie behind by so many seconds. */
#define CLOCK_SLACK 2

/* It is being written to. */
static void
touch(struct watch *w, struct slice path)
{
	int result = catalogue_doubt(w->spec.files, path);

	if (result != 0)
		watch_changed(w);
	if (result < 0 || quiet_touch(w->quiet, path, clock_ms()) < 0)
		watch_rescan_later(w);
}

/* It is as it is meant to be, for the time being. */
static void
take_file(struct watch *w, struct slice path, const struct stat *st)
{
	int result;

	quiet_forget(w->quiet, path);
	result = scan_file(&w->scan, path, st);
	if (result < 0)
		watch_rescan_later(w);
	else if (result == 0)
		lose(w, path);
}

/*
 * Whether a file that has just appeared may have somebody who writes to it. Not
 * one that has another name, or that was complete before it got this one.
 */
static bool
is_fresh(const struct stat *st)
{
	struct timespec now;

	if (st->st_nlink > 1)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - st->st_mtim.tv_sec <= WATCH_QUIET_MS / 1000;
}

/* Out of descriptors or memory, it is not known. */
static bool
is_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/*
 * Whether a file may have changed since everything was read. Of what has other
 * names too, this one alone is told.
 */
static bool
is_since_reading(const struct watch *w, const struct stat *st)
{
	return st->st_ctim.tv_sec + CLOCK_SLACK >= w->read_at;
}

static bool
is_gone(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/* Other names of a file that has changed have done so, too. */
static void
look_for_links(struct watch *w, const struct stat *st)
{
	if (st->st_nlink > 1 && is_since_reading(w, st))
		watch_rescan_links(w);
}

enum reason {
	LOOK_CHANGED,
	LOOK_CREATED, /* and somebody may write to it yet */
	LOOK_ATTRIBUTES,
	LOOK_WRITTEN
};

/* Look at what stands at path, and take it, or wait for who writes to it. */
static void
look(struct watch *w, struct slice path, enum reason reason)
{
	size_t news = w->news;
	struct stat st;

	if (find(w, path, &st) < 0) {
		if (is_short(errno))
			watch_rescan_later(w);
		else
			lose(w, path);
	} else if (S_ISDIR(st.st_mode)) {
		watch_appear(w, path);
	} else if (!S_ISREG(st.st_mode)) {
		lose(w, path);
	} else if (reason == LOOK_CREATED && is_fresh(&st)) {
		if (rule_shares(w->spec.rule, path))
			touch(w, path);
	} else {
		take_file(w, path, &st);
		if (reason == LOOK_WRITTEN ||
		    (reason == LOOK_ATTRIBUTES &&
			(w->news != news || !rule_shares(w->spec.rule, path))))
			look_for_links(w, &st);
	}
}

void
watch_look(struct watch *w, struct slice path)
{
	look(w, path, LOOK_WRITTEN);
}

static void
on_create(struct watch *w, struct slice path, bool dir)
{
	(void)dir;
	look(w, path, LOOK_CREATED);
}

static void
on_modify(struct watch *w, struct slice path, bool dir)
{
	(void)dir;
	if (rule_shares(w->spec.rule, path))
		touch(w, path);
}

static void
on_written(struct watch *w, struct slice path, bool dir)
{
	(void)dir;
	look(w, path, LOOK_WRITTEN);
}

static void
on_moved_here(struct watch *w, struct slice path, bool dir)
{
	if (dir && w->cookie && w->moved_cookie == w->cookie)
		watch_move_here(w, path);
	else
		look(w, path, LOOK_CHANGED);
}

/* It may have become readable, or may be so no longer. */
static void
on_attributes(struct watch *w, struct slice path, bool dir)
{
	if (dir)
		watch_appear(w, path);
	else if (!quiet_has(w->quiet, path))
		look(w, path, LOOK_ATTRIBUTES);
}

static void
on_delete(struct watch *w, struct slice path, bool dir)
{
	if (dir)
		watch_vanish(w, path);
	else
		lose(w, path);
}

/* Two may have changed places, and then nothing else tells of this one. */
static void
on_moved_away(struct watch *w, struct slice path, bool dir)
{
	struct stat st;

	if (dir && w->cookie && find(w, path, &st) < 0 && is_gone(errno)) {
		watch_move_away(w, path);
		return;
	}
	on_delete(w, path, dir);
	look(w, path, LOOK_CREATED);
}

static const struct {
	uint32_t mask;
	void (*take)(struct watch *w, struct slice path, bool dir);
} kinds[] = {
    {IN_MODIFY, on_modify},
    {IN_CLOSE_WRITE, on_written},
    {IN_CREATE, on_create},
    {IN_DELETE, on_delete},
    {IN_MOVED_FROM, on_moved_away},
    {IN_MOVED_TO, on_moved_here},
    {IN_ATTRIB, on_attributes},
};

static void
take_overflow(struct watch *w)
{
	if (!w->said_overflow)
		log_warnx(
		    "more changes below %s than can be followed: reading it "
		    "again whenever that happens",
		    w->spec.dir);
	w->said_overflow = true;
	watch_rescan_soon(w);
}

/* What happened in the directory whose path, of len bytes, is in path. */
static void
take_at(
    struct watch *w, const struct inotify_event *event, char *path, size_t len)
{
	size_t name = event->len > 0 ? strlen(event->name) : 0;

	/* Others are told of by the directory above. */
	if (!name && len > 0)
		return;
	if (name && len > 0)
		path[len++] = '/';
	if (len + name > PATH_MAX_BYTES)
		return;
	if (name)
		memcpy(path + len, event->name, name);
	path[len + name] = '\0';
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (event->mask & kinds[i].mask)
			kinds[i].take(w, slice_of(path, len + name),
			    event->mask & IN_ISDIR);
}

void
watch_take(struct watch *w, const struct inotify_event *event)
{
	char path[PATH_MAX_BYTES + NAME_MAX + 2];
	ptrdiff_t len;

	if (event->cookie != w->moved_cookie || !(event->mask & IN_MOVED_TO))
		watch_forget_moved(w);
	w->cookie = event->cookie;
	if (event->mask & IN_Q_OVERFLOW) {
		take_overflow(w);
		return;
	}
	len = watches_path(w->dirs, event->wd, path);
	if (event->mask & IN_IGNORED) {
		watches_lose(w->dirs, event->wd);
	} else if (len >= 0 && event->mask & IN_UNMOUNT) {
		watch_vanish(w, slice_of(path, (size_t)len));
		watch_appear(w, slice_of(path, (size_t)len));
	} else if (len >= 0) {
		take_at(w, event, path, (size_t)len);
	}
}
