#ifndef NFIND_ANSWER_H
#define NFIND_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/buf.h"
#include "lib/locator.h"
#include "lib/proto.h"
#include "lib/slice.h"
#include "row.h"

struct request;

/* "host:port" of an index, and a NUL. */
#define ANSWER_NAME (LOCATOR_HOST_BYTES + 8)
#define ANSWER_WHY 256

/* What one index said, gathered line by line. */
struct answer {
	char name[ANSWER_NAME]; /* the index, for people */
	const struct request *request;
	struct rows rows; /* hits, in the order of the index */
	struct buf facts; /* STAT: what it told, a line each */
	uint64_t matches; /* without the limit */
	bool more; /* matches is a lower bound */
	size_t lines; /* rows that came */
	size_t bad; /* of them made no sense, and are not in rows */
	bool over; /* nothing is added any more */
	bool failed; /* why says what is wrong; there may be rows */
	char why[ANSWER_WHY];
	/* How the lines are read: answer.c's. */
	enum proto_verb verb;
	bool seed;
	const struct addr *instead;
	unsigned last_rank;
};

/* Of an index, to a request that outlives it. To be given back. */
void answer_init(struct answer *a, const struct locator_host *index,
    const struct request *request);
void answer_free(struct answer *a);

/*
 * What comes now is a seed server's answer to SEARCH: the newest peer is last,
 * and a peer that came to it over loopback is at the address instead (it
 * outlives the answer), or where it says when that is NULL.
 */
void answer_expect_seed(struct answer *a, const struct addr *instead);

/* The next line; it may be the one that ends the answer. */
void answer_take(struct answer *a, struct slice line);

/* It ends here, and the reason is not a good one. What came before stays. */
void answer_fail(struct answer *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether there are matches beyond the rows. */
bool answer_is_cut(const struct answer *a);

#endif
