#ifndef NAP_SCAN_H
#define NAP_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/slice.h"

struct catalogue_file;
struct hashes;
struct identity;
struct rule;
struct stat;

/* What could not be taken. */
struct scan_report {
	uint64_t unnameable; /* names that the protocols cannot carry */
	uint64_t unreadable; /* what could not be read, or looked at */
};

/* Each is warned of, until it is this many; then that is debugging. */
#define SCAN_WARNINGS 20

struct scan_spec {
	int root; /* DIR */
	const struct rule *rule;
	const struct identity *identity; /* NULL: each file is opened */
	struct hashes *hashes; /* NULL: no digests */
	struct scan_report *report;
	/* It was read before: files that cannot be read are no news. */
	bool changing;
	/*
	 * A directory, open as dir, before it is read (NULL: nobody asks). 0
	 * to read it, 1 to pass it over, or -1 with errno to end the scan.
	 * Paths are followed by a NUL, and valid during the call.
	 */
	int (*enter)(void *arg, struct slice path, int dir);
	/* A file that is shared. 0, or -1 with errno to end the scan. */
	int (*found)(void *arg, const struct catalogue_file *file);
	void *arg;
};

/*
 * Find every regular file below the directory dir of root (empty: in root) that
 * the rule shares and we may read, in no order, with its digest where hashes
 * know it. Symbolic links are not followed, one directory is open at a time.
 * What is wrong is warned of and counted, but for root itself. 0, also when dir
 * is gone; or -1 with errno: root cannot be read, memory or descriptors are
 * short, or the caller ends it.
 */
int scan_tree(const struct scan_spec *spec, struct slice dir);

/*
 * As it does with what it comes to, a directory and a regular file as st found
 * it: whether a directory is to be read; and find a file, 1, or 0 when it is
 * not shared or cannot be read, or -1 with errno. Paths are followed by a NUL.
 */
bool scan_enters(const struct scan_spec *spec, struct slice path);
int scan_file(
    const struct scan_spec *spec, struct slice path, const struct stat *st);

/* It could not be read; errno says why. */
void scan_note_unreadable(const struct scan_spec *spec, struct slice path);

#endif
