#ifndef NAP_CATALOGUE_H
#define NAP_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/slice.h"

/*
 * The files that are shared, in bytewise order of their paths: filled once and
 * sorted. From then on any thread may read, and one may learn more of them.
 */
struct catalogue;

struct catalogue_file {
	struct slice path; /* lives as long as the catalogue */
	uint64_t size;
	int64_t mtime; /* seconds since the epoch */
	struct digest digest;
};

/* NULL with errno. catalogue_free(NULL) is legal. */
struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *c);

/* Before sorting: copy file in; its path is at most 65535 bytes. 0, or -1. */
int catalogue_add(struct catalogue *c, const struct catalogue_file *file);

/* Bring it into order, once, after which no path and no place changes. */
void catalogue_sort(struct catalogue *c);

/*
 * The file at place i has this size, time and digest, the path apart. News to
 * all who tell others. 0, or -1 with ENOMEM.
 */
int catalogue_learn(
    struct catalogue *c, size_t i, const struct catalogue_file *file);

/* How often something was learned; and of which place that was the n-th time. */
size_t catalogue_news(const struct catalogue *c);
size_t catalogue_learned(const struct catalogue *c, size_t n);

size_t catalogue_count(const struct catalogue *c);

/* The file at place i, which is below the count. */
struct catalogue_file catalogue_at(const struct catalogue *c, size_t i);

/*
 * The bytes of the files at the places from first to before end as lines, their
 * paths percent-encoded. In no time: it was found when sorting.
 */
uint64_t catalogue_lines(const struct catalogue *c, size_t first, size_t end);

/*
 * The first place at or after from whose path does not sort before path; the
 * count when there is none.
 */
size_t catalogue_find(
    const struct catalogue *c, size_t from, struct slice path);

/*
 * The first place at or after from whose path does not begin with prefix, where
 * the one at from does: the end of what lies in a directory.
 */
size_t catalogue_skip(
    const struct catalogue *c, size_t from, struct slice prefix);

#endif
