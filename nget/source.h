#ifndef NAP_NGET_SOURCE_H
#define NAP_NGET_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "fetch.h"
#include "lib/digest.h"
#include "lib/locator.h"
#include "lib/loop.h"
#include "outcome.h"

struct context;
struct sink;

/* What its user fills in; what it points to outlives the transfer. */
struct source_order {
	const struct context *context;
	const struct locator *locator;
	const char *label; /* what messages call it */
	struct digest want; /* what the content must be, if known */
	struct sink *sink; /* goes on from what this has */
	const char *accept; /* the media type of a listing; NULL: a file */
	/* Told once, and not before source_start returns. */
	void (*done)(void *owner, const struct outcome *outcome);
	void *owner;
};

/*
 * One file from one peer: asks, and asks again with back-off while that has a
 * point, in the seed's form if the peer knows nothing else, and holds the
 * result to its digest. The fields are source.c's.
 */
struct source {
	struct source_order order;
	struct fetch fetch;
	struct loop_timer retry;
	struct answer_asked asked;
	struct answer answer;
	struct outcome outcome;
	uint64_t best; /* the farthest that it got */
	unsigned failures; /* in a row, none of which got farther */
	unsigned refusals; /* of a busy peer */
	int64_t wait_ms; /* that it asked for */
	bool heard; /* it has answered in HTTP */
	bool seed; /* the form that is spoken */
	bool begun; /* the sink takes the content of this answer */
	bool anew; /* what the sink has is no use */
	bool inherited; /* what the sink has began before this transfer */
};

void source_start(struct source *s, const struct source_order *order);

#endif
