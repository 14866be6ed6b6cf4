#include "hashes.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hashes_file.h"
#include "lib/log.h"

#define FIRST_SLOTS 64

/* A file below this size is not worth being written anew. */
#define SMALL_BYTES (64 << 10)

/* The entries, oldest first; a slot is 0, or one more than where one stands. */
struct table {
	struct hashes_entry *entries;
	uint32_t *slots;
	size_t count;
	size_t slot_count; /* a power of two, three quarters in use at most */
};

/*
 * Who changes the table holds both locks, the mutex first; who holds the mutex
 * may read it, and is the only one at the file.
 */
struct hashes {
	pthread_mutex_t change;
	pthread_rwlock_t lock;
	struct table table;
	char *path;
	int fd; /* -1 when digests are not kept */
	int error; /* why they are not kept any more, or 0 */
};

static void
table_free(struct table *t)
{
	free(t->entries);
	free(t->slots);
}

/* The slots are a power of two: every bit of the key reaches the lowest. */
static size_t
hash_of(const struct facts *f)
{
	uint64_t mixed = f->inode + f->device * 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
	return (size_t)(mixed ^ mixed >> 31);
}

/* The slot of that inode, or the empty one where it belongs. */
static uint32_t *
find_slot(const struct table *t, const struct facts *key)
{
	size_t mask = t->slot_count - 1, at = hash_of(key) & mask;

	for (; t->slots[at]; at = (at + 1) & mask) {
		const struct facts *f = &t->entries[t->slots[at] - 1].facts;

		if (f->inode == key->inode && f->device == key->device)
			break;
	}
	return &t->slots[at];
}

/* The entry of that inode, or NULL. */
static struct hashes_entry *
table_find(const struct table *t, const struct facts *key)
{
	uint32_t at = t->slot_count ? *find_slot(t, key) : 0;

	return at ? &t->entries[at - 1] : NULL;
}

static int
table_grow(struct table *t)
{
	size_t slot_count = t->slot_count ? t->slot_count * 2 : FIRST_SLOTS;
	struct hashes_entry *entries;
	uint32_t *slots;

	if (slot_count > UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	entries = reallocarray(
	    t->entries, slot_count / 4 * 3, sizeof *t->entries);
	if (!entries)
		return -1;
	t->entries = entries;
	slots = calloc(slot_count, sizeof *slots);
	if (!slots)
		return -1;
	free(t->slots);
	t->slots = slots;
	t->slot_count = slot_count;
	for (size_t i = 0; i < t->count; i++)
		*find_slot(t, &entries[i].facts) = (uint32_t)i + 1;
	return 0;
}

static int
table_put(struct table *t, const struct hashes_entry *entry)
{
	struct hashes_entry *known = table_find(t, &entry->facts);

	if (known) {
		*known = *entry;
		return 0;
	}
	if (t->count == t->slot_count / 4 * 3 && table_grow(t) < 0)
		return -1;
	t->entries[t->count++] = *entry;
	*find_slot(t, &entry->facts) = (uint32_t)t->count;
	return 0;
}

struct hashes *
hashes_new(void)
{
	struct hashes *h = calloc(1, sizeof *h);

	if (!h)
		return NULL;
	pthread_mutex_init(&h->change, NULL);
	pthread_rwlock_init(&h->lock, NULL);
	h->fd = -1;
	return h;
}

void
hashes_free(struct hashes *h)
{
	if (!h)
		return;
	if (h->fd >= 0)
		close(h->fd);
	free(h->path);
	table_free(&h->table);
	pthread_rwlock_destroy(&h->lock);
	pthread_mutex_destroy(&h->change);
	free(h);
}

bool
hashes_find(struct hashes *h, const struct stat *st, struct digest *digest)
{
	const struct facts facts = facts_of(st);
	const struct hashes_entry *e;

	pthread_rwlock_rdlock(&h->lock);
	e = table_find(&h->table, &facts);
	digest->known = e && facts_eq(&e->facts, &facts);
	if (digest->known)
		memcpy(digest->bytes, e->digest, DIGEST_BYTES);
	pthread_rwlock_unlock(&h->lock);
	return digest->known;
}

/* Under the mutex. The first failure is the last. */
static void
append(struct hashes *h, const struct hashes_entry *entry)
{
	if (h->fd < 0 || hashes_file_add(h->fd, entry) == 0)
		return;
	h->error = errno;
	log_warn("%s: no more digests are kept", h->path);
	close(h->fd);
	h->fd = -1;
}

/* Under the mutex. */
static int
put(struct hashes *h, const struct hashes_entry *entry)
{
	const struct hashes_entry *known = table_find(&h->table, &entry->facts);
	int status;

	if (known && memcmp(known, entry, sizeof *entry) == 0)
		return 0;
	pthread_rwlock_wrlock(&h->lock);
	status = table_put(&h->table, entry);
	pthread_rwlock_unlock(&h->lock);
	if (status == 0)
		append(h, entry);
	return status;
}

int
hashes_put(struct hashes *h, const struct stat *st, const struct digest *digest)
{
	struct hashes_entry entry = {.facts = facts_of(st)};
	int status;

	if (!digest->known) {
		errno = EINVAL;
		return -1;
	}
	memcpy(entry.digest, digest->bytes, DIGEST_BYTES);
	pthread_mutex_lock(&h->change);
	status = put(h, &entry);
	pthread_mutex_unlock(&h->change);
	return status;
}

size_t
hashes_count(struct hashes *h)
{
	size_t count;

	pthread_rwlock_rdlock(&h->lock);
	count = h->table.count;
	pthread_rwlock_unlock(&h->lock);
	return count;
}

static int
add_read(void *arg, const struct hashes_entry *entry)
{
	struct table *t = arg;

	return table_put(t, entry);
}

/* Add what t has no entry for; what it has was read, and stays. */
static int
add_missing(struct table *t, const struct table *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (!table_find(t, &from->entries[i].facts) &&
		    table_put(t, &from->entries[i]) < 0)
			return -1;
	return 0;
}

/* Whether less than half of a file is records that count. */
static bool
is_wasteful(off_t size, size_t count)
{
	return size > SMALL_BYTES &&
	    (uint64_t)count * HASHES_FILE_RECORD < (uint64_t)size / 2;
}

/* A new table, with its file, instead of the old one. */
static void
take(struct hashes *h, const struct table *t, char *path, int fd)
{
	struct table old = h->table;

	pthread_rwlock_wrlock(&h->lock);
	h->table = *t;
	pthread_rwlock_unlock(&h->lock);
	table_free(&old);
	free(h->path);
	h->path = path;
	if (h->fd >= 0)
		close(h->fd);
	h->fd = fd;
}

/* Keep the table in the open file, in which the first of its entries stand. */
static void
keep(struct hashes *h, const struct table *t, size_t kept, off_t size)
{
	int fresh = -1;

	if (is_wasteful(size, kept))
		fresh = hashes_file_replace(
		    h->fd, h->path, t->entries, t->count);
	if (fresh >= 0) {
		close(h->fd);
		h->fd = fresh;
		return;
	}
	for (size_t i = kept; i < t->count; i++)
		append(h, &t->entries[i]);
}

/* Under the mutex, with a descriptor and a path that it takes over. */
static int
keep_in(struct hashes *h, char *path, int fd)
{
	struct table t = {0};
	off_t size = hashes_file_read(fd, add_read, &t);
	size_t kept = t.count;

	if (size < 0 || add_missing(&t, &h->table) < 0) {
		table_free(&t);
		return -1;
	}
	take(h, &t, path, fd);
	keep(h, &t, kept, size);
	return 0;
}

static int
open_and_keep(struct hashes *h, const char *path)
{
	char *copy;
	int fd, saved;

	if (h->error) {
		errno = h->error;
		return -1;
	}
	fd = hashes_file_open(path);
	if (fd < 0)
		return -1;
	copy = strdup(path);
	if (copy && keep_in(h, copy, fd) == 0)
		return 0;
	saved = errno;
	free(copy);
	close(fd);
	errno = saved;
	return -1;
}

int
hashes_keep(struct hashes *h, const char *path)
{
	int status;

	pthread_mutex_lock(&h->change);
	status = open_and_keep(h, path);
	pthread_mutex_unlock(&h->change);
	return status;
}

static bool
is_absolute(const char *directory)
{
	return directory && directory[0] == '/';
}

char *
hashes_path(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	const char *rest = "/naputils/digests";
	char *path;

	if (!is_absolute(cache)) {
		cache = home;
		rest = "/.cache/naputils/digests";
	}
	if (!is_absolute(cache)) {
		errno = ENOENT;
		return NULL;
	}
	return asprintf(&path, "%s%s", cache, rest) < 0 ? NULL : path;
}
