#ifndef NAP_OPEN_H
#define NAP_OPEN_H

#include "lib/slice.h"

struct stat;

/*
 * Opening what lies below a directory, and nothing else, whatever is renamed or
 * linked meanwhile: no symbolic link is followed, no ".." taken. path is
 * valid (path_valid) and followed by a NUL. Nothing of this blocks on a FIFO.
 */

/*
 * A regular file for reading, and what fstat says of it. The descriptor, or -1
 * with errno (ENOENT too when it is something else than a regular file).
 */
int open_file(int root, struct slice path, struct stat *st);

/* A directory for reading; -1 with errno. */
int open_directory(int root, struct slice path);

/*
 * What both do where the system has no openat2, or the path is longer than one
 * call takes: component by component. flags as for openat.
 */
int open_stepwise(int root, struct slice path, int flags);

#endif
