#ifndef NAP_NGET_REQUEST_H
#define NAP_NGET_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/locator.h"
#include "lib/slice.h"

/* What is asked of a peer: naputils(7), PEERS, Clients. */
struct request {
	const struct locator *locator;
	const char *accept; /* a media type, or NULL */
	uint64_t from; /* the first byte wanted */
	uint64_t end; /* the first that is not; 0: all that follow are */
	struct slice etag; /* of what the bytes before are from; or empty */
};

/* Append the head of a GET. 0, or -1 as buf_add. */
int request_add(struct buf *out, const struct request *r);

/* Whether the seed's form can carry this name. */
bool request_seed_takes(struct slice name);

/* Append the seed's form of a request. 0, or -1 as buf_add. */
int request_add_seed(struct buf *out, struct slice name);

#endif
