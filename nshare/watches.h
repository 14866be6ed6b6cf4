#ifndef NAP_WATCHES_H
#define NAP_WATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/path.h"
#include "lib/slice.h"

/*
 * The directories below DIR, and DIR itself, whose path is empty: those that
 * have been read, each with its watch, if it has one. No watch is made here;
 * one that serves no directory any more is handed to drop.
 */
struct watches;

#define WATCHES_NONE (-1)

/* NULL with errno. watches_free(NULL) is legal, and drops nothing. */
struct watches *watches_new(void (*drop)(void *arg, int wd), void *arg);
void watches_free(struct watches *w);

/*
 * A directory is there, with that watch or WATCHES_NONE, whatever it had
 * before; another directory that had the watch has none any more. 0, or -1 with
 * ENOMEM, or with ENOENT when the directory above is not known: then nothing
 * changes, and the watch is still the caller's.
 */
int watches_set(struct watches *w, struct slice path, int wd);

/* Whether it is there and has a watch. */
bool watches_has(const struct watches *w, struct slice path);

/*
 * Copy the path of the directory with that watch, and a NUL. Its length, or -1
 * when there is none.
 */
ptrdiff_t watches_path(
    const struct watches *w, int wd, char path[PATH_MAX_BYTES + 1]);

/*
 * A directory has another path, with all below it, and their watches; what was
 * known of that path is dropped. 0, or -1 with nothing changed: ENOMEM, or
 * ENOENT when it is not known, or nothing above its new path; EINVAL when that
 * is below itself; or ENAMETOOLONG when a path would be longer than
 * PATH_MAX_BYTES.
 */
int watches_rename(struct watches *w, struct slice from, struct slice to);

/* That watch exists no more, and is not to be dropped. */
void watches_lose(struct watches *w, int wd);

/* A directory is gone, and all below. */
void watches_drop(struct watches *w, struct slice path);

/*
 * A directory, and those below it, that are not set between a mark and the
 * sweep are gone.
 */
void watches_mark(struct watches *w, struct slice path);
void watches_sweep(struct watches *w, struct slice path);

/* How many directories there are, and how many of them have no watch. */
size_t watches_count(const struct watches *w);
size_t watches_missing(const struct watches *w);

#endif
