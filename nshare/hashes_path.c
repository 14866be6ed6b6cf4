#include "hashes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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
