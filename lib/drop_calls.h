#ifndef NAP_DROP_CALLS_H
#define NAP_DROP_CALLS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The system calls that are let through, and for whom: the list that
 * drop_filter makes a filter of.
 */

/* What a process needs a call for (drop_sandbox.h); 0: all do. */
#define DROP_CALLS_READ 1U /* files below a directory */
#define DROP_CALLS_WRITE 2U
#define DROP_CALLS_RESOLVE 4U
#define DROP_CALLS_BIND 8U
#define DROP_CALLS_LOCAL 16U /* Unix-domain sockets */

#define DROP_CALLS_VALUES 8

/* The calls that Linux 6.17 has; what is newer, it would not know. */
#define DROP_CALLS_LAST 469

enum drop_calls_answer {
	DROP_CALLS_PASS,
	DROP_CALLS_UNKNOWN, /* as if the kernel did not know it */
	DROP_CALLS_DEATH
};

/* One of these values must be what an argument has under a mask. */
struct drop_calls_test {
	unsigned arg;
	uint32_t mask; /* 0: nothing is tested */
	size_t count; /* 0: the value is our own process id */
	uint32_t values[DROP_CALLS_VALUES];
};

/* A call may have several rows: one that lets it through is enough. */
struct drop_calls_row {
	uint32_t nr;
	unsigned needs; /* one of these is enough */
	enum drop_calls_answer answer;
	struct drop_calls_test test;
};

/* The list, and the number of its rows: 0 on processors that it is not for. */
const struct drop_calls_row *drop_calls(size_t *count);

#endif
