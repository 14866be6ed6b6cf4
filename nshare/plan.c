#include "plan.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/http.h"
#include "lib/http_select.h"

#define RETRY_AFTER_SECONDS "2"
#define RANGE_TEXT 80
#define DIGEST_TEXT 64

/* A field of a head; one whose value is NULL is not there. */
struct field {
	const char *name;
	struct slice value;
};

static const struct slice absent = {NULL, 0};

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
add_field(struct buf *out, const char *name, struct slice value)
{
	return value.ptr ? http_add_field(out, name, value) : 0;
}

static int
add_length(struct buf *out, uint64_t length)
{
	if (buf_add_slice(out, SLICE("Content-Length: ")) < 0 ||
	    buf_add_num(out, length) < 0)
		return -1;
	return buf_add_slice(out, SLICE("\r\n"));
}

/* What every head begins with. */
static int
begin_head(struct buf *out, const struct plan_frame *frame, int status)
{
	if (buf_add_slice(out, SLICE("HTTP/1.1 ")) < 0 ||
	    buf_add_num(out, (unsigned)status) < 0 ||
	    buf_add_slice(out, SLICE(" ")) < 0 ||
	    buf_add_str(out, http_reason(status)) < 0 ||
	    buf_add_slice(out, SLICE("\r\nDate: ")) < 0 ||
	    buf_add(out, frame->now->date, HTTP_DATE_TEXT - 1) < 0 ||
	    buf_add_slice(out, SLICE("\r\n")) < 0)
		return -1;
	return add_field(out, "Connection", connection(frame));
}

/* The fields up to one that has no name. */
static int
add_fields(struct buf *out, const struct field *fields)
{
	for (; fields->name; fields++)
		if (add_field(out, fields->name, fields->value) < 0)
			return -1;
	return 0;
}

static int
end_head(struct buf *out)
{
	return buf_add_slice(out, SLICE("\r\n"));
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

int
plan_describe(struct plan_file *file, const struct plan_now *now)
{
	char date[HTTP_DATE_TEXT], digest[DIGEST_TEXT];
	const struct field validators[] = {
	    {"ETag", file->etag},
	    {"Last-Modified",
		slice_str(http_date_text(modified(file, now), date))},
	    {NULL, absent},
	};
	const struct field others[] = {
	    {"Content-Type", slice_str(file->type)},
	    {"X-Content-Type-Options", SLICE("nosniff")},
	    {"Accept-Ranges", SLICE("bytes")},
	    {"Repr-Digest", repr_digest(&file->digest, digest)},
	    {NULL, absent},
	};
	struct buf text;

	buf_borrow(&text, file->text, sizeof file->text);
	if (add_fields(&text, validators) < 0)
		return -1;
	file->validators = buf_len(&text);
	if (add_fields(&text, others) < 0)
		return -1;
	file->described = buf_len(&text);
	return 0;
}

/* Which bytes follow: all, or some of them. */
static int
add_extent(
    struct buf *out, const struct plan_file *file, const struct plan *plan)
{
	if (add_length(out, plan->length) < 0)
		return -1;
	if (plan->status != 206)
		return 0;
	return buf_printf(out,
	    "Content-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n",
	    plan->first, plan->first + plan->length - 1, file->size);
}

int
plan_add_head(struct buf *out, const struct plan_frame *frame,
    const struct plan_file *file, const struct plan *plan)
{
	bool has_content = plan->status != 304;
	size_t len = has_content ? file->described : file->validators;

	if (begin_head(out, frame, plan->status) < 0)
		return -1;
	if (has_content && add_extent(out, file, plan) < 0)
		return -1;
	if (buf_add(out, file->text, len) < 0)
		return -1;
	return end_head(out);
}

/* The head of a body that is made up, of unknown length without one. */
static int
add_made_up(struct buf *out, const struct plan_frame *frame, int status,
    const uint64_t *length, const struct field *fields)
{
	if (begin_head(out, frame, status) < 0 ||
	    (length && add_length(out, *length) < 0) ||
	    add_fields(out, fields) < 0)
		return -1;
	return end_head(out);
}

int
plan_add_plain(
    struct buf *out, const struct plan_frame *frame, const char *type)
{
	const struct field fields[] = {
	    {"Transfer-Encoding", frame->old ? absent : SLICE("chunked")},
	    {"Content-Type", slice_str(type)},
	    {"X-Content-Type-Options", SLICE("nosniff")},
	    {"Vary", SLICE("Accept")},
	    {NULL, absent},
	};

	return add_made_up(out, frame, 200, NULL, fields);
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
	char range[RANGE_TEXT], text[128];
	uint64_t length = (uint64_t)snprintf(text, sizeof text, "%d %s: %s\n",
	    status, http_reason(status), explain(status));
	const struct field fields[] = {
	    {"Content-Type", SLICE("text/plain; charset=utf-8")},
	    {"X-Content-Type-Options", SLICE("nosniff")},
	    {"Content-Range", unsatisfied_range(status, size, range)},
	    {"Allow", status == 405 ? SLICE("GET, HEAD") : absent},
	    {"Retry-After",
		status == 503 ? SLICE(RETRY_AFTER_SECONDS) : absent},
	    {NULL, absent},
	};

	if (add_made_up(out, frame, status, &length, fields) < 0)
		return -1;
	return frame->head_only ? 0 : buf_add_str(out, text);
}
