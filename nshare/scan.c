#include "scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "hashes.h"
#include "identity.h"
#include "lib/buf.h"
#include "lib/log.h"
#include "lib/path.h"
#include "open.h"
#include "rule.h"

/* Directories seen and not yet read take no more memory than this. */
#define PENDING_MAX_BYTES ((size_t)1 << 32)

struct scan {
	const struct scan_spec *spec;
	/* A stack: the bytes of a path, then their number as a uint16_t. */
	struct buf pending;
	/* What is looked at; its directory ends in a slash, or is empty. */
	char path[PATH_MAX_BYTES + NAME_MAX + 2];
	size_t dir_len;
};

static bool
may_warn(const struct scan_report *report)
{
	return report->unnameable + report->unreadable <= SCAN_WARNINGS;
}

/* errno says why. */
static void
say_unreadable(struct slice path, bool warn)
{
	if (!path.len)
		path = SLICE("DIR");
	if (warn)
		log_warn("cannot read %.*s", (int)path.len, path.ptr);
	else
		log_debug("cannot read %.*s: %s", (int)path.len, path.ptr,
		    strerror(errno));
}

void
scan_note_unreadable(const struct scan_spec *spec, struct slice path)
{
	spec->report->unreadable++;
	say_unreadable(path, may_warn(spec->report));
}

/* A file may come to be readable only after it has come. */
static void
note_closed(const struct scan_spec *spec, struct slice path)
{
	if (spec->changing)
		say_unreadable(path, false);
	else
		scan_note_unreadable(spec, path);
}

static void
note_unnameable(const struct scan_spec *spec, struct slice path)
{
	spec->report->unnameable++;
	if (may_warn(spec->report))
		log_warnx("not shared, its name is too long or holds control "
			  "bytes: %.*s",
		    (int)path.len, path.ptr);
}

/* Why the rule does not want path, if that is worth a word. */
static void
note_unwanted(const struct scan_spec *spec, struct slice path)
{
	if (path.len > PATH_MAX_BYTES || !path_valid(path_base(path)))
		note_unnameable(spec, path);
}

bool
scan_enters(const struct scan_spec *spec, struct slice path)
{
	if (rule_enters(spec->rule, path))
		return true;
	note_unwanted(spec, path);
	return false;
}

/* Now, of what may be there at another time. */
static bool
is_short(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/* It is not there any more, or something else is. */
static bool
is_gone(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/*
 * 1 when a file can be read, 0, or -1 with errno. Only where its mode leaves
 * that in doubt it is worth a call, the one that serves it.
 */
static int
is_readable(
    const struct scan_spec *spec, struct slice path, const struct stat *st)
{
	struct stat opened;
	int fd;

	if (spec->identity && identity_reads(spec->identity, st))
		return 1;
	fd = open_file(spec->root, path, &opened);
	if (fd >= 0) {
		close(fd);
		return 1;
	}
	if (is_short(errno))
		return -1;
	if (!is_gone(errno))
		note_closed(spec, path);
	return 0;
}

int
scan_file(
    const struct scan_spec *spec, struct slice path, const struct stat *st)
{
	struct catalogue_file file = {
	    .path = path,
	    .size = (uint64_t)st->st_size,
	    .mtime = st->st_mtime > 0 ? st->st_mtime : 0,
	};
	int readable;

	if (!rule_shares(spec->rule, path)) {
		note_unwanted(spec, path);
		return 0;
	}
	readable = is_readable(spec, path, st);
	if (readable <= 0)
		return readable;
	if (spec->hashes)
		hashes_find(spec->hashes, st, &file.digest);
	return spec->found(spec->arg, &file) < 0 ? -1 : 1;
}

static int
push(struct scan *s, struct slice path)
{
	uint16_t len = (uint16_t)path.len;
	size_t before = buf_len(&s->pending);

	if (buf_add_slice(&s->pending, path) == 0 &&
	    buf_add(&s->pending, &len, sizeof len) == 0)
		return 0;
	buf_truncate(&s->pending, before);
	return -1;
}

/* Make the directory on top of the stack the one that is looked at. */
static bool
pop(struct scan *s)
{
	struct slice all = buf_slice(&s->pending);
	size_t end;
	uint16_t len;

	if (!all.len)
		return false;
	end = all.len - sizeof len;
	memcpy(&len, all.ptr + end, sizeof len);
	memcpy(s->path, all.ptr + end - len, len);
	s->path[len] = '\0';
	s->dir_len = len;
	buf_truncate(&s->pending, end - len);
	return true;
}

/* What kind path is: d_type when the file system tells, and stat otherwise. */
static int
look(int dir, const struct dirent *entry, struct stat *st)
{
	st->st_mode = DTTOIF(entry->d_type);
	if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_REG)
		return 0;
	return fstatat(
	    dir, entry->d_name, st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
}

/* One entry of the directory that is looked at. 0, or -1 with errno. */
static int
take(struct scan *s, int dir, const struct dirent *entry)
{
	struct slice name = slice_str(entry->d_name), path;
	struct stat st;

	/* File systems that know no NAME_MAX exist. */
	if (name.len > NAME_MAX) {
		note_unnameable(s->spec, name);
		return 0;
	}
	memcpy(s->path + s->dir_len, name.ptr, name.len + 1);
	path = slice_of(s->path, s->dir_len + name.len);
	if (look(dir, entry, &st) < 0) {
		if (errno != ENOENT)
			scan_note_unreadable(s->spec, path);
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return scan_enters(s->spec, path) ? push(s, path) : 0;
	if (!S_ISREG(st.st_mode))
		return 0;
	return scan_file(s->spec, path, &st) < 0 ? -1 : 0;
}

static bool
is_self_or_parent(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Every entry of stream. 0, or -1 with errno when memory is short. */
static int
take_all(struct scan *s, DIR *stream)
{
	const struct dirent *entry;

	for (;;) {
		errno = 0;
		entry = readdir(stream);
		if (!entry)
			break;
		if (!is_self_or_parent(entry->d_name) &&
		    take(s, dirfd(stream), entry) < 0)
			return -1;
	}
	if (errno)
		scan_note_unreadable(s->spec, slice_of(s->path, s->dir_len));
	return 0;
}

/* Everything in the directory dir, which is closed. */
static int
read_directory(struct scan *s, int dir)
{
	DIR *stream = fdopendir(dir);
	int result;

	if (!stream) {
		close(dir);
		return -1;
	}
	if (s->dir_len > 0)
		s->path[s->dir_len++] = '/';
	result = take_all(s, stream);
	closedir(stream);
	return result;
}

/* The directory at s->path, if it is to be read. */
static int
enter(struct scan *s, int dir)
{
	const struct scan_spec *spec = s->spec;
	struct slice path = slice_of(s->path, s->dir_len);
	struct stat st;
	int result = 0, error;

	/* Names without what they stand for are of no use. */
	if (fstatat(dir, ".", &st, 0) < 0) {
		scan_note_unreadable(spec, path);
		result = 1;
	} else if (spec->enter) {
		result = spec->enter(spec->arg, path, dir);
	}
	if (result == 0)
		return read_directory(s, dir);
	error = errno;
	close(dir);
	errno = error;
	return result < 0 ? -1 : 0;
}

/* The directory at s->path, below the root. */
static int
descend(struct scan *s)
{
	struct slice path = slice_of(s->path, s->dir_len);
	int dir = open_directory(s->spec->root, path);

	if (dir >= 0)
		return enter(s, dir);
	if (is_short(errno))
		return -1;
	if (!is_gone(errno))
		scan_note_unreadable(s->spec, path);
	return 0;
}

static int
begin(struct scan *s, struct slice dir)
{
	int root;

	if (dir.len > 0)
		return push(s, dir);
	root = openat(s->spec->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : enter(s, root);
}

int
scan_tree(const struct scan_spec *spec, struct slice dir)
{
	struct scan s = {.spec = spec};
	int result;

	buf_init(&s.pending, PENDING_MAX_BYTES);
	result = begin(&s, dir);
	while (result == 0 && pop(&s))
		result = descend(&s);
	buf_free(&s.pending);
	return result;
}
