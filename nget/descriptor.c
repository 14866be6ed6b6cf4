#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/num.h"
#include "lib/path.h"

/* Where our descriptors are, and where links of the system's lead to them. */
#define TABLE "/proc/self/fd"
#define DEVICES "/dev"

/* Such links follow each other: /dev/stdout, /dev/fd/1. */
#define LINKS 8

enum place { ELSEWHERE, IN_TABLE, IN_DEVICES };

/* path without its last part, resolved; to be freed. NULL with errno. */
static char *
resolve_above(const char *path)
{
	size_t len = (size_t)(path_base(slice_str(path)).ptr - path);
	char *above = len ? strndup(path, len) : strdup(".");
	char *real = above ? realpath(above, NULL) : NULL;
	int error = errno;

	free(above);
	errno = error;
	return real;
}

/* Where the link at path in that directory points. NULL with errno. */
static char *
follow(const char *directory, const char *path)
{
	char to[PATH_MAX], *joined;
	ssize_t n = readlink(path, to, sizeof to - 1);

	if (n < 0)
		return NULL;
	to[n] = '\0';
	if (*to == '/')
		return strdup(to);
	return asprintf(&joined, "%s/%s", directory, to) < 0 ? NULL : joined;
}

/* Whether a resolved path is this one, once that is resolved. -1 with errno. */
static int
is_at(const char *path, const char *place)
{
	char *real = realpath(place, NULL);
	int result = real ? strcmp(real, path) == 0 : -1;
	int error = errno;

	free(real);
	errno = error;
	return result;
}

/* Which one a resolved directory is, or -1 with errno. */
static int
place_of(const char *directory)
{
	int result = is_at(directory, TABLE);

	if (result != 0)
		return result < 0 ? -1 : IN_TABLE;
	result = is_at(directory, DEVICES);
	return result <= 0 ? result : IN_DEVICES;
}

/*
 * The entry of our table that path leads to, to be freed; NULL with errno,
 * ENOENT when it leads elsewhere. An entry is a link as well, but what that says
 * need not be a path.
 */
static char *
find(const char *path)
{
	char *at = strdup(path), *above, *next;
	int place, error;

	for (int i = 0; at && i < LINKS; i++) {
		above = resolve_above(at);
		place = above ? place_of(above) : -1;
		if (place == ELSEWHERE)
			errno = ENOENT;
		next = place == IN_DEVICES ? follow(above, at) : NULL;
		error = errno;
		free(above);
		if (place == IN_TABLE)
			return at;
		free(at);
		errno = error;
		at = next;
	}
	if (at)
		errno = ENOENT;
	free(at);
	return NULL;
}

/* Whether that is no failure to look, but what was to be found out. */
static bool
is_answer(int error)
{
	return error == EINVAL || error == ENOENT || error == ENOTDIR ||
	    error == ELOOP || error == EACCES || error == ENAMETOOLONG;
}

int
descriptor_open(const char *path, int *fd)
{
	char *entry = find(path);
	uint64_t number;
	int error;

	if (!entry)
		return is_answer(errno) ? 0 : -1;
	if (num_parse(path_base(slice_str(entry)), 0, INT_MAX, &number) < 0)
		*fd = -1;
	else
		*fd = fcntl((int)number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	error = errno;
	free(entry);
	errno = error;
	return *fd < 0 ? -1 : 1;
}
