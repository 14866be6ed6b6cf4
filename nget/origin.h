#ifndef NAP_NGET_ORIGIN_H
#define NAP_NGET_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "coverage.h"
#include "lib/buf.h"
#include "lib/digest.h"
#include "lib/locator.h"
#include "lib/slice.h"

struct http_response;

#define ORIGIN_ETAG_BYTES 256

/* The most that the text of an origin has. */
#define ORIGIN_TEXT_BYTES 20480

/* More gaps than that are not remembered. */
#define ORIGIN_HELD_MAX 64

/* Where bytes came from: what vouches that others go on from them. */
struct origin {
	struct locator locator; /* its digest is not used */
	char etag[ORIGIN_ETAG_BYTES]; /* strong, with its quotes; or empty */
	bool sized;
	uint64_t size; /* of the whole file, 0 while not sized */
	struct digest digest; /* of the whole file */
	uint64_t have; /* how many bytes are on the disk at least */
	/* What has arrived, in order and apart; none: from the first byte on */
	struct coverage_range held[ORIGIN_HELD_MAX];
	size_t held_count;
};

/*
 * What the answer r, of size bytes when sized, to a request for all of l says.
 * An ETag that is weak, malformed or too long counts as none.
 */
void origin_describe(
    struct origin *o, const struct locator *l, const struct http_response *r);

/* Append the lines of NAME.part.from. 0, or -1 as buf_add. */
int origin_add(struct buf *out, const struct origin *o);

/*
 * The reverse, strictly: exactly what origin_add writes. 0, or -1 with EINVAL
 * and *o undefined.
 */
int origin_parse(struct slice text, struct origin *o);

/*
 * Whether what came from o can be gone on with from l, a file whose digest is
 * want if that is known: the digests are the same; or, as long as one of them is
 * unknown, it is the same locator with a strong validator or a digest.
 */
bool origin_vouches(
    const struct origin *o, const struct locator *l, const struct digest *want);

#endif
