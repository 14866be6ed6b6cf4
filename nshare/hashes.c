#include "hashes.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hashes_file.h"
#include "hashes_table.h"
#include "lib/log.h"

/* A file below this size is not worth being written anew. */
#define SMALL_BYTES (64 << 10)

#define DAY_SECONDS 86400

/*
 * The clock was not set where it says less. Records that have no later day are
 * taken for in use.
 */
#define FIRST_DAY 20454 /* 2026 */

/* The day of an entry whose record is to be written; it gets that day's. */
#define DUE HASHES_RECORD_NO_DAY

/*
 * Who changes the table holds both locks, the mutex first; who holds the mutex
 * may read it, and is the only one at the file. A day is changed by who holds
 * either.
 */
struct hashes {
	pthread_mutex_t change;
	pthread_rwlock_t lock;
	struct hashes_table table;
	atomic_uint day; /* today, as far as it is known */
	atomic_bool due; /* some may be */
	char *path;
	int fd; /* -1 when digests are not kept */
	int error; /* why they are not kept any more, or 0 */
};

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
	hashes_table_free(&h->table);
	pthread_rwlock_destroy(&h->lock);
	pthread_mutex_destroy(&h->change);
	free(h);
}

static void
set_day(struct hashes *h, size_t i, unsigned day)
{
	atomic_store_explicit(
	    &h->table.days[i], (uint16_t)day, memory_order_relaxed);
	if (day == DUE)
		atomic_store_explicit(&h->due, true, memory_order_relaxed);
}

/* It is in use: that is to be written down, if it was not of late. */
static void
confirm(struct hashes *h, size_t i)
{
	unsigned day = atomic_load_explicit(
	    &h->table.days[i], memory_order_relaxed);

	if (day != DUE &&
	    day + HASHES_REFRESH_DAYS <=
		atomic_load_explicit(&h->day, memory_order_relaxed))
		set_day(h, i, DUE);
}

bool
hashes_find(struct hashes *h, const struct stat *st, struct digest *digest)
{
	const struct facts facts = facts_of(st);
	const struct hashes_entry *e;
	ptrdiff_t at;

	digest->known = false;
	pthread_rwlock_rdlock(&h->lock);
	at = hashes_table_find(&h->table, &facts);
	e = at < 0 ? NULL : &h->table.entries[at];
	if (e && facts_eq(&e->facts, &facts)) {
		digest->known = true;
		memcpy(digest->bytes, e->digest, DIGEST_BYTES);
		confirm(h, (size_t)at);
	}
	pthread_rwlock_unlock(&h->lock);
	return digest->known;
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

/* What follows is called under the mutex. */

/* The first failure is the last. */
static void
give_up(struct hashes *h)
{
	h->error = errno;
	log_warn("%s: no more digests are kept", h->path);
	close(h->fd);
	h->fd = -1;
}

/* Another puts a file in the place of ours, or has. */
static bool
is_replaced(int error)
{
	return error == EWOULDBLOCK || error == ESTALE;
}

/* Records of entries, which are written at once. */
struct batch {
	size_t count;
	size_t places[HASHES_FILE_BATCH];
	struct hashes_record records[HASHES_FILE_BATCH];
};

/* 0, or -1 with errno when the file is replaced. */
static int
write_batch(struct hashes *h, struct batch *b)
{
	unsigned day = atomic_load(&h->day);

	if (h->fd < 0 || b->count == 0)
		return 0;
	if (hashes_file_add(h->fd, b->records, b->count) < 0) {
		if (is_replaced(errno))
			return -1;
		give_up(h);
		return 0;
	}
	for (size_t i = 0; i < b->count; i++)
		set_day(h, b->places[i], day);
	b->count = 0;
	return 0;
}

static void
add_to_batch(const struct hashes *h, struct batch *b, size_t place)
{
	struct hashes_record *record = &b->records[b->count];

	*record = hashes_table_at(&h->table, place);
	record->day = (uint16_t)atomic_load(&h->day);
	b->places[b->count++] = place;
}

/* Write all that is due. 0, or -1 with errno when the file is replaced. */
static int
write_due(struct hashes *h)
{
	struct batch b = {.count = 0};

	if (!atomic_exchange(&h->due, false))
		return 0;
	for (size_t i = 0; i < h->table.count && h->fd >= 0; i++) {
		if (atomic_load(&h->table.days[i]) != DUE)
			continue;
		add_to_batch(h, &b, i);
		if (b.count == HASHES_FILE_BATCH && write_batch(h, &b) < 0)
			goto replaced;
	}
	if (write_batch(h, &b) == 0)
		return 0;
replaced:
	atomic_store(&h->due, true);
	return -1;
}

/* The entries of a file, and others. */
struct reading {
	struct hashes_table *table;
	unsigned day; /* today */
	size_t told; /* of the entries */
};

/* A day to come is none either: somebody's clock was wrong. */
static int
add_read(void *arg, const struct hashes_record *record)
{
	const struct reading *r = arg;
	struct hashes_record own = *record;

	if (own.day <= FIRST_DAY || own.day > r->day)
		own.day = DUE;
	return hashes_table_put(r->table, &own) < 0 ? -1 : 0;
}

/* Nobody has found it for long. */
static bool
is_old(unsigned day, unsigned today)
{
	return day != DUE && day < today && today - day > HASHES_DAYS;
}

/* Add what is not written yet, or was not read and is not old. */
static int
add_missing(struct reading *r, const struct hashes_table *from)
{
	struct hashes_table *t = r->table;

	for (size_t i = 0; i < from->count; i++) {
		struct hashes_record record = hashes_table_at(from, i);
		ptrdiff_t at = hashes_table_find(t, &record.entry.facts);

		if (record.day != DUE &&
		    (at >= 0 || is_old(record.day, r->day)))
			continue;
		record.day = DUE;
		if (hashes_table_put(t, &record) < 0)
			return -1;
	}
	return 0;
}

/* Whether less than half of a file is records that count. */
static bool
is_wasteful(const struct reading *r, off_t size)
{
	uint64_t count = 0;

	for (size_t i = 0; i < r->table->count; i++) {
		unsigned day = atomic_load(&r->table->days[i]);

		count += day != DUE && !is_old(day, r->day);
	}
	return size > SMALL_BYTES &&
	    count * HASHES_RECORD_BYTES < (uint64_t)size / 2;
}

/* A new table, with its file, instead of the old one. */
static void
take(struct hashes *h, const struct hashes_table *t, char *path, int fd)
{
	struct hashes_table old = h->table;

	pthread_rwlock_wrlock(&h->lock);
	h->table = *t;
	pthread_rwlock_unlock(&h->lock);
	hashes_table_free(&old);
	free(h->path);
	h->path = path;
	if (h->fd >= 0)
		close(h->fd);
	h->fd = fd;
	atomic_store(&h->due, true);
}

/* Each that is not old; what is due is written with that. */
static bool
tell_next(void *arg, struct hashes_record *record)
{
	struct reading *r = arg;

	while (r->told < r->table->count) {
		*record = hashes_table_at(r->table, r->told++);
		if (record->day == DUE)
			record->day = (uint16_t)r->day;
		if (!is_old(record->day, r->day))
			return true;
	}
	return false;
}

/*
 * Put a file with the entries in the place of the open one, which was read
 * up to size; what was appended since then counts too. Its descriptor, or -1.
 */
static int
replace(struct reading *r, const char *path, int fd, off_t size)
{
	off_t torn = size < HASHES_RECORD_BYTES ? size : HASHES_RECORD_BYTES;
	int fresh = -1;

	if (hashes_file_lock(fd, path) < 0)
		return -1;
	if (hashes_file_read(fd, size - torn, add_read, r) >= 0)
		fresh = hashes_file_replace(path, tell_next, r);
	hashes_file_unlock(fd);
	if (fresh < 0)
		return -1;
	for (size_t i = 0; i < r->table->count; i++)
		if (atomic_load(&r->table->days[i]) == DUE)
			atomic_store(&r->table->days[i], (uint16_t)r->day);
	return fresh;
}

/* Whatever is in the file, if there is memory for that now. */
static void
reserve(const struct hashes *h, struct hashes_table *t, int fd)
{
	struct stat st;
	size_t most = HASHES_FILE_MOST;

	if (fstat(fd, &st) < 0)
		return;
	if (st.st_size / HASHES_RECORD_BYTES < HASHES_FILE_MOST)
		most = (size_t)(st.st_size / HASHES_RECORD_BYTES);
	(void)hashes_table_reserve(t, most + h->table.count);
}

/* With a descriptor and a path that it takes over, if it returns 0. */
static int
keep_in(struct hashes *h, char *path, int fd)
{
	struct hashes_table t = {0};
	struct reading reading = {.table = &t, .day = atomic_load(&h->day)};
	off_t size;
	int fresh = -1;
	bool wasteful;

	reserve(h, &t, fd);
	size = hashes_file_read(fd, 0, add_read, &reading);
	wasteful = size >= 0 && is_wasteful(&reading, size);
	if (size < 0 || add_missing(&reading, &h->table) < 0) {
		hashes_table_free(&t);
		return -1;
	}
	if (wasteful)
		fresh = replace(&reading, path, fd, size);
	if (fresh >= 0)
		close(fd);
	take(h, &t, path, fresh >= 0 ? fresh : fd);
	/* Those who replace it have what is in it; what is due has time. */
	(void)write_due(h);
	return 0;
}

/* path may be h's own. */
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

static void
set_today(struct hashes *h, time_t now)
{
	time_t day = now / DAY_SECONDS;

	if (day < FIRST_DAY)
		day = FIRST_DAY;
	if (day > UINT16_MAX)
		day = UINT16_MAX;
	atomic_store(&h->day, (unsigned)day);
}

int
hashes_keep(struct hashes *h, const char *path, time_t now)
{
	int status;

	pthread_mutex_lock(&h->change);
	set_today(h, now);
	status = open_and_keep(h, path);
	pthread_mutex_unlock(&h->change);
	return status;
}

/* The file was replaced, or removed: go on with the one that is there now. */
static void
follow(struct hashes *h)
{
	if (open_and_keep(h, h->path) < 0 && errno != EMFILE &&
	    errno != ENFILE && errno != ENOMEM)
		give_up(h);
}

void
hashes_tend(struct hashes *h, time_t now)
{
	unsigned before;

	pthread_mutex_lock(&h->change);
	before = atomic_load(&h->day);
	set_today(h, now);
	if (h->fd >= 0 &&
	    (atomic_load(&h->day) != before ||
		(write_due(h) < 0 && errno == ESTALE)))
		follow(h);
	pthread_mutex_unlock(&h->change);
}

/* The one that has just been put. */
static void
write_put(struct hashes *h, size_t place)
{
	struct batch b = {.count = 0};

	add_to_batch(h, &b, place);
	if (write_batch(h, &b) == 0)
		return;
	atomic_store(&h->due, true);
	if (errno == ESTALE)
		follow(h);
}

/* Of the file itself: each digest that is written changes it. */
static bool
is_own(const struct hashes *h, const struct facts *f)
{
	struct stat st;

	return h->fd >= 0 && fstat(h->fd, &st) == 0 &&
	    f->device == (uint64_t)st.st_dev && f->inode == (uint64_t)st.st_ino;
}

static int
put(struct hashes *h, const struct hashes_record *record)
{
	const struct hashes_entry *e = &record->entry;
	ptrdiff_t at;

	if (is_own(h, &e->facts))
		return 0;
	at = hashes_table_find(&h->table, &e->facts);
	if (at >= 0 && memcmp(&h->table.entries[at], e, sizeof *e) == 0)
		return 0;
	pthread_rwlock_wrlock(&h->lock);
	at = hashes_table_put(&h->table, record);
	pthread_rwlock_unlock(&h->lock);
	if (at < 0)
		return -1;
	write_put(h, (size_t)at);
	return 0;
}

int
hashes_put(struct hashes *h, const struct stat *st, const struct digest *digest)
{
	struct hashes_record record = {.entry.facts = facts_of(st), .day = DUE};
	int status;

	if (!digest->known) {
		errno = EINVAL;
		return -1;
	}
	memcpy(record.entry.digest, digest->bytes, DIGEST_BYTES);
	pthread_mutex_lock(&h->change);
	status = put(h, &record);
	pthread_mutex_unlock(&h->change);
	return status;
}
