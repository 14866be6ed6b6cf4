#ifndef NAP_QUIET_H
#define NAP_QUIET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/path.h"
#include "lib/slice.h"

/*
 * Files that are being written to, until one has been quiet for a while. Time
 * is milliseconds of any clock that does not go back.
 */
struct quiet;

/* What is due at no time. */
#define QUIET_NEVER INT64_MAX

/*
 * A file is due ms after it was touched last; when there are more than most of
 * them, those that were touched first are. NULL with errno. quiet_free(NULL) is
 * legal.
 */
struct quiet *quiet_new(size_t most, int64_t ms);
void quiet_free(struct quiet *q);

/*
 * The file path, at most PATH_MAX_BYTES, was written to at that time; when that
 * lies before the last touch of another, it counts as late as that. 0, or -1
 * with ENOMEM.
 */
int quiet_touch(struct quiet *q, struct slice path, int64_t at);

/* Whether it is being written to; and that it is not. */
bool quiet_has(const struct quiet *q, struct slice path);
void quiet_forget(struct quiet *q, struct slice path);

/* When the next one is due; QUIET_NEVER when there is none. */
int64_t quiet_due(const struct quiet *q);

/*
 * Forget the one that was touched first, if it is due by now, and copy its
 * path, which a NUL follows then. Its length, or -1 when none is due.
 */
ptrdiff_t quiet_take(
    struct quiet *q, int64_t now, char path[PATH_MAX_BYTES + 1]);

#endif
