#ifndef NAP_NGET_TARGET_H
#define NAP_NGET_TARGET_H

#include "outcome.h"

/* Where files are saved. */
struct target {
	int dir; /* the directory, -1 with a stream */
	int stream; /* what -o names instead of a file, or -1 */
	char *path; /* of the directory, as a prefix; with -o of the file */
	const char *name; /* the name of -o within path, or NULL */
};

/*
 * Take up what -d and -o say, either of which may be NULL: from now on the
 * directory is what it is, whatever its path comes to mean. -o may be "-", a
 * device, a FIFO or a descriptor: content is written to it as it comes. 0, or
 * -1 with *why and nothing to close.
 */
int target_open(struct target *t, const char *directory, const char *output,
    struct outcome *why);
void target_close(struct target *t);

/*
 * The path under which base is saved, as it is printed; to be freed. NULL with
 * ENOMEM.
 */
char *target_path(const struct target *t, const char *base);

#endif
