#ifndef NAP_TESTS_CELL_H
#define NAP_TESTS_CELL_H

#include "lib/drop_sandbox.h"

/* A process that shuts itself in, and then tries a door. */
struct cell {
	int (*enter)(const struct drop_sandbox *s);
	struct drop_sandbox sandbox;
};

/* It could not be entered. */
#define CELL_NONE 200

/* Or'ed with the signal that ended it. */
#define CELL_DEATH 256

/*
 * Try door in a child. Returns what it does: 0 when it went through, else the
 * errno that it met there.
 */
int cell_try(const struct cell *c, int (*door)(void));

/* What a door returns for the result of a system call. */
int cell_met(long result);

/* The same for one that gives a descriptor, which is closed. */
int cell_met_fd(int fd);

#endif
