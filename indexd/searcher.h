#ifndef NAP_SEARCHER_H
#define NAP_SEARCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/slice.h"
#include "store.h"

struct buf;
struct command_client;

/*
 * A thread that carries out, for one worker, searches that take long, one at a
 * time: the worker serves others meanwhile. All calls but done are the worker's.
 */
struct searcher;

struct searcher_spec {
	enum store_haste
	    haste; /* those that take longer it leaves unfinished */
	void (*done)(void *arg); /* called from that thread */
	void *arg;
};

/* NULL with errno. */
struct searcher *searcher_new(const struct searcher_spec *spec);

/* Waits for the end of what is under way. NULL is legal. */
void searcher_free(struct searcher *s);

/* Whether a search is under way, or its answer was not taken. */
bool searcher_busy(struct searcher *s);

/*
 * Begin the search in line, as who asked for it; both are copied. Its address
 * pays for it even if who asked leaves meanwhile. Not while it is busy.
 */
void searcher_begin(
    struct searcher *s, const struct command_client *who, struct slice line);

struct searcher_answer {
	struct buf *text; /* to be emptied, or dropped with buf_free */
	int64_t resume_at; /* as in command_client: its time is paid for */
	bool failed; /* for want of memory: text is not all of it */
	bool unfinished; /* it takes longer; there is no text */
};

/* Take the answer; false while there is none. */
bool searcher_take(struct searcher *s, struct searcher_answer *answer);

#endif
