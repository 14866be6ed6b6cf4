#ifndef NAP_HTTP_SELECT_H
#define NAP_HTTP_SELECT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "http.h"
#include "slice.h"

/* What a path names at this moment: what conditions and ranges are about. */
struct http_resource {
	struct slice etag; /* strong, with its quotes */
	time_t modified;
	uint64_t size;
};

struct http_selection {
	int status; /* 200, 206, 304, 412 or 416 */
	uint64_t first; /* of the bytes to send, for 200 and 206 */
	uint64_t length;
};

/*
 * Evaluate the preconditions of r in the order of RFC 9110 §13.2.2, then
 * If-Range and Range (§14.2): one satisfiable byte range on GET is 206; several
 * ranges, another unit, a malformed Range or a failed If-Range are the whole
 * file; an unsatisfiable one is 416. now is the wall clock, for dates.
 */
struct http_selection http_select(const struct http_request *r,
    const struct http_resource *resource, time_t now);

/* Whether the Accept field likes text/html better than text/plain. */
bool http_prefers_html(struct slice accept);

#endif
