#include "quiet.h"

#include <stdlib.h>

#include "fnv.h"

#define BUCKETS 4096

/* One in the order of touches, and in its bucket. */
struct file {
	struct file *before;
	struct file *after;
	struct file *same; /* the next of its bucket */
	uint64_t hash;
	int64_t at;
	size_t len;
	char path[];
};

struct quiet {
	size_t most;
	int64_t ms;
	size_t count;
	struct file *first;
	struct file *last;
	struct file **buckets;
};

struct quiet *
quiet_new(size_t most, int64_t ms)
{
	struct quiet *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->most = most;
	q->ms = ms;
	q->buckets = calloc(BUCKETS, sizeof *q->buckets);
	if (q->buckets)
		return q;
	free(q);
	return NULL;
}

void
quiet_free(struct quiet *q)
{
	struct file *f, *after;

	if (!q)
		return;
	for (f = q->first; f; f = after) {
		after = f->after;
		free(f);
	}
	free(q->buckets);
	free(q);
}

/* Where the pointer to the file stands, or would. */
static struct file **
find(const struct quiet *q, struct slice path, uint64_t hash)
{
	struct file **at = &q->buckets[fnv_fold(hash) % BUCKETS];

	while (*at &&
	    ((*at)->hash != hash ||
		!slice_eq(slice_of((*at)->path, (*at)->len), path)))
		at = &(*at)->same;
	return at;
}

static void
unlink_file(struct quiet *q, struct file *f)
{
	*(f->before ? &f->before->after : &q->first) = f->after;
	*(f->after ? &f->after->before : &q->last) = f->before;
}

static void
append(struct quiet *q, struct file *f, int64_t at)
{
	f->at = q->last && q->last->at > at ? q->last->at : at;
	f->before = q->last;
	f->after = NULL;
	*(q->last ? &q->last->after : &q->first) = f;
	q->last = f;
}

static struct file *
new_file(struct slice path, uint64_t hash)
{
	struct file *f = malloc(sizeof *f + path.len);

	if (!f)
		return NULL;
	*f = (struct file){.hash = hash, .len = path.len};
	memcpy(f->path, path.ptr, path.len);
	return f;
}

int
quiet_touch(struct quiet *q, struct slice path, int64_t at)
{
	uint64_t hash = fnv_add(FNV_START, path);
	struct file **place = find(q, path, hash), *f = *place;

	if (f) {
		unlink_file(q, f);
	} else {
		f = new_file(path, hash);
		if (!f)
			return -1;
		*place = f;
		q->count++;
	}
	append(q, f, at);
	return 0;
}

bool
quiet_has(const struct quiet *q, struct slice path)
{
	return *find(q, path, fnv_add(FNV_START, path));
}

static void
forget(struct quiet *q, struct file **place)
{
	struct file *f = *place;

	*place = f->same;
	unlink_file(q, f);
	q->count--;
	free(f);
}

void
quiet_forget(struct quiet *q, struct slice path)
{
	struct file **place = find(q, path, fnv_add(FNV_START, path));

	if (*place)
		forget(q, place);
}

int64_t
quiet_due(const struct quiet *q)
{
	if (!q->first)
		return QUIET_NEVER;
	return q->count > q->most ? q->first->at : q->first->at + q->ms;
}

ptrdiff_t
quiet_take(struct quiet *q, int64_t now, char path[PATH_MAX_BYTES + 1])
{
	struct file *f = q->first;
	size_t len;

	if (!f || quiet_due(q) > now)
		return -1;
	len = f->len;
	memcpy(path, f->path, len);
	path[len] = '\0';
	forget(q, find(q, slice_of(path, len), f->hash));
	return (ptrdiff_t)len;
}
