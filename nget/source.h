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
#include "shares.h"

struct context;
struct sink;
struct source;

/* What becomes of a source; told from the loop, never within source_fetch. */
struct source_ops {
	/* An answer was accepted: the sink may know more than before. */
	void (*begun)(void *owner, struct source *s);
	/* Its range is done, or its rest is over: it can be sent for another. */
	void (*idle)(void *owner, struct source *s);
	/* It failed, and will be idle again after a while. */
	void (*resting)(void *owner, struct source *s);
	/* It is of no more use: s->outcome says why. */
	void (*out)(void *owner, struct source *s);
	/* Whether others are at the file at this moment. */
	bool (*has_company)(void *owner, const struct source *s);
	/* Whether nothing would be lost if s began the file anew. */
	bool (*may_restart)(void *owner, const struct source *s);
};

/* What its user fills in; what it points to outlives the source. */
struct source_order {
	const struct context *context;
	struct locator locator; /* with the digest that the content must have */
	const char *label; /* what messages call it; copied */
	const char *accept; /* the media type of a listing; NULL: a file */
	struct sink *sink;
	struct share *share; /* kept up to date, by both */
	unsigned number; /* as a giver */
	const struct source_ops *ops;
	void *owner;
};

enum source_state { SOURCE_IDLE, SOURCE_BUSY, SOURCE_RESTING, SOURCE_OUT };

/*
 * One peer that has the file: asked for a range, and again with back-off while
 * that has a point, in the seed's form if it knows nothing else. The fields are
 * source.c's, to be read.
 */
struct source {
	struct source_order order;
	char *label; /* what messages call it */
	enum source_state state;
	struct outcome outcome;

	struct fetch fetch;
	struct loop_timer rest;
	struct answer_asked asked;
	struct answer answer;
	uint64_t at; /* of the content, where the next byte lies */
	uint64_t best; /* the most that it had given at a failure */
	unsigned failures; /* in a row, none of which brought anything */
	unsigned refusals; /* of a busy peer */
	int64_t wait_ms; /* that it asked for */
	int64_t measured_at; /* of its speed */
	uint64_t measured; /* bytes since then */
	bool heard; /* it has answered in HTTP */
	bool seed; /* the form that is spoken */
	bool begun; /* the content of this answer is taken */
	bool anew; /* what the sink has is no use to it */
	bool stopped; /* its range was done before the answer */
	bool whole; /* it cannot give parts */
	bool too_large; /* there is no room for what it announces */
	bool expelled;
};

/* An idle one, or NULL with ENOMEM. */
struct source *source_new(const struct source_order *order);

/* At any time but within a callback of it. source_free(NULL) is legal. */
void source_free(struct source *s);

/*
 * Send an idle one for the range of its share, to the end of the file if that
 * ends at UINT64_MAX. The share is busy meanwhile.
 */
void source_fetch(struct source *s);

/* It is of no use, whatever it is doing, but that it is not busy. */
void source_expel(struct source *s, const struct outcome *why);

#endif
