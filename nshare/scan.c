#include "scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "hashes.h"
#include "lib/buf.h"
#include "lib/log.h"
#include "lib/path.h"
#include "open.h"
#include "rule.h"

/* Directories seen and not yet read take no more memory than this. */
#define PENDING_MAX_BYTES ((size_t)1 << 32)

struct scan {
	int root;
	const struct rule *rule;
	struct hashes *hashes; /* NULL: none */
	struct catalogue *files;
	struct scan_report *report;
	/* A stack: the bytes of a path, then their number as a uint16_t. */
	struct buf pending;
	/* What is being looked at; its directory ends in a slash, or is empty. */
	char path[PATH_MAX_BYTES + NAME_MAX + 2];
	size_t dir_len;
};

static bool
may_warn(const struct scan *s)
{
	uint64_t warned = s->report->unnameable + s->report->unreadable;

	return warned <= SCAN_WARNINGS;
}

/* errno says why. */
static void
note_unreadable(struct scan *s, struct slice path)
{
	s->report->unreadable++;
	if (may_warn(s))
		log_warn("cannot read %.*s", path.len ? (int)path.len : 3,
		    path.len ? path.ptr : "DIR");
}

static void
note_unnameable(struct scan *s, struct slice path)
{
	s->report->unnameable++;
	if (may_warn(s))
		log_warnx("not shared, its name is too long or holds control "
			  "bytes: %.*s",
		    (int)path.len, path.ptr);
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

static int
add_file(struct scan *s, struct slice path, const struct stat *st)
{
	struct catalogue_file file = {
	    .path = path,
	    .size = (uint64_t)st->st_size,
	    .mtime = st->st_mtime > 0 ? st->st_mtime : 0,
	};

	if (s->hashes)
		hashes_find(s->hashes, st, &file.digest);
	return catalogue_fill(s->files, &file);
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

static bool
is_nameable(struct slice path, struct slice name)
{
	return path.len <= PATH_MAX_BYTES && path_valid(name);
}

/* One entry of the directory that is looked at. 0, or -1 with errno. */
static int
take(struct scan *s, int dir, const struct dirent *entry)
{
	struct slice name = slice_str(entry->d_name), path;
	struct stat st;

	/* File systems that know no NAME_MAX exist. */
	if (name.len > NAME_MAX) {
		note_unnameable(s, name);
		return 0;
	}
	memcpy(s->path + s->dir_len, name.ptr, name.len + 1);
	path = slice_of(s->path, s->dir_len + name.len);
	if (look(dir, entry, &st) < 0) {
		if (errno != ENOENT)
			note_unreadable(s, path);
		return 0;
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	if (!is_nameable(path, name)) {
		note_unnameable(s, path);
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return rule_enters(s->rule, path) ? push(s, path) : 0;
	return rule_shares(s->rule, path) ? add_file(s, path, &st) : 0;
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
		note_unreadable(s, slice_of(s->path, s->dir_len));
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
	result = take_all(s, stream);
	closedir(stream);
	return result;
}

/* The directory at s->path, below the root. */
static int
descend(struct scan *s)
{
	struct slice path = slice_of(s->path, s->dir_len);
	int dir = open_directory(s->root, path);

	if (dir < 0) {
		if (errno != ENOENT)
			note_unreadable(s, path);
		return 0;
	}
	s->path[s->dir_len++] = '/';
	return read_directory(s, dir);
}

int
scan_tree(int root, const struct rule *rule, struct hashes *hashes,
    struct catalogue *files, struct scan_report *report)
{
	struct scan s = {.root = root,
	    .rule = rule,
	    .hashes = hashes,
	    .files = files,
	    .report = report};
	int dir, result;

	*report = (struct scan_report){0};
	dir = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	buf_init(&s.pending, PENDING_MAX_BYTES);
	result = read_directory(&s, dir);
	while (result == 0 && pop(&s))
		result = descend(&s);
	buf_free(&s.pending);
	return result;
}
