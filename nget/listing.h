#ifndef NAP_NGET_LISTING_H
#define NAP_NGET_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/locator.h"
#include "lib/slice.h"

/*
 * Reads what a peer says that it shares (naputils(7), PEERS, Requests):
 * percent-encoded paths, one a line. What is told of them are locators,
 * whatever comes. Fields other than the last two are listing.c's.
 */
struct listing {
	struct locator found;
	struct buf rest; /* of a line */
	int (*each)(void *owner, struct slice locator);
	void *owner;
	size_t strange; /* lines that are no paths */
	bool malformed; /* what came are no lines */
};

/*
 * A listing of what the peer at host shares. For every path each is called with
 * its locator, valid during the call; it returns 0, or -1 to end it.
 */
void listing_init(struct listing *l, const struct locator_host *host,
    int (*each)(void *owner, struct slice locator), void *owner);
void listing_free(struct listing *l);

/*
 * Take the next bytes, in whatever pieces they come. 0, or -1: each has ended
 * it, memory is short, or it is malformed, which l tells.
 */
int listing_take(struct listing *l, struct slice data);

/* No more comes: a last line may lack its end. 0, or -1 as above. */
int listing_end(struct listing *l);

#endif
