#ifndef NAP_INDEXES_H
#define NAP_INDEXES_H

#include <stddef.h>

#include "locator.h"
#include "slice.h"

struct opt;

/*
 * The indexes that a client uses: what -I and NAP_INDEX say. Above the codecs:
 * it puts locator_host_parse to use.
 */

#define INDEXES_PORT 8080
#define INDEXES_DEFAULT "localhost:8080"

/* More than anybody runs; a bound on what is asked at the same time. */
#define INDEXES_MAX 64

/* A zeroed struct is an empty list. */
struct indexes {
	struct locator_host *list;
	size_t count;
};

/*
 * Append the indexes that text names, each host[:port], separated by blanks
 * (spaces, tabs, line ends) or commas; one that the list has already is not
 * added again. Text without any is legal and adds none. 0, or -1 with EINVAL
 * (no host[:port], or more than INDEXES_MAX) or ENOMEM, and *why pointing at a
 * constant text; what list held before stays, and is to be freed.
 */
int indexes_parse(struct slice text, struct indexes *list, const char **why);

/*
 * Complete a list that files have filled, or nobody: what environment (the
 * value of NAP_INDEX, or NULL) names takes its place, and when that names none,
 * an empty list gets INDEXES_DEFAULT. Returns as indexes_parse.
 */
int indexes_default(
    struct indexes *list, const char *environment, const char **why);

/*
 * What --index says: added to what its source has named before, in place of what
 * the source before that had (*source; opt_replaces). 0, or -1 by opt_refuse.
 */
int indexes_take(struct indexes *list, int *source, struct opt *given);

/* The list is empty and may be used again. */
void indexes_free(struct indexes *list);

#endif
