#ifndef NAP_TESTS_CANNED_H
#define NAP_TESTS_CANNED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/addr.h"

struct conn;
struct listen;
struct loop;

#define CANNED_REPLIES 3

/* A server on a loop that answers line after line with what it was given. */
struct canned {
	struct addr at;
	const char *replies[CANNED_REPLIES]; /* then it is silent */
	bool leaves; /* after the last one; without any at once */
	unsigned accepted, closed; /* connections */
	char heard[256]; /* lines, each with a bar behind it */
	bool pushed; /* of which one did not wait for the reply before it */
	/* canned.c's */
	struct loop *loop;
	struct listen *listen;
	int fd;
	size_t replied;
	struct conn *c;
};

/* On 127.0.0.1, at a port of the system's choice; aborts when there is none. */
void canned_open(struct canned *s, struct loop *loop);

/* From now on connections are refused. */
void canned_shut(struct canned *s);

/* The one that it has is left too. Legal for a zeroed struct. */
void canned_end(struct canned *s);

#endif
