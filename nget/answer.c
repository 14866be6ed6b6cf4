#include "answer.h"

#include <errno.h>

#include "lib/http.h"
#include "lib/http_date.h"
#include "lib/num.h"
#include "outcome.h"

/* Far enough away that no arithmetic on it overflows. */
#define WAIT_MAX_S INT64_C(31536000)

static struct answer
failed(struct outcome *why, enum status status, const char *text)
{
	outcome_fail(why, status, "%s", text);
	return (struct answer){.kind = ANSWER_FAILED};
}

static struct answer
judge_whole(const struct http_response *r)
{
	bool sized = r->framing == HTTP_LENGTH;

	return (struct answer){
	    .kind = ANSWER_WHOLE,
	    .bounded = sized,
	    .end = r->length,
	    .sized = sized,
	    .size = r->length,
	};
}

/* The file as it is was asked for (RFC 9110 §8.4). */
static bool
is_encoded(const struct http_response *r)
{
	return r->content_encoding.len &&
	    !slice_eq_nocase(r->content_encoding, SLICE("identity"));
}

/* Returns NULL, or what is wrong with a 206 (RFC 9110 §15.3.7). */
static const char *
find_fault(const struct http_response *r, const struct answer_asked *asked)
{
	if (!asked->ranged)
		return "the peer sends a part that was not asked for";
	if (!r->has_range)
		return "the peer sends a part without saying which";
	if (r->range_first != asked->from)
		return "the peer sends a part that starts elsewhere";
	if (r->range_last >= INT64_MAX)
		return "the peer sends a part that ends nowhere";
	if (r->framing == HTTP_LENGTH &&
	    r->length != r->range_last - r->range_first + 1)
		return "the peer sends a part whose length contradicts its "
		       "range";
	return NULL;
}

/*
 * Whether a part continues what there is. One of a file with an ETag carries that
 * (RFC 9110 §15.3.7), or If-Range meant nothing to the peer. Who is wrong, the
 * peer or whoever sent that, cannot be told; nor, when nobody says how long the
 * file is, where it would end.
 */
static bool
continues(const struct http_response *r, const struct answer_asked *asked)
{
	if (!asked->sized && !r->has_total)
		return false;
	if (asked->sized && r->has_total && r->range_total != asked->size)
		return false;
	if (asked->sized && r->range_last >= asked->size)
		return false;
	if (asked->etag.len && !r->etag.ptr)
		return asked->verified;
	return !asked->etag.len || slice_eq(r->etag, asked->etag);
}

static struct answer
judge_part(const struct http_response *r, const struct answer_asked *asked,
    struct outcome *why)
{
	const char *fault = find_fault(r, asked);

	if (fault)
		return failed(why, STATUS_REFUSED, fault);
	if (!continues(r, asked))
		return (struct answer){.kind = ANSWER_ANEW};
	return (struct answer){
	    .kind = ANSWER_REST,
	    .bounded = true,
	    .end = r->range_last + 1,
	    .sized = true,
	    .size = r->has_total ? r->range_total : asked->size,
	};
}

/* Nothing lies behind what we have, or the file is another one by now. */
static struct answer
judge_unsatisfiable(const struct http_response *r,
    const struct answer_asked *asked, struct outcome *why)
{
	if (!asked->ranged)
		return failed(why, STATUS_REFUSED,
		    "the peer refuses a range that was not asked for");
	if (!r->has_total || r->range_total != asked->from)
		return (struct answer){.kind = ANSWER_ANEW};
	if (asked->sized && asked->size != asked->from)
		return (struct answer){.kind = ANSWER_ANEW};
	return (struct answer){
	    .kind = ANSWER_COMPLETE, .sized = true, .size = asked->from};
}

static struct answer
judge_redirect(const struct http_response *r, struct outcome *why)
{
	outcome_fail(why, STATUS_REFUSED,
	    "the peer redirects to '%.*s' (%d), which is not followed",
	    r->location.len < 160 ? (int)r->location.len : 160,
	    r->location.ptr ? r->location.ptr : "", r->status);
	return (struct answer){.kind = ANSWER_FAILED};
}

static struct answer
judge_other(const struct http_response *r, struct outcome *why)
{
	static const struct {
		int status;
		enum status means;
		const char *text;
	} known[] = {
	    {401, STATUS_REFUSED, "the peer wants a password (401)"},
	    {403, STATUS_REFUSED, "forbidden (403)"},
	    {404, STATUS_NOT_FOUND, "not found (404)"},
	    {410, STATUS_NOT_FOUND, "gone (410)"},
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].status == r->status)
			return failed(why, known[i].means, known[i].text);
	if (r->status / 100 == 3)
		return judge_redirect(r, why);
	outcome_fail(why, STATUS_REFUSED, "the peer answers %d %s", r->status,
	    http_reason(r->status));
	return (struct answer){.kind = ANSWER_FAILED};
}

struct answer
answer_judge(const struct http_response *r, const struct answer_asked *asked,
    struct outcome *why)
{
	if (r->status / 100 == 2 && is_encoded(r))
		return failed(why, STATUS_REFUSED,
		    "the peer sends an encoded form of the file");
	switch (r->status) {
	case 200:
		return judge_whole(r);
	case 206:
		return judge_part(r, asked, why);
	case 416:
		return judge_unsatisfiable(r, asked, why);
	case 429:
	case 503:
		outcome_fail(
		    why, STATUS_REFUSED, "the peer is busy (%d)", r->status);
		return (struct answer){.kind = ANSWER_LATER};
	default:
		return judge_other(r, why);
	}
}

int64_t
answer_wait(struct slice retry_after, time_t now)
{
	uint64_t seconds;
	time_t when;

	if (num_parse(retry_after, 0, WAIT_MAX_S, &seconds) == 0)
		return (int64_t)seconds * 1000;
	if (errno == ERANGE)
		return WAIT_MAX_S * 1000;
	if (http_date_parse(retry_after, now, &when) < 0 || when <= now)
		return 0;
	if (when - now > WAIT_MAX_S)
		return WAIT_MAX_S * 1000;
	return (int64_t)(when - now) * 1000;
}
