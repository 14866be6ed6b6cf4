#include "hashes_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/sha256.h"

/*
 * A record: the magic, whose last byte is the version, the fields of an entry
 * in their order, the lowest byte of a number first, and the check: the first
 * bytes of the SHA-256 of all before it.
 */
#define RECORD HASHES_FILE_RECORD
#define CHECK_BYTES 8
#define CHECKED_BYTES (RECORD - CHECK_BYTES)

static const char magic[] = "\x89NAPdig\x01";

#define MAGIC_BYTES (sizeof magic - 1)

_Static_assert(
    MAGIC_BYTES + sizeof(struct hashes_entry) == CHECKED_BYTES, "no gaps");

/* As much is read, and written, at once. */
#define PIECE_BYTES ((size_t)4096 * RECORD)

#define OPEN_FLAGS (O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC)

static uint8_t *
put_num(uint8_t *p, uint64_t num, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, num >>= 8)
		*p++ = (uint8_t)num;
	return p;
}

static uint64_t
take_num(const uint8_t **p, size_t bytes)
{
	uint64_t num = 0;

	for (size_t i = bytes; i-- > 0;)
		num = num << 8 | (*p)[i];
	*p += bytes;
	return num;
}

static void
make_check(const uint8_t *record, uint8_t check[CHECK_BYTES])
{
	struct digest digest;
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, record, CHECKED_BYTES);
	sha256_end(&hash, &digest);
	memcpy(check, digest.bytes, CHECK_BYTES);
}

static void
make_record(const struct hashes_entry *e, uint8_t record[RECORD])
{
	uint8_t *p = record;

	memcpy(p, magic, MAGIC_BYTES);
	p = put_num(p + MAGIC_BYTES, e->facts.device, 8);
	p = put_num(p, e->facts.inode, 8);
	p = put_num(p, e->facts.size, 8);
	p = put_num(p, (uint64_t)e->facts.mtime, 8);
	p = put_num(p, (uint64_t)e->facts.ctime, 8);
	p = put_num(p, e->facts.mtime_ns, 4);
	p = put_num(p, e->facts.ctime_ns, 4);
	memcpy(p, e->digest, DIGEST_BYTES);
	make_check(record, record + CHECKED_BYTES);
}

/* Of RECORD bytes that begin with the magic. */
static bool
read_record(const uint8_t *record, struct hashes_entry *e)
{
	const uint8_t *p = record + MAGIC_BYTES;
	uint8_t check[CHECK_BYTES];

	make_check(record, check);
	if (memcmp(check, record + CHECKED_BYTES, CHECK_BYTES) != 0)
		return false;
	e->facts.device = take_num(&p, 8);
	e->facts.inode = take_num(&p, 8);
	e->facts.size = take_num(&p, 8);
	e->facts.mtime = (int64_t)take_num(&p, 8);
	e->facts.ctime = (int64_t)take_num(&p, 8);
	e->facts.mtime_ns = (uint32_t)take_num(&p, 4);
	e->facts.ctime_ns = (uint32_t)take_num(&p, 4);
	memcpy(e->digest, p, DIGEST_BYTES);
	return true;
}

/* Bytes from the next magic on, or from where one could begin. */
static struct slice
next_magic(struct slice bytes)
{
	const char *at;

	if (bytes.len < MAGIC_BYTES)
		return bytes;
	at = memmem(bytes.ptr, bytes.len, magic, MAGIC_BYTES);
	if (at)
		return slice_skip(bytes, (size_t)(at - bytes.ptr));
	return slice_skip(bytes, bytes.len - (MAGIC_BYTES - 1));
}

/* Consume all but what could be the beginning of a record. */
static int
read_records(struct buf *in,
    int (*each)(void *arg, const struct hashes_entry *entry), void *arg)
{
	struct slice rest = next_magic(buf_slice(in));

	while (rest.len >= RECORD) {
		struct hashes_entry entry;
		bool sound = read_record((const uint8_t *)rest.ptr, &entry);

		if (sound && each(arg, &entry) < 0)
			return -1;
		rest = next_magic(slice_skip(rest, sound ? RECORD : 1));
	}
	buf_consume(in, buf_len(in) - rest.len);
	return 0;
}

/* Append what stands at the offset. Returns how much, 0 at the end, or -1. */
static ssize_t
read_piece(int fd, off_t at, struct buf *in)
{
	size_t room = buf_room(in);
	char *mem = buf_reserve(in, room);
	ssize_t n;

	if (!mem)
		return -1;
	do
		n = pread(fd, mem, room, at);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		buf_commit(in, (size_t)n);
	return n;
}

/* Others append meanwhile: what lies past the size is left for another time. */
off_t
hashes_file_read(
    int fd, int (*each)(void *arg, const struct hashes_entry *entry), void *arg)
{
	const off_t most = (off_t)HASHES_FILE_MOST * RECORD;
	struct buf in;
	struct stat st;
	ssize_t n = 1;
	off_t at;

	if (fstat(fd, &st) < 0)
		return -1;
	buf_init(&in, PIECE_BYTES);
	at = st.st_size > most ? st.st_size - most : 0;
	while (n > 0 && at < st.st_size) {
		n = read_piece(fd, at, &in);
		if (n > 0 && read_records(&in, each, arg) < 0)
			n = -1;
		at += n;
	}
	buf_free(&in);
	return n < 0 ? -1 : st.st_size;
}

static int
write_all(int fd, const void *data, size_t size)
{
	ssize_t n;

	do
		n = write(fd, data, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((size_t)n == size)
		return 0;
	errno = ENOSPC;
	return -1;
}

int
hashes_file_add(int fd, const struct hashes_entry *entry)
{
	uint8_t record[RECORD];

	make_record(entry, record);
	return write_all(fd, record, sizeof record);
}

static int
open_file(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, OPEN_FLAGS | flags, 0600);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* All that stand before a slash in the path. */
static int
make_directories(const char *path)
{
	char *copy = strdup(path), *slash;
	int status = 0;

	if (!copy)
		return -1;
	slash = strchr(copy + strspn(copy, "/"), '/');
	while (slash && status == 0) {
		*slash = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			status = -1;
		*slash = '/';
		slash = strchr(slash + 1, '/');
	}
	free(copy);
	return status;
}

static bool
is_ours_alone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Without O_NONBLOCK, some devices would let us wait. */
int
hashes_file_open(const char *path)
{
	int fd = open_file(path, O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == ENOENT && make_directories(path) == 0)
		fd = open_file(path, O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || is_ours_alone(fd))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static int
write_entries(int fd, const struct hashes_entry *entries, size_t count)
{
	struct buf out;
	int status = 0;

	buf_init(&out, PIECE_BYTES);
	for (size_t i = 0; i < count && status == 0; i++) {
		uint8_t record[RECORD];

		make_record(&entries[i], record);
		status = buf_add(&out, record, sizeof record);
		if (status < 0 || (buf_room(&out) > 0 && i + 1 < count))
			continue;
		status = write_all(fd, buf_slice(&out).ptr, buf_len(&out));
		buf_truncate(&out, 0);
	}
	buf_free(&out);
	return status < 0 ? -1 : fsync(fd);
}

/* A whole file, which then takes the place of the one at path. */
static int
write_anew(const char *path, const char *beside,
    const struct hashes_entry *entries, size_t count)
{
	int fd, saved;

	unlink(beside);
	fd = open_file(beside, O_EXCL);
	if (fd < 0)
		return -1;
	if (write_entries(fd, entries, count) == 0 && rename(beside, path) == 0)
		return fd;
	saved = errno;
	unlink(beside);
	close(fd);
	errno = saved;
	return -1;
}

/*
 * Whoever has the lock of the file at path is the only one to write beside it:
 * what already stands there was left by somebody who died.
 */
static int
replace_locked(
    const char *path, const struct hashes_entry *entries, size_t count)
{
	char *beside;
	int fd;

	if (asprintf(&beside, "%s.new", path) < 0)
		return -1;
	fd = write_anew(path, beside, entries, count);
	free(beside);
	return fd;
}

static bool
is_at(const char *path, int fd)
{
	struct stat there, here;

	return lstat(path, &there) == 0 && fstat(fd, &here) == 0 &&
	    there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

int
hashes_file_replace(
    int fd, const char *path, const struct hashes_entry *entries, size_t count)
{
	int fresh = -1, saved;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -1;
	if (is_at(path, fd))
		fresh = replace_locked(path, entries, count);
	else
		errno = ESTALE;
	saved = errno;
	flock(fd, LOCK_UN);
	errno = saved;
	return fresh;
}
