#include "catalogue.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "lib/locator.h"

/* A path is bytes of one common text. */
struct entry {
	uint64_t at : 48;
	uint64_t len : 16;
	uint64_t size;
	int64_t mtime;
	union {
		uint64_t came; /* before sorting: how many came before it */
		uint64_t lines; /* bytes of the lines up to this one's end */
	};
};

_Static_assert(sizeof(struct entry) == 32, "one for every file");

#define TEXT_MAX_BYTES ((uint64_t)1 << 48)

/* What changes once there are readers. */
struct lore {
	pthread_rwlock_t lock; /* of this, and of what entries say of files */
	/* Of each place, before sorting of each as it came; NULL: none known. */
	struct digest *digests;
	size_t digest_room;
	size_t *news; /* the places that were learned of, in that order */
	size_t count;
	size_t room;
};

struct catalogue {
	struct lore *lore;
	struct entry *entries;
	size_t count;
	size_t room;
	char *text;
	size_t text_len;
	size_t text_room;
};

struct catalogue *
catalogue_new(void)
{
	struct catalogue *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->lore = calloc(1, sizeof *c->lore);
	if (!c->lore) {
		free(c);
		return NULL;
	}
	pthread_rwlock_init(&c->lore->lock, NULL);
	return c;
}

void
catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	pthread_rwlock_destroy(&c->lore->lock);
	free(c->lore->digests);
	free(c->lore->news);
	free(c->lore);
	free(c->entries);
	free(c->text);
	free(c);
}

/* Room for at least need elements of size bytes each; the new memory or NULL. */
static void *
grow(void *mem, size_t *room, size_t need, size_t size)
{
	size_t wanted = *room ? *room : 1024, bytes;
	void *grown;

	while (wanted < need)
		if (__builtin_mul_overflow(wanted, 2, &wanted))
			goto fail;
	if (__builtin_mul_overflow(wanted, size, &bytes))
		goto fail;
	grown = realloc(mem, bytes);
	if (grown)
		*room = wanted;
	return grown;
fail:
	errno = ENOMEM;
	return NULL;
}

static int
reserve(struct catalogue *c, size_t len)
{
	void *grown;

	if (c->count == c->room) {
		grown = grow(
		    c->entries, &c->room, c->count + 1, sizeof *c->entries);
		if (!grown)
			return -1;
		c->entries = grown;
	}
	if (len > c->text_room - c->text_len) {
		grown = grow(c->text, &c->text_room, c->text_len + len, 1);
		if (!grown)
			return -1;
		c->text = grown;
	}
	return 0;
}

/* The digest of the i-th; those before that have none become unknown. */
static int
set_digest(struct catalogue *c, size_t i, const struct digest *digest)
{
	struct lore *l = c->lore;
	size_t before = l->digest_room;
	struct digest *grown;

	if (i >= before) {
		grown = grow(l->digests, &l->digest_room,
		    i >= c->room ? i + 1 : c->room, sizeof *grown);
		if (!grown)
			return -1;
		memset(grown + before, 0,
		    (l->digest_room - before) * sizeof *grown);
		l->digests = grown;
	}
	l->digests[i] = *digest;
	return 0;
}

int
catalogue_add(struct catalogue *c, const struct catalogue_file *file)
{
	size_t len = file->path.len;

	if (len > UINT16_MAX || c->text_len > TEXT_MAX_BYTES - len) {
		errno = EINVAL;
		return -1;
	}
	if (reserve(c, len) < 0)
		return -1;
	if (file->digest.known && set_digest(c, c->count, &file->digest) < 0)
		return -1;
	memcpy(c->text + c->text_len, file->path.ptr, len);
	c->entries[c->count] = (struct entry){
	    .at = c->text_len,
	    .len = (uint16_t)len,
	    .size = file->size,
	    .mtime = file->mtime,
	    .came = c->count,
	};
	c->count++;
	c->text_len += len;
	return 0;
}

static struct slice
path_of(const struct catalogue *c, const struct entry *e)
{
	return slice_of(c->text + e->at, e->len);
}

static int
compare(const void *a, const void *b, void *catalogue)
{
	return slice_cmp(path_of(catalogue, a), path_of(catalogue, b));
}

/* What is read in order then lies in order; without memory it is as good. */
static void
lay_out(struct catalogue *c)
{
	char *text = malloc(c->text_len);
	size_t len = 0;

	if (!text)
		return;
	for (size_t i = 0; i < c->count; i++) {
		struct slice path = path_of(c, &c->entries[i]);

		memcpy(text + len, path.ptr, path.len);
		c->entries[i].at = len;
		len += path.len;
	}
	free(c->text);
	c->text = text;
	c->text_room = c->text_len;
}

/* How many bytes each byte of a path takes in a line. */
static void
measure_bytes(uint8_t widths[256])
{
	char mem[8];
	struct buf text;

	for (int i = 0; i < 256; i++) {
		const char byte = (char)i;

		buf_borrow(&text, mem, sizeof mem);
		locator_encode(&text, slice_of(&byte, 1));
		widths[i] = (uint8_t)buf_len(&text);
	}
}

static void
measure_lines(struct catalogue *c)
{
	uint8_t widths[256];
	uint64_t lines = 0;

	measure_bytes(widths);
	for (size_t i = 0; i < c->count; i++) {
		struct slice path = path_of(c, &c->entries[i]);

		for (size_t j = 0; j < path.len; j++)
			lines += widths[(unsigned char)path.ptr[j]];
		c->entries[i].lines = ++lines;
	}
}

/* Bring digests into the order of the entries; or, without memory, forget. */
static void
sort_digests(struct catalogue *c)
{
	struct lore *l = c->lore;
	struct digest *sorted;

	if (!l->digests)
		return;
	sorted = calloc(c->count, sizeof *sorted);
	for (size_t i = 0; sorted && i < c->count; i++)
		if (c->entries[i].came < l->digest_room)
			sorted[i] = l->digests[c->entries[i].came];
	free(l->digests);
	l->digests = sorted;
	l->digest_room = sorted ? c->count : 0;
}

void
catalogue_sort(struct catalogue *c)
{
	if (c->count > 1) {
		qsort_r(c->entries, c->count, sizeof *c->entries, compare, c);
		lay_out(c);
	}
	sort_digests(c);
	measure_lines(c);
}

uint64_t
catalogue_lines(const struct catalogue *c, size_t first, size_t end)
{
	uint64_t before = first > 0 ? c->entries[first - 1].lines : 0;

	return first < end ? c->entries[end - 1].lines - before : 0;
}

size_t
catalogue_count(const struct catalogue *c)
{
	return c->count;
}

struct catalogue_file
catalogue_at(const struct catalogue *c, size_t i)
{
	const struct entry *e = &c->entries[i];
	const struct lore *l = c->lore;
	struct catalogue_file file;

	pthread_rwlock_rdlock(&c->lore->lock);
	file = (struct catalogue_file){
	    .path = path_of(c, e), .size = e->size, .mtime = e->mtime};
	if (i < l->digest_room)
		file.digest = l->digests[i];
	pthread_rwlock_unlock(&c->lore->lock);
	return file;
}

static int
reserve_news(struct lore *l)
{
	void *grown;

	if (l->count < l->room)
		return 0;
	grown = grow(l->news, &l->room, l->count + 1, sizeof *l->news);
	if (!grown)
		return -1;
	l->news = grown;
	return 0;
}

int
catalogue_learn(
    struct catalogue *c, size_t i, const struct catalogue_file *file)
{
	struct lore *l = c->lore;
	int result;

	pthread_rwlock_wrlock(&l->lock);
	result = reserve_news(l);
	if (result == 0)
		result = set_digest(c, i, &file->digest);
	if (result == 0) {
		c->entries[i].size = file->size;
		c->entries[i].mtime = file->mtime;
		l->news[l->count++] = i;
	}
	pthread_rwlock_unlock(&l->lock);
	return result;
}

size_t
catalogue_news(const struct catalogue *c)
{
	size_t count;

	pthread_rwlock_rdlock(&c->lore->lock);
	count = c->lore->count;
	pthread_rwlock_unlock(&c->lore->lock);
	return count;
}

size_t
catalogue_learned(const struct catalogue *c, size_t n)
{
	size_t place;

	pthread_rwlock_rdlock(&c->lore->lock);
	place = c->lore->news[n];
	pthread_rwlock_unlock(&c->lore->lock);
	return place;
}

size_t
catalogue_find(const struct catalogue *c, size_t from, struct slice path)
{
	size_t end = c->count;

	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (slice_cmp(path_of(c, &c->entries[middle]), path) < 0)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

static bool
begins(const struct catalogue *c, size_t i, struct slice prefix)
{
	return slice_starts(path_of(c, &c->entries[i]), prefix);
}

/* Steps that double, then halve: what lies in a directory is mostly little. */
size_t
catalogue_skip(const struct catalogue *c, size_t from, struct slice prefix)
{
	size_t step = 1;

	while (step < c->count - from && begins(c, from + step, prefix)) {
		from += step;
		step *= 2;
	}
	for (; step > 0; step /= 2)
		if (step < c->count - from && begins(c, from + step, prefix))
			from += step;
	return from < c->count ? from + 1 : from;
}
