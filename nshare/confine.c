#include "confine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hashes.h"
#include "hashes_file.h"
#include "lib/addr.h"
#include "lib/drop.h"
#include "lib/drop_sandbox.h"
#include "share.h"

static bool
has_names(const struct indexes *indexes)
{
	for (size_t i = 0; i < indexes->count; i++) {
		const char *host = indexes->list[i].name;
		struct addr numeric;

		if (addr_parse_ip(slice_str(host), &numeric) < 0)
			return true;
	}
	return false;
}

/*
 * The directory of the digests, made if need be: later on it could not be. What
 * is wrong with it is told when the digests are read. NULL: there is none.
 */
static char *
make_cache(void)
{
	char *path = hashes_path();
	int fd = path ? hashes_file_open(path) : -1;

	if (fd >= 0)
		close(fd);
	if (path)
		*strrchr(path, '/') = '\0';
	return path;
}

int
confine(const struct share_options *o, int root)
{
	struct drop_sandbox sandbox = {
	    .mode = o->sandbox,
	    .read = root,
	    .resolve = has_names(&o->indexes),
	    .bind = o->listen.host != NULL,
	    .syslog = o->daemon,
	};
	char *cache = NULL;
	int result;

	if (o->user && drop_to_user(o->user) < 0)
		return -1;
	if (!o->no_hash)
		cache = make_cache();
	sandbox.write = cache;
	result = drop_sandbox_enter(&sandbox);
	free(cache);
	return result;
}
