#include "opened.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "etag.h"
#include "facts.h"
#include "hashes.h"
#include "lib/loop.h"
#include "mime.h"
#include "site.h"

/* Only of a file unchanged for so long does any change show in its times. */
#define SETTLED_SECONDS 2

/* A larger file is opened for each download: the kernel reads ahead for it. */
#define LASTING_BYTES (1024 * 1024)

/* An open file, or none: then file.fd is -1. */
struct entry {
	char *path;
	struct stat st;
	bool lasts; /* to be served again */
	char etag[ETAG_TEXT];
	struct opened_file file;
};

struct opened {
	struct loop *loop;
	const struct site *site;
	struct loop_timer timer; /* set while a file is open */
	int64_t since; /* when it was set */
	struct entry entries[OPENED_FILES];
};

static void
forget(struct entry *e)
{
	if (e->file.fd >= 0)
		close(e->file.fd);
	free(e->path);
	*e = (struct entry){.file.fd = -1};
}

static void
forget_all(struct opened *o)
{
	for (size_t i = 0; i < OPENED_FILES; i++)
		forget(&o->entries[i]);
	loop_timer_cancel(o->loop, &o->timer);
}

static void
on_timer(struct loop_timer *timer)
{
	forget_all(LOOP_OWNER(timer, struct opened, timer));
}

struct opened *
opened_new(struct loop *loop, const struct site *site)
{
	struct opened *o = calloc(1, sizeof *o);

	if (!o)
		return NULL;
	o->loop = loop;
	o->site = site;
	o->timer.fire = on_timer;
	for (size_t i = 0; i < OPENED_FILES; i++)
		o->entries[i].file.fd = -1;
	return o;
}

void
opened_free(struct opened *o)
{
	if (!o)
		return;
	forget_all(o);
	free(o);
}

size_t
opened_count(const struct opened *o)
{
	size_t count = 0;

	for (size_t i = 0; i < OPENED_FILES; i++)
		count += o->entries[i].file.fd >= 0;
	return count;
}

/* The one place where path may stand (FNV-1a). */
static struct entry *
place_of(struct opened *o, struct slice path)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < path.len; i++)
		hash = (hash ^ (unsigned char)path.ptr[i]) * 16777619u;
	return &o->entries[(hash ^ hash >> 16) % OPENED_FILES];
}

/* A rename, a new name or mode, and the end of a name change a time, too. */
static bool
is_unchanged(const struct entry *e)
{
	struct facts before, facts;
	struct stat st;

	if (fstat(e->file.fd, &st) < 0 || st.st_nlink == 0)
		return false;
	before = facts_of(&e->st);
	facts = facts_of(&st);
	return facts_eq(&before, &facts);
}

static bool
serves(const struct entry *e, struct slice path)
{
	return e->lasts && slice_eq(slice_str(e->path), path) &&
	    is_unchanged(e);
}

/* Write down what is known of it, the digest too as soon as that is. */
static int
describe(struct opened *o, struct entry *e, const struct plan_now *now)
{
	struct plan_file *about = &e->file.about;
	bool learned = !about->digest.known && o->site->hashes &&
	    hashes_find(o->site->hashes, &e->st, &about->digest);

	return learned || !about->described ? plan_describe(about, now) : 0;
}

/* A descriptor, at the cost of those that are held. */
static int
open_anyhow(struct opened *o, struct slice path, struct stat *st)
{
	int fd = site_open(o->site, path, st);

	if (fd >= 0 || (errno != EMFILE && errno != ENFILE))
		return fd;
	forget_all(o);
	return site_open(o->site, path, st);
}

static int
start_timer(struct opened *o)
{
	if (loop_timer_is_set(&o->timer))
		return 0;
	o->since = loop_now(o->loop);
	return loop_timer_set(o->loop, &o->timer, OPENED_MS);
}

/* Open path, in the empty place e. 0, or -1 with errno. */
static int
fill(struct opened *o, struct entry *e, struct slice path,
    const struct plan_now *now)
{
	e->file.fd = open_anyhow(o, path, &e->st);
	if (e->file.fd < 0)
		return -1;
	e->path = slice_dup(path);
	if (!e->path || start_timer(o) < 0)
		return -1;
	e->lasts = e->st.st_ctim.tv_sec + SETTLED_SECONDS <= now->seconds &&
	    e->st.st_size <= LASTING_BYTES;
	e->file.about = (struct plan_file){
	    .etag = slice_str(etag_text(&e->st, e->etag)),
	    .modified = e->st.st_mtime,
	    .size = (uint64_t)e->st.st_size,
	    .type = mime_type(path),
	};
	return 0;
}

static bool
is_over(const struct opened *o)
{
	return loop_timer_is_set(&o->timer) &&
	    loop_now(o->loop) - o->since >= OPENED_MS;
}

const struct opened_file *
opened_find(struct opened *o, struct slice path, const struct plan_now *now)
{
	struct entry *e = place_of(o, path);
	int error;

	if (is_over(o))
		forget_all(o);
	if (e->file.fd >= 0 && !serves(e, path))
		forget(e);
	if ((e->file.fd >= 0 || fill(o, e, path, now) == 0) &&
	    describe(o, e, now) == 0)
		return &e->file;
	error = errno;
	forget(e);
	errno = error;
	return NULL;
}
