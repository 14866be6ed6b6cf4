#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.h"
#include "lib/path.h"
#include "lib/slice.h"
#include "name.h"

/* "directory/rest", with one slash between. NULL with ENOMEM. */
static char *
join(const char *directory, const char *rest)
{
	const char *slash = "/";
	char *path;

	if (!directory)
		return strdup(rest);
	if (*directory && directory[strlen(directory) - 1] == '/')
		slash = "";
	return asprintf(&path, "%s%s%s", directory, slash, rest) < 0 ? NULL
								     : path;
}

static bool
is_streamlike(const struct stat *st)
{
	return S_ISCHR(st->st_mode) || S_ISFIFO(st->st_mode);
}

/* A descriptor when path is there, a stream and no link to one, else -1. */
static int
open_stream(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0 || !is_streamlike(&st))
		return -1;
	fd = open(path, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !is_streamlike(&st))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int
open_directory(struct target *t, struct outcome *why)
{
	size_t len = (size_t)(t->name ? t->name - t->path
				      : (ptrdiff_t)strlen(t->path));
	char *directory = len ? strndup(t->path, len) : strdup(".");

	if (!directory)
		return outcome_fail(why, STATUS_LOCAL, "%s", strerror(errno));
	t->dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		outcome_fail(
		    why, STATUS_LOCAL, "%s: %s", directory, strerror(errno));
	free(directory);
	return t->dir < 0 ? -1 : 0;
}

static int
open_file(struct target *t, struct outcome *why)
{
	const char *refusal;
	int found;

	t->name = path_base(slice_str(t->path)).ptr;
	refusal = name_refusal(slice_str(t->name), true);
	if (refusal)
		return outcome_fail(
		    why, STATUS_USAGE, "the name that -o gives %s", refusal);
	found = descriptor_open(t->path, &t->stream);
	if (found < 0)
		return outcome_fail(
		    why, STATUS_LOCAL, "%s: %s", t->path, strerror(errno));
	if (!found)
		t->stream = open_stream(t->path);
	return t->stream < 0 ? open_directory(t, why) : 0;
}

int
target_open(struct target *t, const char *directory, const char *output,
    struct outcome *why)
{
	int result;

	*t = (struct target){.dir = -1, .stream = -1};
	if (output && !strcmp(output, "-")) {
		t->stream = STDOUT_FILENO;
		return 0;
	}
	if (output)
		t->path = join(*output == '/' ? NULL : directory, output);
	else
		t->path = directory ? join(directory, "") : strdup("");
	if (!t->path)
		return outcome_fail(why, STATUS_LOCAL, "%s", strerror(errno));
	result = output ? open_file(t, why) : open_directory(t, why);
	if (result < 0)
		target_close(t);
	return result;
}

void
target_close(struct target *t)
{
	if (t->dir >= 0)
		close(t->dir);
	if (t->stream > STDERR_FILENO)
		close(t->stream);
	free(t->path);
	*t = (struct target){.dir = -1, .stream = -1};
}

char *
target_path(const struct target *t, const char *base)
{
	return t->name ? strdup(t->path)
		       : join(*t->path ? t->path : NULL, base);
}
