#include "lib/http.h"

#include <errno.h>

#include "lib/http_select.h"
#include "lib/locator.h"
#include "nshare/plan.h"
#include "nshare/seed.h"
#include "nshare/target.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines: the length of a piece, the size and the time of the one file there is,
 * with the ETag "a", and how many x the first ~ of the rest stands for; the rest
 * is what a client sends to nshare.
 */
#define PADDING_MAX 40000
#define NOW 1000000000
#define OUT_BYTES (1024 * 1024)
#define REQUESTS_MAX 64

struct peer {
	struct plan_now now;
	struct plan_file file;
	bool asked; /* as nshare's client has it */
	unsigned requests;
	struct buf out; /* every answer's head, and what the seed asks for */
};

/* How a request may be selected from (http_select.h, RFC 9110 §13.2.2). */
static void
check_plan(const struct http_request *r, const struct plan *plan,
    const struct plan_file *file)
{
	bool unless = r->if_none_match.ptr || r->if_modified_since.ptr;
	bool only = r->if_match.ptr || r->if_unmodified_since.ptr;
	bool range = r->range.ptr && r->method == HTTP_GET;

	FUZZ_ASSERT(plan->body == 0 || r->method == HTTP_GET);
	FUZZ_ASSERT(plan->first <= file->size);
	FUZZ_ASSERT(plan->length <= file->size - plan->first);
	switch (plan->status) {
	case 200:
		FUZZ_ASSERT(plan->first == 0 && plan->length == file->size);
		break;
	case 206:
		FUZZ_ASSERT(range && plan->length > 0);
		break;
	case 304:
		FUZZ_ASSERT(unless && plan->body == 0);
		break;
	case 412:
		FUZZ_ASSERT(only && plan->body == 0);
		break;
	default:
		FUZZ_ASSERT(plan->status == 416 && range && plan->body == 0);
	}
}

/* A head that was written, as our own client understands it. */
static struct http_response
understand(struct slice head, int status)
{
	struct http_response r;
	ssize_t n = http_response_parse(head, &r);

	FUZZ_ASSERT(n > 0 && (size_t)n <= head.len);
	FUZZ_ASSERT(r.status == status && r.minor == 1);
	FUZZ_ASSERT(status == 304 || r.framing == HTTP_LENGTH);
	FUZZ_ASSERT(
	    status == 304 || r.length == head.len - (size_t)n || status <= 206);
	return r;
}

static void
refuse(struct peer *p, const struct plan_frame *frame, int status)
{
	size_t start = buf_len(&p->out);
	struct http_response r;

	FUZZ_ASSERT(plan_add_error(&p->out, frame, status, p->file.size) == 0);
	if (frame->head_only)
		return;
	r = understand(slice_skip(buf_slice(&p->out), start), status);
	FUZZ_ASSERT(r.keep_alive == frame->keep_alive);
	FUZZ_ASSERT(status != 416 || r.range_total == p->file.size);
}

static void
describe(
    struct peer *p, const struct plan_frame *frame, const struct plan *plan)
{
	size_t start = buf_len(&p->out);
	struct http_response r;

	FUZZ_ASSERT(plan_add_head(&p->out, frame, &p->file, plan) == 0);
	FUZZ_ASSERT(buf_len(&p->out) - start <= PLAN_HEAD_BYTES);
	r = understand(slice_skip(buf_slice(&p->out), start), plan->status);
	FUZZ_ASSERT(slice_eq(r.etag, p->file.etag));
	FUZZ_ASSERT(r.keep_alive == frame->keep_alive);
	if (plan->status == 304)
		return;
	FUZZ_ASSERT(r.length == plan->length);
	FUZZ_ASSERT(digest_eq(&r.digest, &p->file.digest));
	FUZZ_ASSERT(r.has_range == (plan->status == 206));
	if (r.has_range)
		FUZZ_ASSERT(r.range_first == plan->first &&
		    r.range_last == plan->first + plan->length - 1 &&
		    r.range_total == p->file.size);
}

/* The path of a target, encoded, leads to that target. */
static void
check_target(const struct target *t)
{
	static char text[3 * PATH_MAX_BYTES + 64];
	struct http_request r;
	struct target again;
	struct buf head;

	FUZZ_ASSERT(t->len ? path_valid(target_path(t)) : t->directory);
	FUZZ_ASSERT(t->path[t->len] == '\0');
	buf_borrow(&head, text, sizeof text);
	buf_add_str(&head, "GET /");
	FUZZ_ASSERT(locator_encode(&head, target_path(t)) == 0);
	buf_add_str(&head, t->directory && t->len ? "/" : "");
	buf_add_str(&head, " HTTP/1.0\r\n\r\n");
	FUZZ_ASSERT(http_request_parse(buf_slice(&head), &r) > 0);
	FUZZ_ASSERT(target_read(&r, &again) == 0);
	FUZZ_ASSERT(again.directory == t->directory);
	FUZZ_ASSERT(slice_eq(target_path(&again), target_path(t)));
}

static void
answer(struct peer *p, const struct http_request *r)
{
	struct plan_frame frame = plan_frame(r, &p->now);
	struct target target;
	int status = target_read(r, &target);
	struct plan plan;

	if (status) {
		refuse(p, &frame, status);
		return;
	}
	check_target(&target);
	plan = plan_make(r, &p->file, &p->now);
	check_plan(r, &plan, &p->file);
	if (plan.status >= 400)
		refuse(p, &frame, plan.status);
	else
		describe(p, &frame, &plan);
}

static void
check_request(const struct http_request *r, struct slice in, size_t taken)
{
	struct slice head = slice_of(in.ptr, taken);

	FUZZ_ASSERT(taken <= in.len && taken <= HTTP_HEAD_BYTES);
	FUZZ_ASSERT(r->error == 0 && r->minor >= 0 && r->minor <= 9);
	FUZZ_ASSERT(r->target.len > 0 && r->target.len <= HTTP_TARGET_BYTES);
	FUZZ_ASSERT(fuzz_is_within(r->target, head));
	FUZZ_ASSERT(fuzz_is_within(r->fields, head));
	FUZZ_ASSERT(fuzz_is_within(r->host, head));
	FUZZ_ASSERT(r->path.len == 0 || r->path.ptr[0] == '/');
	FUZZ_ASSERT(!fuzz_has_control(r->target));
	http_prefers_html(r->accept);
}

/* What HTTP cannot read is the seed's, or is refused. */
static size_t
take_seed(struct peer *p, struct slice in, bool eof)
{
	struct http_request r;
	struct slice name;
	ssize_t n = p->asked ? 0 : seed_parse(in, eof, &name);

	if (n <= 0)
		return 0;
	FUZZ_ASSERT((size_t)n <= in.len && fuzz_is_within(name, in));
	FUZZ_ASSERT(slice_find(name, '\n') < 0 && slice_find(name, '\0') < 0);
	if (!eof)
		FUZZ_ASSERT(http_request_parse(in, &r) < 0);
	buf_printf(&p->out, "seed's %zd: ", n);
	buf_add_slice(&p->out, name);
	return (size_t)n;
}

/* Take what there is, as nshare's client does. Whether it goes on. */
static bool
take(struct peer *p, struct slice *in, bool eof)
{
	size_t seed = take_seed(p, *in, eof);
	struct http_request r;
	ssize_t n;

	if (seed > 0) {
		*in = slice_skip(*in, seed);
		return false;
	}
	n = http_request_parse(*in, &r);
	FUZZ_ASSERT(n >= -1);
	if (n == 0)
		return !eof;
	p->asked = true;
	if (n < 0) {
		FUZZ_ASSERT(r.error == 400 || r.error == 414 ||
		    r.error == 431 || r.error == 505);
		refuse(p, &(struct plan_frame){.now = &p->now}, r.error);
		return false;
	}
	check_request(&r, *in, (size_t)n);
	buf_printf(&p->out, "%zd: ", n);
	answer(p, &r);
	*in = slice_skip(*in, (size_t)n);
	return plan_keeps(&r) && ++p->requests < REQUESTS_MAX;
}

/* As many bytes at once as piece says; each time in memory of their own. */
static void
talk(struct peer *p, struct slice in, size_t piece)
{
	size_t come = 0, taken = 0, before;
	bool goes_on = true;

	while (goes_on && taken < in.len) {
		struct slice copy, rest;

		come = in.len - come > piece ? come + piece : in.len;
		copy = fuzz_copy(slice_of(in.ptr + taken, come - taken));
		rest = copy;
		do {
			before = rest.len;
			goes_on = take(p, &rest, false);
		} while (goes_on && rest.len > 0 && rest.len < before);
		if (goes_on && come == in.len && rest.len > 0)
			goes_on = take(p, &rest, true);
		taken += copy.len - rest.len;
		fuzz_free(copy);
	}
}

static void
begin(struct peer *p, uint64_t size, int64_t modified)
{
	*p = (struct peer){
	    .file = {.etag = SLICE("\"a\""),
		.modified = (time_t)modified,
		.size = size > INT64_MAX ? INT64_MAX : size,
		.type = "audio/mpeg",
		.digest = {.bytes = "some content", .known = true}}};
	buf_init(&p->out, OUT_BYTES);
	plan_set_now(&p->now, NOW);
	FUZZ_ASSERT(plan_describe(&p->file, &p->now) == 0);
}

static void
pad(struct buf *sent, struct slice in, size_t count)
{
	struct slice head, tail;
	bool padded = slice_cut(in, '~', &head, &tail);

	buf_init(sent, in.len + PADDING_MAX);
	buf_add_slice(sent, head);
	for (size_t i = 0; padded && i < count % PADDING_MAX; i++)
		buf_add_str(sent, "x");
	buf_add_slice(sent, tail);
}

/* However the bytes come, the answers are the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size);
	uint64_t piece = fuzz_number(&in);
	uint64_t bytes = fuzz_number(&in);
	int64_t modified = (int64_t)fuzz_number(&in);
	size_t padding = (size_t)fuzz_number(&in);
	struct peer whole, pieces;
	struct buf sent;

	pad(&sent, in, padding);
	in = buf_slice(&sent);
	begin(&whole, bytes, modified);
	begin(&pieces, bytes, modified);
	talk(&whole, in, in.len);
	talk(&pieces, in, fuzz_piece(in, piece));
	FUZZ_ASSERT(slice_eq(buf_slice(&whole.out), buf_slice(&pieces.out)));
	buf_free(&whole.out);
	buf_free(&pieces.out);
	buf_free(&sent);
	return 0;
}
