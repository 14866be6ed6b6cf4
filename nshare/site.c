#include "site.h"

#include <errno.h>

#include "lib/path.h"
#include "open.h"
#include "rule.h"

int
site_open(const struct site *site, struct slice path, struct stat *st)
{
	char text[PATH_MAX_BYTES + 1];

	if (!rule_reaches(site->rule, path)) {
		errno = ENOENT;
		return -1;
	}
	memcpy(text, path.ptr, path.len);
	text[path.len] = '\0';
	return open_file(site->root, slice_of(text, path.len), st);
}
