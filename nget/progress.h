#ifndef NAP_NGET_PROGRESS_H
#define NAP_NGET_PROGRESS_H

#include <stdint.h>

#include "lib/buf.h"
#include "lib/loop.h"

/*
 * Progress lines on a terminal, one a file. A struct progress may be NULL, and
 * then nothing is shown.
 */
struct progress;

/* What a line shows. */
struct progress_state {
	const char *name;
	const char *source; /* who sends; NULL: nobody to be named */
	uint64_t have;
	uint64_t total; /* 0: unknown */
	uint64_t speed; /* bytes a second */
};

/* One file; the first four are its owner's, the others progress.c's. */
struct progress_row {
	const char *name;
	const char *source; /* a text that its owner may change */
	const uint64_t *have;
	const uint64_t *total; /* what it points to is 0 while unknown */
	struct progress_row *next;
	uint64_t last;
	uint64_t speed;
};

/* NULL when standard error is no terminal, or memory is short. */
struct progress *progress_new(struct loop *loop);

/* Takes the lines off. progress_free(NULL) is legal. */
void progress_free(struct progress *p);

/* Show row until it is removed. */
void progress_add(struct progress *p, struct progress_row *row);
void progress_remove(struct progress *p, struct progress_row *row);

/* Take the lines off for now, so that something can be said in their place. */
void progress_break(struct progress *p);

/*
 * Append a line of at most width columns, no control byte in it, without its
 * end. 0, or -1 as buf_add.
 */
int progress_line(
    struct buf *out, const struct progress_state *s, unsigned width);

#endif
