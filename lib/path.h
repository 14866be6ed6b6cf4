#ifndef NAP_PATH_H
#define NAP_PATH_H

#include <stdbool.h>

#include "slice.h"

#define PATH_MAX_BYTES 4096

/*
 * Whether s is a path of naputils(7), Paths: relative, no empty, "." or ".."
 * component, no control byte, 1 to PATH_MAX_BYTES bytes.
 */
bool path_valid(struct slice s);

/* What follows the last slash. */
struct slice path_base(struct slice path);

/* What stands before the last slash; empty without one. */
struct slice path_above(struct slice path);

/*
 * What follows the last dot of the basename, at most 16 bytes; empty when there
 * is no dot, nothing before it, or more than that after it.
 */
struct slice path_extension(struct slice path);

/* Whether any component of path begins with a dot. */
bool path_has_hidden(struct slice path);

#endif
