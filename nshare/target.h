#ifndef NAP_TARGET_H
#define NAP_TARGET_H

#include <stdbool.h>

#include "lib/path.h"
#include "lib/slice.h"

struct http_request;

/* What a request asks for, below DIR. */
struct target {
	bool directory; /* it ended in a slash: a listing of what is below */
	size_t len; /* of path; 0 only for the directory DIR itself */
	char
	    path[PATH_MAX_BYTES + 2]; /* decoded, no slash at its ends, a NUL */
};

/*
 * Decode what r asks for. 0 when path is that of naputils(7), Paths, or the
 * status that refuses the request: 501, 405, 413, 400 (no path, bad
 * percent-encoding, NUL, ".."), 404 (a path that nothing can have).
 */
int target_read(const struct http_request *r, struct target *t);

static inline struct slice
target_path(const struct target *t)
{
	return slice_of(t->path, t->len);
}

#endif
