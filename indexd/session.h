#ifndef NAP_SESSION_H
#define NAP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/buf.h"
#include "lib/slice.h"

struct command_scratch;
struct index;
struct searcher;
struct searcher_answer;

/*
 * One client's conversation (naputils(7), THE INDEX): bytes in, bytes out. It
 * knows no socket and no clock; now is in milliseconds and never runs
 * backwards.
 */
struct session;

struct session_spec {
	struct index *index;
	struct command_scratch *scratch; /* the worker's */
	unsigned shard; /* where what it registers goes */
	struct addr client;
	struct addr via; /* our address, as the client reached it */
};

/* NULL with ENOMEM. */
struct session *session_new(const struct session_spec *spec, int64_t now);

/* Its registration is gone from searches when this returns. NULL is legal. */
void session_free(struct session *s);

/* Bytes have come: the client is alive. */
void session_heard(struct session *s, int64_t now);

/*
 * Take requests off the front of in and append their answers to out; eof: no
 * more will come, so a last line without LF counts. Returns how many bytes of
 * in were consumed: less than all when the last line is not complete, when
 * too much waits in out (call again when that has left), when the session has
 * had its turn (call again when others have had theirs), when it waits, when it
 * is over, or when it seeks.
 */
size_t session_input(
    struct session *s, struct slice in, bool eof, struct buf *out, int64_t now);

/*
 * Whether what is left of in begins with a search that takes long. Until it is
 * answered, session_input does nothing.
 */
bool session_seeks(const struct session *s);

/* Give that search to a searcher that is not busy. */
void session_seek(
    const struct session *s, struct slice in, struct searcher *searcher);

/*
 * It has been answered: append that to out, and go on. Returns how many bytes of
 * in the request was.
 */
size_t session_found(struct session *s, const struct searcher_answer *answer,
    struct buf *out, int64_t now);

/* How much more of our time its address had than others (rates_owed). */
int64_t session_owes(const struct session *s, int64_t now);

/* The last session_input has taken so many microseconds. */
void session_took(struct session *s, int64_t us);

/*
 * Do what time asks for. Returns in how many milliseconds to call again, if the
 * session is not over.
 */
int64_t session_tick(struct session *s, struct buf *out, int64_t now);

/*
 * Whether it has registered a peer that is to be dialled, at at: the address
 * that was observed, with the port that it named. True once.
 */
bool session_to_dial(struct session *s, struct addr *at);

/* Whether others can connect to that peer, which is told if they cannot. */
void session_reached(struct session *s, bool reached, struct buf *out);

/*
 * It is faster than it may be, or registers faster than names can be indexed:
 * in how many milliseconds to call session_input again. 0: it does not wait.
 */
int64_t session_waits(const struct session *s, int64_t now);

/* The connection is to be closed once out has left. */
bool session_over(const struct session *s);

#endif
