#include "hashes_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/buf.h"

#define RECORD HASHES_RECORD_BYTES

/* As much is read, and written, at once. */
#define PIECE_BYTES ((size_t)4096 * RECORD)

#define OPEN_FLAGS (O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC)

/* Consume all but what could be the beginning of a record. */
static int
read_records(struct buf *in,
    int (*each)(void *arg, const struct hashes_record *record), void *arg)
{
	struct slice rest = buf_slice(in);
	struct hashes_record record;

	while (hashes_record_take(&rest, &record))
		if (each(arg, &record) < 0)
			return -1;
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
hashes_file_read(int fd, off_t from,
    int (*each)(void *arg, const struct hashes_record *record), void *arg)
{
	const off_t most = (off_t)HASHES_FILE_MOST * RECORD;
	struct buf in;
	struct stat st;
	ssize_t n = 1;
	off_t at;

	if (fstat(fd, &st) < 0)
		return -1;
	buf_init(&in, PIECE_BYTES);
	at = st.st_size - from > most ? st.st_size - most : from;
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

/* Where nobody can lock a file, nobody puts another in its place. */
static int
lock_to_add(int fd)
{
	struct stat st;

	if (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return -1;
	if (fstat(fd, &st) < 0)
		return -1;
	if (st.st_nlink > 0)
		return 0;
	errno = ESTALE;
	return -1;
}

int
hashes_file_add(int fd, const struct hashes_record *records, size_t count)
{
	uint8_t bytes[HASHES_FILE_BATCH * RECORD];
	int status = lock_to_add(fd), saved;

	for (size_t i = 0; i < count; i++)
		hashes_record_put(&records[i], bytes + i * RECORD);
	if (status == 0)
		status = write_all(fd, bytes, count * RECORD);
	saved = errno;
	hashes_file_unlock(fd);
	errno = saved;
	return status;
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

static bool
is_at(const char *path, int fd)
{
	struct stat there, here;

	return lstat(path, &there) == 0 && fstat(fd, &here) == 0 &&
	    there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

int
hashes_file_lock(int fd, const char *path)
{
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -1;
	if (is_at(path, fd))
		return 0;
	hashes_file_unlock(fd);
	errno = ESTALE;
	return -1;
}

void
hashes_file_unlock(int fd)
{
	(void)flock(fd, LOCK_UN);
}

static int
write_records(
    int fd, bool (*next)(void *arg, struct hashes_record *record), void *arg)
{
	struct hashes_record record;
	struct buf out;
	bool more = true;
	int status = 0;

	buf_init(&out, PIECE_BYTES);
	while (more && status == 0) {
		uint8_t bytes[RECORD];

		more = next(arg, &record);
		if (more) {
			hashes_record_put(&record, bytes);
			status = buf_add(&out, bytes, sizeof bytes);
		}
		if (status < 0 || (more && buf_room(&out) > 0))
			continue;
		if (buf_len(&out) > 0)
			status = write_all(
			    fd, buf_slice(&out).ptr, buf_len(&out));
		buf_truncate(&out, 0);
	}
	buf_free(&out);
	return status < 0 ? -1 : fsync(fd);
}

/* What already stands beside the file was left by somebody who died. */
static int
write_anew(const char *path, const char *beside,
    bool (*next)(void *arg, struct hashes_record *record), void *arg)
{
	int fd, saved;

	unlink(beside);
	fd = open_file(beside, O_EXCL);
	if (fd < 0)
		return -1;
	if (write_records(fd, next, arg) == 0 && rename(beside, path) == 0)
		return fd;
	saved = errno;
	unlink(beside);
	close(fd);
	errno = saved;
	return -1;
}

int
hashes_file_replace(const char *path,
    bool (*next)(void *arg, struct hashes_record *record), void *arg)
{
	char *beside;
	int fd;

	if (asprintf(&beside, "%s.new", path) < 0)
		return -1;
	fd = write_anew(path, beside, next, arg);
	free(beside);
	return fd;
}
