#ifndef NAP_HTTP_BODY_H
#define NAP_HTTP_BODY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "http.h"
#include "slice.h"

/*
 * Takes the body of a response off the bytes that follow its head, in whatever
 * pieces they come. Fields other than done are http_body.c's.
 */
struct http_body {
	enum http_framing framing;
	uint64_t left; /* of the length, or of the chunk */
	int state;
	bool done; /* all of the body has been seen */
};

void http_body_init(struct http_body *b, const struct http_response *r);

/*
 * Point data at the next bytes of content at the front of in. Returns the bytes
 * of in to consume, data included (which may be empty: framing); 0 when more is
 * needed, or done; -1 with EINVAL when the chunks are malformed (RFC 9112 §7.1:
 * a size that overflows, a missing CRLF, trailers past 8 KiB).
 */
ssize_t http_body_next(
    struct http_body *b, struct slice in, struct slice *data);

/*
 * The stream has ended. 0 when the body is complete then, -1 with EPROTO when
 * it was cut short. Sets done for a body that lasts until the close.
 */
int http_body_end(struct http_body *b);

#endif
