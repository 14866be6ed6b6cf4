#include "descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/num.h"
#include "lib/path.h"

/* As many as the kernel follows. */
#define LINKS 40

/* Where descriptors are, once there is no link in it; /dev/fd is one. */
#define TABLES "/proc/*/fd"
#define OWN_TABLE "/proc/self/fd"

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

/*
 * Such an entry is a link as well, but what that says need not be a path: so
 * each is looked at before it is followed. Returns the entry's path, to be
 * freed, and where it lies in *table; or NULL with errno.
 */
static char *
find(const char *path, char **table)
{
	char *at = strdup(path);

	for (int i = 0; at && i < LINKS; i++) {
		char *above = resolve_above(at), *next;
		int error;

		if (above && fnmatch(TABLES, above, 0) == 0) {
			*table = above;
			return at;
		}
		next = above ? follow(above, at) : NULL;
		error = errno;
		free(above);
		free(at);
		errno = error;
		at = next;
	}
	if (at)
		errno = ELOOP;
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

static bool
is_own(const char *table)
{
	char *own = realpath(OWN_TABLE, NULL);
	bool same = own && !strcmp(own, table);

	free(own);
	return same;
}

/* Opened anew, a file of ours would be written from its beginning. */
static int
open_entry(const char *table, const char *path)
{
	uint64_t number;

	if (!is_own(table))
		return open(path, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
	if (num_parse(path_base(slice_str(path)), 0, INT_MAX, &number) < 0)
		return -1;
	return fcntl((int)number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

int
descriptor_open(const char *path, int *fd)
{
	char *table;
	char *entry = find(path, &table);
	int error;

	if (!entry)
		return is_answer(errno) ? 0 : -1;
	*fd = open_entry(table, entry);
	error = errno;
	free(entry);
	free(table);
	errno = error;
	return *fd < 0 ? -1 : 1;
}
