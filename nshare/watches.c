#include "watches.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "fnv.h"

#define FIRST_BUCKETS 64

/* A directory. */
struct watch {
	struct watch *above; /* NULL: DIR */
	struct watch *below; /* the first one */
	struct watch *beside;
	struct watch **here; /* what points to it: below or beside */
	struct watch *same_path; /* the next of its bucket */
	struct watch *same_wd;
	uint64_t hash; /* of its path */
	int wd;
	bool marked; /* and not set since */
	uint16_t len;
	char name[];
};

struct watches {
	void (*drop)(void *arg, int wd);
	void *arg;
	struct watch *top;
	size_t count;
	size_t missing;
	size_t buckets; /* a power of two */
	struct watch **by_path;
	struct watch **by_wd;
};

struct watches *
watches_new(void (*drop)(void *arg, int wd), void *arg)
{
	struct watches *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	*w = (struct watches){
	    .drop = drop,
	    .arg = arg,
	    .buckets = FIRST_BUCKETS,
	    .by_path = calloc(FIRST_BUCKETS, sizeof *w->by_path),
	    .by_wd = calloc(FIRST_BUCKETS, sizeof *w->by_wd),
	};
	if (w->by_path && w->by_wd)
		return w;
	watches_free(w);
	errno = ENOMEM;
	return NULL;
}

static struct watch **
path_bucket(const struct watches *w, uint64_t hash)
{
	return &w->by_path[fnv_fold(hash) & (w->buckets - 1)];
}

static struct watch **
wd_bucket(const struct watches *w, int wd)
{
	return &w->by_wd[(unsigned)wd & (w->buckets - 1)];
}

static void
hang_up(struct watches *w, struct watch *d)
{
	struct watch **at = path_bucket(w, d->hash);

	d->same_path = *at;
	*at = d;
}

static void
hang_up_wd(struct watches *w, struct watch *d)
{
	struct watch **at = wd_bucket(w, d->wd);

	d->same_wd = *at;
	*at = d;
}

/* The next of all: what is below, then beside, then beside what is above. */
static struct watch *
next_of(struct watch *d)
{
	if (d->below)
		return d->below;
	while (d && !d->beside)
		d = d->above;
	return d ? d->beside : NULL;
}

/* Without memory the buckets just hold more. */
static void
grow(struct watches *w)
{
	size_t buckets = w->buckets * 2;
	struct watch **by_path = calloc(buckets, sizeof *by_path);
	struct watch **by_wd = calloc(buckets, sizeof *by_wd);

	if (!by_path || !by_wd) {
		free(by_path);
		free(by_wd);
		return;
	}
	free(w->by_path);
	free(w->by_wd);
	w->by_path = by_path;
	w->by_wd = by_wd;
	w->buckets = buckets;
	for (struct watch *d = w->top; d; d = next_of(d)) {
		hang_up(w, d);
		if (d->wd != WATCHES_NONE)
			hang_up_wd(w, d);
	}
}

/* From its end up to DIR. */
static bool
has_path(const struct watch *d, struct slice path)
{
	for (; d->above; d = d->above) {
		struct slice name = slice_of(d->name, d->len);

		if (path.len < name.len ||
		    !slice_eq(slice_skip(path, path.len - name.len), name))
			return false;
		path.len -= name.len;
		if (!d->above->above)
			continue;
		if (!path.len || path.ptr[path.len - 1] != '/')
			return false;
		path.len--;
	}
	return path.len == 0;
}

static struct watch *
find(const struct watches *w, struct slice path)
{
	uint64_t hash = fnv_add(FNV_START, path);
	struct watch *d = *path_bucket(w, hash);

	while (d && (d->hash != hash || !has_path(d, path)))
		d = d->same_path;
	return d;
}

static struct watch *
find_wd(const struct watches *w, int wd)
{
	struct watch *d = *wd_bucket(w, wd);

	while (d && d->wd != wd)
		d = d->same_wd;
	return d;
}

static void
forget_path(struct watches *w, struct watch *d)
{
	struct watch **at = path_bucket(w, d->hash);

	while (*at != d)
		at = &(*at)->same_path;
	*at = d->same_path;
}

/* It has no watch from now on; whose that is then is the caller's concern. */
static void
forget_wd(struct watches *w, struct watch *d)
{
	struct watch **at = wd_bucket(w, d->wd);

	while (*at != d)
		at = &(*at)->same_wd;
	*at = d->same_wd;
	d->wd = WATCHES_NONE;
	w->missing++;
}

static void
drop_wd(struct watches *w, struct watch *d)
{
	int wd = d->wd;

	if (wd == WATCHES_NONE)
		return;
	forget_wd(w, d);
	w->drop(w->arg, wd);
}

static void
set_wd(struct watches *w, struct watch *d, int wd)
{
	struct watch *other;

	if (d->wd == wd)
		return;
	drop_wd(w, d);
	if (wd == WATCHES_NONE)
		return;
	other = find_wd(w, wd);
	if (other)
		forget_wd(w, other);
	d->wd = wd;
	w->missing--;
	hang_up_wd(w, d);
}

static struct watch *
new_watch(struct watches *w, struct watch *above, struct slice path)
{
	struct slice name = path_base(path);
	struct watch *d = malloc(sizeof *d + name.len);

	if (!d)
		return NULL;
	*d = (struct watch){
	    .above = above,
	    .beside = above ? above->below : NULL,
	    .here = above ? &above->below : &w->top,
	    .hash = fnv_add(FNV_START, path),
	    .wd = WATCHES_NONE,
	    .len = (uint16_t)name.len,
	};
	if (name.len)
		memcpy(d->name, name.ptr, name.len);
	*d->here = d;
	if (d->beside)
		d->beside->here = &d->beside;
	w->missing++;
	hang_up(w, d);
	if (++w->count > w->buckets)
		grow(w);
	return d;
}

static struct watch *
add(struct watches *w, struct slice path)
{
	struct watch *above = path.len ? find(w, path_above(path)) : NULL;

	if (path.len && !above) {
		errno = ENOENT;
		return NULL;
	}
	return new_watch(w, above, path);
}

int
watches_set(struct watches *w, struct slice path, int wd)
{
	struct watch *d = find(w, path);

	if (!d)
		d = add(w, path);
	if (!d)
		return -1;
	d->marked = false;
	set_wd(w, d, wd);
	return 0;
}

bool
watches_has(const struct watches *w, struct slice path)
{
	const struct watch *d = find(w, path);

	return d && d->wd != WATCHES_NONE;
}

static size_t
length(const struct watch *d)
{
	size_t len = 0;

	for (; d->above; d = d->above)
		len += d->len + (d->above->above ? 1u : 0);
	return len;
}

ptrdiff_t
watches_path(const struct watches *w, int wd, char path[PATH_MAX_BYTES + 1])
{
	const struct watch *d = find_wd(w, wd);
	size_t len, at;

	if (!d)
		return -1;
	len = at = length(d);
	path[len] = '\0';
	for (; d->above; d = d->above) {
		at -= d->len;
		memcpy(path + at, d->name, d->len);
		if (at > 0)
			path[--at] = '/';
	}
	return (ptrdiff_t)len;
}

void
watches_lose(struct watches *w, int wd)
{
	struct watch *d = find_wd(w, wd);

	if (d)
		forget_wd(w, d);
}

/* One with nothing below. */
static void
remove_leaf(struct watches *w, struct watch *d)
{
	drop_wd(w, d);
	forget_path(w, d);
	*d->here = d->beside;
	if (d->beside)
		d->beside->here = d->here;
	w->count--;
	w->missing--;
	free(d);
}

static void
remove_all(struct watches *w, struct watch *top)
{
	struct watch *d = top, *above;

	for (;;) {
		while (d->below)
			d = d->below;
		above = d->above;
		remove_leaf(w, d);
		if (d == top)
			return;
		d = above;
	}
}

void
watches_drop(struct watches *w, struct slice path)
{
	struct watch *d = find(w, path);

	if (d)
		remove_all(w, d);
}

static struct watch *
next_beside(struct watch *d)
{
	while (d && !d->beside)
		d = d->above;
	return d ? d->beside : NULL;
}

/* Its path is that of the one above, and its name. */
static void
hang_anew(struct watches *w, struct watch *d)
{
	uint64_t hash = d->above->hash;

	if (d->above->above)
		hash = fnv_add(hash, SLICE("/"));
	forget_path(w, d);
	d->hash = fnv_add(hash, slice_of(d->name, d->len));
	hang_up(w, d);
}

/* All that d has is now that of another. */
static void
hand_over(struct watches *w, struct watch *d, struct watch *to)
{
	int wd = d->wd;
	struct watch *end = next_beside(to);

	to->marked = d->marked;
	to->below = d->below;
	d->below = NULL;
	if (to->below)
		to->below->here = &to->below;
	for (struct watch *b = to->below; b; b = b->beside)
		b->above = to;
	for (struct watch *b = next_of(to); b != end; b = next_of(b))
		hang_anew(w, b);
	if (wd == WATCHES_NONE)
		return;
	forget_wd(w, d);
	set_wd(w, to, wd);
}

static bool
is_below(const struct watch *d, const struct watch *top)
{
	while (d && d != top)
		d = d->above;
	return d;
}

/* Whether its path, and those below it, may be longer by so many bytes. */
static bool
has_room(struct watch *d, size_t more)
{
	struct watch *end = next_beside(d);

	for (; d != end; d = next_of(d))
		if (length(d) + more > PATH_MAX_BYTES)
			return false;
	return true;
}

int
watches_rename(struct watches *w, struct slice from, struct slice to)
{
	struct watch *d = find(w, from), *above = find(w, path_above(to));
	struct watch *there = find(w, to), *fresh;

	if (!d || !above || !to.len || d == there) {
		errno = ENOENT;
		return -1;
	}
	if (is_below(above, d) || is_below(d, there)) {
		errno = EINVAL;
		return -1;
	}
	if (to.len > from.len && !has_room(d, to.len - from.len)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fresh = new_watch(w, above, to);
	if (!fresh)
		return -1;
	if (there)
		remove_all(w, there);
	hand_over(w, d, fresh);
	remove_leaf(w, d);
	return 0;
}

void
watches_mark(struct watches *w, struct slice path)
{
	struct watch *d = find(w, path), *end = next_beside(d);

	for (; d != end; d = next_of(d))
		d->marked = true;
}

void
watches_sweep(struct watches *w, struct slice path)
{
	struct watch *d = find(w, path), *end = next_beside(d), *next;

	while (d != end) {
		next = d->marked ? next_beside(d) : next_of(d);
		if (d->marked)
			remove_all(w, d);
		d = next;
	}
}

size_t
watches_count(const struct watches *w)
{
	return w->count;
}

size_t
watches_missing(const struct watches *w)
{
	return w->missing;
}

static void
keep(void *arg, int wd)
{
	(void)arg;
	(void)wd;
}

void
watches_free(struct watches *w)
{
	if (!w)
		return;
	w->drop = keep;
	if (w->top)
		remove_all(w, w->top);
	free(w->by_path);
	free(w->by_wd);
	free(w);
}
