#ifndef NAP_PLAN_H
#define NAP_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/buf.h"
#include "lib/digest.h"
#include "lib/http_date.h"
#include "lib/slice.h"

struct http_request;

/*
 * From a request and the facts of what it asks for to the head of the answer
 * and the bytes that follow it (RFC 9110). No file, no clock.
 */

/* The room that a head of any answer, an error's body included, needs. */
#define PLAN_HEAD_BYTES 2048

/* The moment of an answer; begins zeroed. */
struct plan_now {
	time_t seconds;
	char date[HTTP_DATE_TEXT];
};

void plan_set_now(struct plan_now *now, time_t seconds);

/* What is the same for any answer to a request. */
struct plan_frame {
	const struct plan_now *now;
	bool head_only; /* a body is described and not sent */
	bool keep_alive; /* another request may follow */
	bool old; /* HTTP/1.0, which must be told that it may */
};

/* Whether another request may follow r, which could be parsed. */
bool plan_keeps(const struct http_request *r);

struct plan_frame plan_frame(
    const struct http_request *r, const struct plan_now *now);

/* Room for what plan_describe writes of the longest type. */
#define PLAN_TEXT_BYTES 320

/* A file as it is at this moment. */
struct plan_file {
	struct slice etag; /* strong, with its quotes */
	time_t modified;
	uint64_t size;
	const char *type;
	struct digest digest;
	char text[PLAN_TEXT_BYTES]; /* the last three are plan_describe's */
	size_t validators;
	size_t described;
};

/*
 * Write down the fields that are the same in every head about file, the others
 * of which are set; again when one of them changes. 0, or -1 with ENOBUFS.
 */
int plan_describe(struct plan_file *file, const struct plan_now *now);

struct plan {
	int status; /* 200, 206, 304, 412 or 416 */
	uint64_t first; /* of the bytes that Content-Length counts */
	uint64_t length;
	uint64_t body; /* bytes of the file to send: length, or 0 */
};

/* What to answer to r, a GET or HEAD of file. */
struct plan plan_make(const struct http_request *r,
    const struct plan_file *file, const struct plan_now *now);

/*
 * Append the head of a plan that is 200, 206 or 304, of a file that was
 * described. 0, or -1 as buf_add.
 */
int plan_add_head(struct buf *out, const struct plan_frame *frame,
    const struct plan_file *file, const struct plan *plan);

/*
 * Append the head of a body that is made up: 200, no ranges, no validators. It
 * comes in chunks, or for HTTP/1.0 until the connection ends, which the frame
 * does not keep alive then. 0, or -1 as buf_add.
 */
int plan_add_plain(
    struct buf *out, const struct plan_frame *frame, const char *type);

/*
 * Append a refusal, its one line of text included; size is that of the file,
 * for 416. 0, or -1 as buf_add.
 */
int plan_add_error(
    struct buf *out, const struct plan_frame *frame, int status, uint64_t size);

#endif
