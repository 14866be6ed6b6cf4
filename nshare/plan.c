#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/http.h"
#include "lib/http_select.h"

#define RETRY_AFTER_SECONDS "2"
#define NUMBER_TEXT 24
#define RANGE_TEXT 80
#define DIGEST_TEXT 64

/* A field of a head; one whose value is NULL is not there. */
struct field {
	const char *name;
	struct slice value;
};

static const struct slice absent = {NULL, 0};

static const char text_type[] = "text/plain; charset=utf-8";

void
plan_set_now(struct plan_now *now, time_t seconds)
{
	if (now->seconds == seconds && now->date[0])
		return;
	now->seconds = seconds;
	http_date_text(seconds, now->date);
}

bool
plan_keeps(const struct http_request *r)
{
	return r->keep_alive && !r->has_body;
}

struct plan_frame
plan_frame(const struct http_request *r, const struct plan_now *now)
{
	return (struct plan_frame){
	    .now = now,
	    .head_only = r->method == HTTP_HEAD,
	    .keep_alive = plan_keeps(r),
	    .old = r->minor == 0,
	};
}

static time_t
modified(const struct plan_file *file, const struct plan_now *now)
{
	return file->modified < now->seconds ? file->modified : now->seconds;
}

struct plan
plan_make(const struct http_request *r, const struct plan_file *file,
    const struct plan_now *now)
{
	const struct http_resource resource = {
	    .etag = file->etag,
	    .modified = modified(file, now),
	    .size = file->size,
	};
	struct http_selection s = http_select(r, &resource, now->seconds);
	struct plan plan = {
	    .status = s.status, .first = s.first, .length = s.length};

	if (r->method == HTTP_GET && (s.status == 200 || s.status == 206))
		plan.body = s.length;
	return plan;
}

static struct slice
connection(const struct plan_frame *frame)
{
	if (!frame->keep_alive)
		return SLICE("close");
	return frame->old ? SLICE("keep-alive") : absent;
}

static int
add_status(struct buf *out, int status)
{
	if (buf_add_str(out, "HTTP/1.1 ") < 0 ||
	    buf_add_num(out, (unsigned)status) < 0 ||
	    buf_add_str(out, " ") < 0 ||
	    buf_add_str(out, http_reason(status)) < 0)
		return -1;
	return buf_add_str(out, "\r\n");
}

static int
add_field(struct buf *out, const char *name, struct slice value)
{
	return value.ptr ? http_add_field(out, name, value) : 0;
}

/* A head, the empty line included; fields end with one that has no name. */
static int
add_head(struct buf *out, const struct plan_frame *frame, int status,
    const struct field *fields)
{
	if (add_status(out, status) < 0 ||
	    add_field(out, "Date", slice_str(frame->now->date)) < 0 ||
	    add_field(out, "Connection", connection(frame)) < 0)
		return -1;
	for (; fields->name; fields++)
		if (add_field(out, fields->name, fields->value) < 0)
			return -1;
	return buf_add_str(out, "\r\n");
}

static struct slice
number(uint64_t n, char text[NUMBER_TEXT])
{
	snprintf(text, NUMBER_TEXT, "%" PRIu64, n);
	return slice_str(text);
}

static struct slice
content_range(const struct plan_file *file, const struct plan *plan,
    char text[RANGE_TEXT])
{
	if (plan->status != 206)
		return absent;
	snprintf(text, RANGE_TEXT, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64,
	    plan->first, plan->first + plan->length - 1, file->size);
	return slice_str(text);
}

/* RFC 4648 §4, of a digest; returns the end of the text. */
static char *
add_base64(char *at, const uint8_t bytes[DIGEST_BYTES])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits;

	for (size_t i = 0; i < DIGEST_BYTES; i += 3) {
		bits = (uint32_t)bytes[i] << 16;
		bits |= i + 1 < DIGEST_BYTES ? (uint32_t)bytes[i + 1] << 8 : 0;
		bits |= i + 2 < DIGEST_BYTES ? bytes[i + 2] : 0;
		*at++ = letters[bits >> 18];
		*at++ = letters[bits >> 12 & 63];
		*at++ = i + 1 < DIGEST_BYTES ? letters[bits >> 6 & 63] : '=';
		*at++ = i + 2 < DIGEST_BYTES ? letters[bits & 63] : '=';
	}
	return at;
}

/* RFC 9530 §3: of the whole file, whatever part of it is sent. */
static struct slice
repr_digest(const struct digest *digest, char text[DIGEST_TEXT])
{
	static const char algorithm[] = "sha-256=:";
	char *end;

	if (!digest->known)
		return absent;
	memcpy(text, algorithm, sizeof algorithm);
	end = add_base64(text + sizeof algorithm - 1, digest->bytes);
	*end++ = ':';
	return slice_of(text, (size_t)(end - text));
}

static int
add_not_modified(struct buf *out, const struct plan_frame *frame,
    const struct plan_file *file, struct slice last_modified)
{
	const struct field fields[] = {
	    {"ETag", file->etag},
	    {"Last-Modified", last_modified},
	    {NULL, absent},
	};

	return add_head(out, frame, 304, fields);
}

int
plan_add_head(struct buf *out, const struct plan_frame *frame,
    const struct plan_file *file, const struct plan *plan)
{
	char length[NUMBER_TEXT], range[RANGE_TEXT], digest[DIGEST_TEXT];
	char date[HTTP_DATE_TEXT];
	struct slice last_modified = slice_str(
	    http_date_text(modified(file, frame->now), date));
	const struct field fields[] = {
	    {"Content-Type", slice_str(file->type)},
	    {"X-Content-Type-Options", SLICE("nosniff")},
	    {"Content-Length", number(plan->length, length)},
	    {"Content-Range", content_range(file, plan, range)},
	    {"Accept-Ranges", SLICE("bytes")},
	    {"ETag", file->etag},
	    {"Last-Modified", last_modified},
	    {"Repr-Digest", repr_digest(&file->digest, digest)},
	    {NULL, absent},
	};

	if (plan->status == 304)
		return add_not_modified(out, frame, file, last_modified);
	return add_head(out, frame, plan->status, fields);
}

int
plan_add_plain(struct buf *out, const struct plan_frame *frame,
    const char *type, const uint64_t *length)
{
	char text[NUMBER_TEXT];
	const struct field fields[] = {
	    {"Content-Type", slice_str(type)},
	    {"X-Content-Type-Options", SLICE("nosniff")},
	    {"Content-Length", length ? number(*length, text) : absent},
	    {"Vary", SLICE("Accept")},
	    {NULL, absent},
	};

	return add_head(out, frame, 200, fields);
}

/* The line that people read, behind the reason phrase. */
static const struct {
	int status;
	const char *text;
} explanations[] = {
    {400, "the request is malformed"},
    {404, "nothing of that name is shared here"},
    {405, "files can be read, and that is all"},
    {412, "the file is not as the request wants it"},
    {413, "a request has no body here"},
    {414, "the address is too long"},
    {416, "the file does not reach that far"},
    {431, "the request head is too long"},
    {501, "no such method"},
    {503, "busy, try again shortly"},
    {505, "this speaks HTTP/1.1"},
};

static const char *
explain(int status)
{
	for (size_t i = 0; i < sizeof explanations / sizeof *explanations; i++)
		if (explanations[i].status == status)
			return explanations[i].text;
	return "it cannot be done";
}

static struct slice
unsatisfied_range(int status, uint64_t size, char text[RANGE_TEXT])
{
	if (status != 416)
		return absent;
	snprintf(text, RANGE_TEXT, "bytes */%" PRIu64, size);
	return slice_str(text);
}

int
plan_add_error(
    struct buf *out, const struct plan_frame *frame, int status, uint64_t size)
{
	char length[NUMBER_TEXT], range[RANGE_TEXT], text[128];
	int len = snprintf(text, sizeof text, "%d %s: %s\n", status,
	    http_reason(status), explain(status));
	const struct field fields[] = {
	    {"Content-Type", slice_str(text_type)},
	    {"X-Content-Type-Options", SLICE("nosniff")},
	    {"Content-Length", number((uint64_t)len, length)},
	    {"Content-Range", unsatisfied_range(status, size, range)},
	    {"Allow", status == 405 ? SLICE("GET, HEAD") : absent},
	    {"Retry-After",
		status == 503 ? SLICE(RETRY_AFTER_SECONDS) : absent},
	    {NULL, absent},
	};

	if (add_head(out, frame, status, fields) < 0)
		return -1;
	return frame->head_only ? 0 : buf_add_str(out, text);
}
