#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/emit.h"
#include "origin.h"

/* How often the file may be renamed under us before we have locked it. */
#define LOCK_TRIES 16

/* Of the disk, at a time, for what has been announced only. */
#define RESERVE_STEP (64 * 1024 * 1024)

/* Room enough for a note on any file system. */
#define SPARE 8192

/* RENAME_NOREPLACE, which not every libc names. */
#define NO_REPLACE 1

static int
fail(int error)
{
	errno = error;
	return -1;
}

/* Whether NAME.part still is the file that we have open. */
static bool
is_in_place(const struct part *p, const struct stat *ours)
{
	struct stat there;

	return fstatat(p->dir, p->file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == ours->st_dev && there.st_ino == ours->st_ino;
}

static int
lock(int fd)
{
	int result;

	do {
		result = flock(fd, LOCK_EX | LOCK_NB);
	} while (result < 0 && errno == EINTR);
	return result;
}

/*
 * One that was found must be ours: whoever else owns it can write to it when it
 * has its name. 1, 0 when the file went away before it was locked, or -1 with
 * errno.
 */
static int
check_and_lock(struct part *p, bool found)
{
	struct stat st;

	if (fstat(p->fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return fail(EINVAL);
	if (found && st.st_uid != geteuid())
		return fail(EUSERS);
	if (lock(p->fd) < 0 || fstat(p->fd, &st) < 0)
		return -1;
	if (!is_in_place(p, &st))
		return 0;
	if (st.st_nlink > 1)
		return fail(EMLINK);
	p->length = (uint64_t)st.st_size;
	return 1;
}

/* As check_and_lock, the part being closed unless it is 1. */
static int
try_open(struct part *p)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC;
	bool found;
	int error, result;

	p->fd = openat(p->dir, p->file, flags | O_CREAT | O_EXCL, 0666);
	found = p->fd < 0 && errno == EEXIST;
	if (found)
		p->fd = openat(p->dir, p->file, flags);
	if (p->fd < 0)
		return found && errno == ENOENT ? 0 : -1;
	result = check_and_lock(p, found);
	error = errno;
	if (result <= 0)
		part_close(p);
	errno = error;
	return result;
}

static void
choose_names(struct part *p, int dir, const char *name)
{
	char stem[NAME_STEM_BYTES + 1];

	name_stem(name, stem);
	*p = (struct part){.dir = dir, .fd = -1};
	snprintf(p->name, sizeof p->name, "%s", name);
	snprintf(p->file, sizeof p->file, "%s" NAME_PART, stem);
	snprintf(p->from, sizeof p->from, "%s" NAME_FROM, stem);
	snprintf(p->from_new, sizeof p->from_new, "%s" NAME_FROM_NEW, stem);
}

int
part_open(struct part *p, int dir, const char *name)
{
	int result = 0;

	choose_names(p, dir, name);
	for (int i = 0; i < LOCK_TRIES && result == 0; i++)
		result = try_open(p);
	if (result == 0)
		return fail(EAGAIN);
	return result < 0 ? -1 : 0;
}

bool
part_is_full(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

const char *
part_error(int error)
{
	static const struct {
		int error;
		const char *text;
	} texts[] = {
	    {EAGAIN, "another nget is at it"},
	    {ELOOP, "it is a symbolic link"},
	    {EINVAL, "it is no regular file"},
	    {EISDIR, "it is no regular file"},
	    {EUSERS, "it belongs to somebody else"},
	    {EMLINK, "it has other names as well"},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].error == error)
			return texts[i].text;
	return strerror(error);
}

/* All of a small regular file of ours; -1 when it is none, or larger. */
static ssize_t
read_small(int fd, char *text, size_t size)
{
	struct stat st;
	size_t len = 0;
	ssize_t n;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid())
		return -1;
	while (len < size && (n = read(fd, text + len, size - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -1;
		len += n > 0 ? (size_t)n : 0;
	}
	return len < size ? (ssize_t)len : -1;
}

int
part_recall(struct part *p, struct origin *o)
{
	char text[ORIGIN_TEXT_BYTES];
	ssize_t n;
	int fd = openat(
	    p->dir, p->from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -1;
	n = read_small(fd, text, sizeof text);
	close(fd);
	if (n < 0 || origin_parse(slice_of(text, (size_t)n), o) < 0)
		return -1;
	if (o->have > p->length || (o->sized && p->length > o->size))
		return -1;
	if (o->held_count && o->held[o->held_count - 1].end > p->length)
		return -1;
	p->size = o->size;
	return 0;
}

/* The file is new, so that nothing that lies in its place is written to. */
static int
write_new(int dir, const char *name, struct slice text)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd, error, result;

	unlinkat(dir, name, 0);
	fd = openat(dir, name, flags, 0666);
	if (fd < 0)
		return -1;
	result = emit(fd, text);
	error = errno;
	if (close(fd) < 0 && result == 0) {
		error = errno;
		result = -1;
	}
	errno = error;
	return result;
}

int
part_note(const struct part *p, const struct origin *o)
{
	char mem[ORIGIN_TEXT_BYTES];
	struct buf text;
	int error;

	buf_borrow(&text, mem, sizeof mem);
	if (origin_add(&text, o) < 0)
		return -1;
	if (write_new(p->dir, p->from_new, buf_slice(&text)) < 0)
		goto fail;
	if (renameat(p->dir, p->from_new, p->dir, p->from) < 0)
		goto fail;
	return 0;
fail:
	error = errno;
	unlinkat(p->dir, p->from_new, 0);
	return fail(error);
}

int
part_cut(struct part *p, uint64_t length)
{
	if (length < p->length && ftruncate(p->fd, (off_t)length) < 0)
		return -1;
	p->length = length;
	return 0;
}

int
part_spare(struct part *p)
{
	if (p->length == 0)
		return fail(ENOSPC);
	return part_cut(p, p->length > SPARE ? p->length - SPARE : 0);
}

/* A file system that does not say how large it is may be large enough. */
static int
check_room(const struct part *p, uint64_t size)
{
	struct statvfs fs;
	uint64_t room;

	if (size > INT64_MAX)
		return fail(EFBIG);
	if (fstatvfs(p->fd, &fs) < 0 || fs.f_blocks == 0)
		return 0;
	if (__builtin_mul_overflow(
		(uint64_t)fs.f_bavail, (uint64_t)fs.f_frsize, &room) ||
	    __builtin_add_overflow(room, p->length, &room))
		return 0;
	return size <= room ? 0 : fail(ENOSPC);
}

/*
 * The announced length is checked, not reserved as a whole: a peer that lies
 * must not fill the disk with what it never sends.
 */
int
part_restart(struct part *p, uint64_t size)
{
	if (check_room(p, size) < 0 || part_cut(p, 0) < 0)
		return -1;
	p->size = size;
	if (unlinkat(p->dir, p->from, 0) < 0 && errno != ENOENT)
		return -1;
	return 0;
}

/*
 * Let the disk begin with what has filled another piece, so that it works while
 * more arrives, and not only when all is flushed in the end. That is a hint.
 */
static void
begin_flush(const struct part *p, uint64_t from, uint64_t end)
{
	from -= from % PART_PIECE;
	end -= end % PART_PIECE;
	if (end > from)
		(void)sync_file_range(p->fd, (off_t)from, (off_t)(end - from),
		    SYNC_FILE_RANGE_WRITE);
}

/*
 * Who enters a step of the file reserves the rest of it, so that what arrives in
 * small pieces lies in large ones. That is a hint, too.
 */
static void
reserve(const struct part *p, uint64_t at, uint64_t end)
{
	uint64_t step = (end - 1) / RESERVE_STEP * RESERVE_STEP;
	uint64_t rest = p->size > step ? p->size - step : 0;

	if (step < at || rest == 0)
		return;
	(void)fallocate(p->fd, FALLOC_FL_KEEP_SIZE, (off_t)step,
	    (off_t)(rest < RESERVE_STEP ? rest : RESERVE_STEP));
}

int
part_write(struct part *p, uint64_t at, struct slice data)
{
	uint64_t from = at;

	reserve(p, at, at + data.len);
	while (data.len) {
		ssize_t n = pwrite(p->fd, data.ptr, data.len, (off_t)at);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n <= 0)
			continue;
		at += (uint64_t)n;
		if (at > p->length)
			p->length = at;
		data = slice_skip(data, (size_t)n);
	}
	begin_flush(p, from, at);
	return 0;
}

int
part_read(const struct part *p, uint64_t at, char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t got = pread(p->fd, bytes, n, (off_t)at);

		if (got == 0)
			return fail(EIO);
		if (got < 0 && errno != EINTR)
			return -1;
		if (got < 0)
			continue;
		bytes += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return 0;
}

int
part_keep(const struct part *p, struct origin *o)
{
	if (fdatasync(p->fd) < 0)
		return -1;
	o->have = p->length;
	return part_note(p, o);
}

/* Where the file system knows no RENAME_NOREPLACE it may know hard links. */
static int
link_instead(const struct part *p)
{
	if (linkat(p->dir, p->file, p->dir, p->name, 0) < 0)
		return -1;
	return unlinkat(p->dir, p->file, 0);
}

static int
rename_beside(const struct part *p)
{
	if (syscall(SYS_renameat2, p->dir, p->file, p->dir, p->name,
		NO_REPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -1;
	return link_instead(p);
}

int
part_finish(struct part *p, bool replace)
{
	struct stat st;

	if (fsync(p->fd) < 0 || fstat(p->fd, &st) < 0)
		return -1;
	if (!is_in_place(p, &st))
		return fail(ENOENT);
	if (replace) {
		if (renameat(p->dir, p->file, p->dir, p->name) < 0)
			return -1;
	} else if (rename_beside(p) < 0) {
		return -1;
	}
	unlinkat(p->dir, p->from, 0);
	part_close(p);
	return 0;
}

/* One that is being written has its NAME.part. */
void
part_tidy(int dir, const char *name)
{
	struct part p;

	choose_names(&p, dir, name);
	if (faccessat(dir, p.file, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	    errno == ENOENT)
		unlinkat(dir, p.from, 0);
}

/* Whoever waits for the lock finds that the file is gone, and makes his own. */
void
part_discard(struct part *p)
{
	unlinkat(p->dir, p->from, 0);
	unlinkat(p->dir, p->file, 0);
	part_close(p);
}

void
part_close(struct part *p)
{
	if (p->fd >= 0 && p->size > p->length)
		(void)!ftruncate(p->fd, (off_t)p->length);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}
