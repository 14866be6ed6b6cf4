#ifndef NAP_HTTP_H
#define NAP_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "digest.h"
#include "slice.h"

/*
 * HTTP/1.1 messages, RFC 9110 and 9112: heads of requests and of responses.
 * Slices point into the head that was parsed and live as long as it.
 */

#define HTTP_HEAD_BYTES 32768
#define HTTP_TARGET_BYTES 14336

/* What ends in " HTTP/<digit>.<digit>" is HTTP; the seed's requests do not. */
bool http_is_request_line(struct slice line);

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_REFUSED, /* a method of RFC 9110 (or PATCH) that we do not serve */
	HTTP_UNKNOWN
};

struct http_request {
	enum http_method method;
	int minor; /* of HTTP/1.x */
	struct slice target; /* as sent */
	/*
	 * The path of the origin or absolute form, without the query, still
	 * percent-encoded, and beginning with a slash; empty for other forms.
	 */
	struct slice path;
	struct slice host;
	struct slice fields; /* every field line, as sent */
	bool keep_alive; /* RFC 9112 §9.3 */
	bool has_body; /* a Content-Length above 0, or Transfer-Encoding */
	/*
	 * Fields that select an answer; ptr is NULL when absent. Of a list that was
	 * sent in several lines, the first.
	 */
	struct slice accept;
	struct slice range;
	struct slice if_range;
	struct slice if_match;
	struct slice if_none_match;
	struct slice if_modified_since;
	struct slice if_unmodified_since;
	int error; /* the status of a refusal, when parsing returned -1 */
};

/*
 * Parse the request head at the front of in, whatever pieces it came in: empty
 * lines before it are skipped. Returns the bytes to consume; 0 when it is not
 * complete yet; -1 with r->error: 400 (malformed, or of several meanings: no,
 * several or invalid Host in 1.1, blank before a colon, folded line, NUL or
 * control byte, Transfer-Encoding with Content-Length, differing
 * Content-Lengths), 414, 431 or 505. After -1 the connection cannot go on. A
 * first line that is still incomplete is refused only when it is too long for
 * the seed's form, too. The answer never depends on the pieces: the request line
 * is read from left to right, fields only once the head is whole.
 */
ssize_t http_request_parse(struct slice in, struct http_request *r);

enum http_framing {
	HTTP_NO_BODY,
	HTTP_LENGTH, /* exactly length bytes */
	HTTP_CHUNKED,
	HTTP_UNTIL_CLOSE
};

struct http_response {
	int status;
	int minor;
	enum http_framing framing; /* RFC 9112 §6.3, for an answer to a GET */
	uint64_t length;
	bool keep_alive;
	/* Fields as sent; ptr is NULL when absent. */
	struct slice etag;
	struct slice last_modified;
	struct slice location;
	struct slice retry_after;
	struct slice content_encoding;
	/* Content-Range: bytes first-last/total, when has_range. */
	bool has_range;
	uint64_t range_first;
	uint64_t range_last;
	bool has_total;
	uint64_t range_total;
	struct digest digest; /* sha-256 of Repr-Digest, RFC 9530 */
	const char *error; /* what was wrong, when parsing returned -1 */
};

/*
 * Parse the response head at the front of in. Returns the bytes to consume; 0
 * when it is not complete yet; -1 with r->error when it is no HTTP/1.x
 * response, is past HTTP_HEAD_BYTES, or can be understood in two ways
 * (Transfer-Encoding with Content-Length, differing or listed Content-Lengths,
 * a coding other than chunked, a malformed field). An interim response (1xx)
 * is returned as any other, with HTTP_NO_BODY.
 */
ssize_t http_response_parse(struct slice in, struct http_response *r);

/*
 * Append "Name: value\r\n". 0, or -1 with nothing appended: as buf_add, or with
 * EINVAL when the value holds a control byte that could begin a field.
 */
int http_add_field(struct buf *out, const char *name, struct slice value);

/* The reason phrase of a status that this suite sends; "" for others. */
const char *http_reason(int status);

#endif
