#include "lib/http.h"

#include <errno.h>

#include "lib/http_body.h"
#include "nget/answer.h"
#include "nget/outcome.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines: the length of a piece, where the request went on from, the size and the
 * ETag that it knew; the rest is what a peer sends to nget.
 */
#define NOW 1000000000
#define WAIT_MAX_MS INT64_C(31536000000)

/* An exchange, as nget's fetch has it. */
struct exchange {
	const struct answer_asked *asked;
	bool in_body;
	bool over;
	bool malformed;
	struct http_body body;
	struct buf log; /* what was understood, and the content */
};

static void
log_slice(struct exchange *e, struct slice s)
{
	buf_add_str(&e->log, s.ptr ? " '" : " -");
	buf_add_slice(&e->log, s);
	buf_add_str(&e->log, "'");
}

static void
log_number(struct exchange *e, uint64_t number)
{
	buf_add_str(&e->log, " ");
	buf_add_num(&e->log, number);
}

static void
log_head(struct exchange *e, const struct http_response *r)
{
	log_number(e, (uint64_t)r->status);
	log_number(e, (uint64_t)r->framing);
	log_number(e, r->length);
	log_number(e, r->keep_alive);
	log_number(e, r->range_first);
	log_number(e, r->range_last);
	log_number(e, r->has_total ? r->range_total : 0);
	log_slice(e, r->etag);
	log_slice(e, r->last_modified);
	log_slice(e, r->location);
	log_slice(e, r->retry_after);
	log_slice(e, r->content_encoding);
	digest_add(&e->log, &r->digest);
}

static void
check_head(const struct http_response *r, struct slice in, size_t taken)
{
	struct slice head = slice_of(in.ptr, taken);

	FUZZ_ASSERT(taken <= in.len && taken <= HTTP_HEAD_BYTES);
	FUZZ_ASSERT(r->status >= 100 && r->status <= 999);
	FUZZ_ASSERT(r->minor >= 0 && r->minor <= 9);
	FUZZ_ASSERT(fuzz_is_within(r->etag, head));
	FUZZ_ASSERT(fuzz_is_within(r->location, head));
	FUZZ_ASSERT(r->framing == HTTP_LENGTH || r->length == 0);
	FUZZ_ASSERT(r->framing != HTTP_UNTIL_CLOSE || !r->keep_alive);
	FUZZ_ASSERT(!r->has_range || r->range_first <= r->range_last);
	FUZZ_ASSERT(
	    !r->has_range || !r->has_total || r->range_last < r->range_total);
}

/* What the answer may mean (nget/answer.h). */
static void
check_answer(const struct answer *a, const struct http_response *r,
    const struct answer_asked *asked)
{
	switch (a->kind) {
	case ANSWER_WHOLE:
		FUZZ_ASSERT(r->status == 200 && a->bounded == a->sized);
		FUZZ_ASSERT(!a->sized || a->end == a->size);
		break;
	case ANSWER_REST:
		FUZZ_ASSERT(asked->ranged && r->status == 206);
		FUZZ_ASSERT(r->range_first == asked->from);
		FUZZ_ASSERT(a->bounded && a->end > asked->from);
		FUZZ_ASSERT(a->sized && a->end <= a->size);
		FUZZ_ASSERT(!asked->sized || a->size == asked->size);
		break;
	case ANSWER_COMPLETE:
		FUZZ_ASSERT(
		    asked->ranged && a->sized && a->size == asked->from);
		break;
	case ANSWER_ANEW:
		FUZZ_ASSERT(asked->ranged);
		break;
	default:
		FUZZ_ASSERT(r->status != 200 || r->content_encoding.len > 0);
	}
}

static void
judge(struct exchange *e, const struct http_response *r)
{
	struct outcome why = {STATUS_OK, ""};
	struct answer answer = answer_judge(r, e->asked, &why);
	int64_t wait = answer_wait(r->retry_after, NOW);
	bool failed = answer.kind == ANSWER_FAILED;

	FUZZ_ASSERT(wait >= 0 && wait <= WAIT_MAX_MS);
	check_answer(&answer, r, e->asked);
	FUZZ_ASSERT(!failed || why.status != STATUS_OK);
	FUZZ_ASSERT((why.status == STATUS_OK) == (why.text[0] == '\0'));
	log_number(e, answer.kind);
	buf_add_str(&e->log, why.text);
}

static void
fail(struct exchange *e)
{
	e->over = e->malformed = true;
	buf_add_str(&e->log, " malformed");
}

/* The head at the front of in. Returns the bytes taken. */
static size_t
take_head(struct exchange *e, struct slice in)
{
	struct http_response r;
	ssize_t n = http_response_parse(in, &r);

	FUZZ_ASSERT(n >= -1 && (n < 0) == (r.error != NULL));
	if (n < 0)
		fail(e);
	if (n <= 0)
		return 0;
	check_head(&r, in, (size_t)n);
	log_head(e, &r);
	if (r.status / 100 == 1)
		return (size_t)n;
	judge(e, &r);
	http_body_init(&e->body, &r);
	e->in_body = true;
	e->over = e->body.done;
	buf_add_str(&e->log, " body ");
	return (size_t)n;
}

static size_t
take_body(struct exchange *e, struct slice in)
{
	struct slice data;
	ssize_t n = http_body_next(&e->body, in, &data);

	FUZZ_ASSERT(n >= -1 && n <= (ssize_t)in.len);
	if (n < 0) {
		FUZZ_ASSERT(errno == EINVAL && data.len == 0);
		fail(e);
		return 0;
	}
	FUZZ_ASSERT(data.len <= (size_t)n && fuzz_is_within(data, in));
	buf_add_slice(&e->log, data);
	e->over = e->body.done;
	return (size_t)n;
}

static size_t
take(struct exchange *e, struct slice in)
{
	struct slice rest = in;
	size_t n = 1;

	while (n > 0 && !e->over) {
		n = e->in_body ? take_body(e, rest) : take_head(e, rest);
		rest = slice_skip(rest, n);
	}
	return in.len - rest.len;
}

static void
take_end(struct exchange *e)
{
	bool lasts = e->in_body && e->body.framing == HTTP_UNTIL_CLOSE;

	if (!e->in_body || e->malformed)
		return;
	if (http_body_end(&e->body) < 0)
		FUZZ_ASSERT(errno == EPROTO && !lasts && !e->over);
	else
		FUZZ_ASSERT(e->body.done && (lasts || e->over));
}

/* As many bytes at once as piece says; each time in memory of their own. */
static void
talk(struct exchange *e, struct slice in, size_t piece)
{
	size_t come = 0, taken = 0;

	buf_init(&e->log, 64 * in.len + 4096);
	while (!e->over && come < in.len) {
		struct slice copy;

		come = in.len - come > piece ? come + piece : in.len;
		copy = fuzz_copy(slice_of(in.ptr + taken, come - taken));
		taken += take(e, copy);
		fuzz_free(copy);
	}
	buf_add_str(&e->log, " rest ");
	buf_add_slice(&e->log, slice_skip(in, taken));
	take_end(e);
}

/* However the bytes come, the same is understood. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size);
	uint64_t piece = fuzz_number(&in);
	struct answer_asked asked = {0};
	struct exchange whole = {.asked = &asked}, pieces = {.asked = &asked};

	asked.from = fuzz_number(&in);
	asked.ranged = asked.from > 0;
	asked.size = fuzz_number(&in);
	asked.sized = asked.size > 0;
	asked.etag = fuzz_line(&in);
	asked.verified = asked.size % 2 == 0;
	talk(&whole, in, in.len);
	talk(&pieces, in, fuzz_piece(in, piece));
	FUZZ_ASSERT(slice_eq(buf_slice(&whole.log), buf_slice(&pieces.log)));
	buf_free(&whole.log);
	buf_free(&pieces.log);
	return 0;
}
