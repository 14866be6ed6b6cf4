#ifndef NAP_NGET_ANSWER_H
#define NAP_NGET_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/slice.h"

struct http_response;
struct outcome;

/* What a request wanted to go on from. */
struct answer_asked {
	bool ranged; /* not all of it, but what follows from */
	uint64_t from;
	bool sized;
	uint64_t size; /* of the whole file */
	struct slice etag; /* that the request carried; or empty */
	bool verified; /* a digest will tell whether it was the same file */
};

enum answer_kind {
	ANSWER_WHOLE, /* the file from its first byte on */
	ANSWER_REST, /* from where it was asked */
	ANSWER_COMPLETE, /* there is no rest */
	ANSWER_ANEW, /* ask for all of it */
	ANSWER_LATER, /* the peer is busy */
	ANSWER_FAILED
};

struct answer {
	enum answer_kind kind;
	bool bounded;
	uint64_t end; /* no byte of this body lies there or behind */
	bool sized;
	uint64_t size; /* of the whole file */
};

/* What the final response r says to what was asked; for FAILED *why says why. */
struct answer answer_judge(const struct http_response *r,
    const struct answer_asked *asked, struct outcome *why);

/*
 * For how many milliseconds a Retry-After asks to wait (RFC 9110 §10.2.3), 0
 * when it says nothing. now is the wall clock.
 */
int64_t answer_wait(struct slice retry_after, time_t now);

#endif
