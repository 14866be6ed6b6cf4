#ifndef NAP_ANSWER_H
#define NAP_ANSWER_H

#include <stdbool.h>

struct buf;
struct http_request;
struct opened;
struct plan_now;
struct site;
struct transfer;

/* The room that answer wants in out. */
#define ANSWER_BYTES 20480

/* What an answer is made from and into. */
struct answer {
	const struct site *site;
	struct opened *opened;
	const struct plan_now *now;
	struct buf *out; /* the head, and a body that is small */
	struct transfer *transfer; /* none before; a longer body, or none */
};

/*
 * Answer a request. Returns its status and whether another request may follow,
 * or -1 when it cannot be answered in order, out being undefined: the
 * connection is of no more use.
 */
int answer_request(
    const struct answer *a, const struct http_request *r, bool *keep_alive);

/* Refuse what could not be parsed, r saying why: nothing follows. As above. */
int answer_refuse(const struct answer *a, const struct http_request *r);

#endif
