#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/num.h"
#include "progress.h"
#include "request.h"
#include "settings.h"
#include "sink.h"

#define REQUEST_BYTES 16384

/* How often a peer is asked again that has sent something, or has not. */
#define RETRIES_HEARD 3
#define RETRIES_UNHEARD 1
#define RETRIES_BUSY 3

#define BACK_OFF_MS 500

/* A peer that wants us to wait longer is as good as one that refuses. */
#define WAIT_MAX_MS 60000

static const struct fetch_ops fetch_ops;

static void
done(struct source *s)
{
	s->order.done(s->order.owner, &s->outcome);
}

static void
fail(struct source *s, enum status status, const char *text)
{
	outcome_fail(&s->outcome, status, "%s", text);
	done(s);
}

static bool
is_same_host(const struct locator *a, const struct locator *b)
{
	return a->host.port == b->host.port &&
	    !strcmp(a->host.name, b->host.name);
}

/* What to go on from, if what the sink has is of the file that is wanted. */
static struct answer_asked
plan(const struct source *s)
{
	const struct sink *sink = s->order.sink;
	const struct origin *o = &sink->origin;
	struct answer_asked asked = {0};

	if (s->anew || sink->have == 0 || !sink->known)
		return asked;
	if (!origin_vouches(o, s->order.locator, &s->order.want))
		return asked;
	asked.from = sink->have;
	asked.sized = o->sized;
	asked.size = o->size;
	if (is_same_host(&o->locator, s->order.locator))
		asked.etag = slice_str(o->etag);
	return asked;
}

static int
add_request(struct source *s, struct buf *out)
{
	const struct locator *l = s->order.locator;
	struct request request = {
	    .locator = l,
	    .accept = s->order.accept,
	};

	if (s->seed)
		return request_add_seed(out, slice_of(l->path, l->path_len));
	s->asked = plan(s);
	request.from = s->asked.from;
	request.etag = s->asked.etag;
	return request_add(out, &request);
}

static void
attempt(struct source *s)
{
	const struct context *context = s->order.context;
	struct fetch_order order = {
	    .loop = context->loop,
	    .rate = context->rate,
	    .host = &s->order.locator->host,
	    .seed = s->seed,
	    .timeout_ms = context->settings->timeout_ms,
	    .ops = &fetch_ops,
	    .owner = s,
	};
	char mem[REQUEST_BYTES];
	struct buf request;

	buf_borrow(&request, mem, sizeof mem);
	s->answer = (struct answer){0};
	s->begun = false;
	if (add_request(s, &request) < 0)
		buf_truncate(&request, 0);
	log_debug(
	    "%s: asking from byte %" PRIu64, s->order.label, s->asked.from);
	fetch_start(&s->fetch, &order, buf_slice(&request));
}

static void
on_retry(struct loop_timer *timer)
{
	attempt(LOOP_OWNER(timer, struct source, retry));
}

void
source_start(struct source *s, const struct source_order *order)
{
	*s = (struct source){
	    .order = *order,
	    .best = order->sink->have,
	    .inherited = order->sink->have > 0,
	};
	s->retry.fire = on_retry;
	attempt(s);
}

/* Writing to a reader that has left needs no word. */
static int
fail_locally(struct source *s)
{
	if (errno == EPIPE)
		return outcome_fail(&s->outcome, STATUS_LOCAL, "%s", "");
	return outcome_fail(&s->outcome, STATUS_LOCAL, "%s", strerror(errno));
}

static int
fail_to_begin(struct source *s)
{
	char size[NUM_SIZE_TEXT];

	if (errno == ESPIPE)
		return outcome_fail(&s->outcome, STATUS_NO_CONNECTION,
		    "cut short, and what was written cannot be taken back");
	if ((errno == ENOSPC || errno == EFBIG) && s->answer.sized)
		return outcome_fail(&s->outcome, STATUS_LOCAL,
		    "no room for the %s that the peer announces: %s",
		    num_size_text(s->answer.size, size), strerror(errno));
	return fail_locally(s);
}

/* A digest that the peer states must not contradict the one that is wanted. */
static int
check_stated(struct source *s, const struct digest *stated)
{
	if (!s->order.want.known || !stated->known ||
	    digest_eq(&s->order.want, stated))
		return 0;
	return outcome_fail(&s->outcome, STATUS_MISMATCH,
	    "the peer says that its file has another digest");
}

static int
begin_whole(struct source *s, const struct http_response *r)
{
	struct origin o;

	if (check_stated(s, &r->digest) < 0)
		return -1;
	origin_describe(&o, s->order.locator, r);
	if (!o.digest.known)
		o.digest = s->order.want;
	if (sink_restart(s->order.sink, &o) < 0)
		return fail_to_begin(s);
	s->anew = false;
	s->inherited = false;
	s->begun = true;
	return 0;
}

/* The bytes before and the rest must be of one file. */
static int
begin_rest(struct source *s, const struct http_response *r)
{
	struct origin *o = &s->order.sink->origin;

	if (check_stated(s, &r->digest) < 0)
		return -1;
	if (r->digest.known && o->digest.known &&
	    !digest_eq(&r->digest, &o->digest)) {
		s->answer.kind = ANSWER_ANEW;
		return -1;
	}
	if (r->digest.known)
		o->digest = r->digest;
	o->sized = s->answer.sized;
	o->size = s->answer.sized ? s->answer.size : 0;
	s->begun = true;
	return 0;
}

static bool
on_answer(void *owner, const struct http_response *r)
{
	struct source *s = owner;

	s->heard = true;
	s->answer = answer_judge(r, &s->asked, &s->outcome);
	log_debug("%s: answer %d", s->order.label, r->status);
	switch (s->answer.kind) {
	case ANSWER_WHOLE:
		return begin_whole(s, r) == 0;
	case ANSWER_REST:
		return begin_rest(s, r) == 0;
	case ANSWER_LATER:
		s->wait_ms = answer_wait(r->retry_after, time(NULL));
		return false;
	default:
		return false;
	}
}

static int
begin_seed(struct source *s)
{
	s->heard = true;
	s->begun = true;
	s->inherited = false;
	return sink_restart(s->order.sink, NULL) < 0 ? fail_to_begin(s) : 0;
}

static int
take(struct source *s, struct slice data)
{
	struct sink *sink = s->order.sink;
	uint64_t end;

	if (!s->begun && begin_seed(s) < 0)
		return -1;
	if (__builtin_add_overflow(sink->have, data.len, &end) ||
	    (s->answer.bounded && end > s->answer.end))
		return outcome_fail(&s->outcome, STATUS_REFUSED,
		    "the peer sends more than it announced");
	return sink_write(sink, data) < 0 ? fail_locally(s) : 0;
}

static bool
on_data(void *owner, struct slice data)
{
	return take(owner, data) == 0;
}

static void
wait_and_retry(struct source *s, const char *why, int64_t ms)
{
	progress_break(s->order.context->progress);
	log_info("%s: %s; trying again in %.1f s", s->order.label, why,
	    (double)ms / 1000);
	if (loop_timer_set(s->order.context->loop, &s->retry, ms) < 0)
		fail(s, STATUS_LOCAL, strerror(errno));
}

/* Whether another attempt has something to continue, or may begin again. */
static bool
can_go_on(const struct source *s)
{
	return sink_can_restart(s->order.sink) || (!s->seed && plan(s).from);
}

/* After what another attempt may mend. */
static void
retry(struct source *s, const char *why)
{
	unsigned most = s->heard ? RETRIES_HEARD : RETRIES_UNHEARD;
	uint64_t have = s->order.sink->have;

	if (have > s->best) {
		s->best = have;
		s->failures = 0;
	}
	if (s->failures >= most || !can_go_on(s)) {
		fail(s, STATUS_NO_CONNECTION, why);
		return;
	}
	wait_and_retry(s, why, (int64_t)BACK_OFF_MS << s->failures);
	s->failures++;
}

static void
retry_busy(struct source *s)
{
	int64_t ms = (int64_t)BACK_OFF_MS << s->refusals;

	if (s->wait_ms > ms)
		ms = s->wait_ms;
	if (s->refusals >= RETRIES_BUSY || ms > WAIT_MAX_MS) {
		done(s);
		return;
	}
	s->refusals++;
	wait_and_retry(s, s->outcome.text, ms);
}

/* What another peer or the disk has spoiled is not this peer's fault. */
static void
start_over(struct source *s)
{
	s->inherited = false;
	s->anew = true;
	s->best = 0;
	s->failures = 0;
	progress_break(s->order.context->progress);
	log_info("%s: what was there before does not fit; starting again",
	    s->order.label);
	attempt(s);
}

/* The content is all there: is it what it should be? */
static void
verify(struct source *s)
{
	struct sink *sink = s->order.sink;
	const struct digest *want = s->order.want.known ? &s->order.want
							: &sink->origin.digest;
	struct digest got;
	char hex[DIGEST_HEX + 1];

	s->outcome = (struct outcome){.status = STATUS_OK};
	if (want->known) {
		sink_digest(sink, &got);
		sink->spoiled = !digest_eq(want, &got);
	}
	if (sink->spoiled && s->inherited) {
		start_over(s);
		return;
	}
	if (sink->spoiled) {
		num_hex(got.bytes, DIGEST_BYTES, hex);
		outcome_fail(&s->outcome, STATUS_MISMATCH,
		    "digest mismatch: what arrived has sha256:%s", hex);
	}
	done(s);
}

static void
end_done(struct source *s, int error, const char *why)
{
	uint64_t have = s->order.sink->have;

	(void)error;
	(void)why;
	if ((s->answer.bounded && have < s->answer.end) ||
	    (s->answer.sized && have < s->answer.size))
		retry(s, "the peer sent less than all");
	else
		verify(s);
}

static void
end_stopped(struct source *s, int error, const char *why)
{
	(void)error;
	(void)why;
	switch (s->answer.kind) {
	case ANSWER_COMPLETE:
		verify(s);
		return;
	case ANSWER_LATER:
		retry_busy(s);
		return;
	case ANSWER_ANEW:
		s->anew = true;
		retry(s, "what was there before does not fit");
		return;
	default:
		done(s);
	}
}

static void
end_unreached(struct source *s, int error, const char *why)
{
	(void)error;
	if (s->heard) {
		retry(s, why);
		return;
	}
	outcome_fail(
	    &s->outcome, STATUS_NO_CONNECTION, "no connection: %s", why);
	done(s);
}

/* PROTOCOL.md §3: what knows nothing of HTTP hangs up on it. */
static void
speak_seed(struct source *s)
{
	const struct locator *l = s->order.locator;

	if (s->order.accept) {
		fail(s, STATUS_REFUSED,
		    "the peer does not speak HTTP and cannot list its files");
		return;
	}
	if (!request_seed_takes(slice_of(l->path, l->path_len))) {
		fail(s, STATUS_REFUSED,
		    "the peer does not speak HTTP, and what it speaks cannot "
		    "carry this name");
		return;
	}
	s->seed = true;
	progress_break(s->order.context->progress);
	log_info("%s: the peer does not speak HTTP; asking with a plain GET",
	    s->order.label);
	attempt(s);
}

static void
end_silent(struct source *s, int error, const char *why)
{
	bool hung_up = error == 0 || error == ECONNRESET || error == EPIPE;

	if (s->seed && error == 0)
		fail(s, STATUS_NOT_FOUND, "not found (the peer sent nothing)");
	else if (s->seed || s->heard || !hung_up)
		retry(s, why);
	else
		speak_seed(s);
}

static void
end_cut(struct source *s, int error, const char *why)
{
	(void)error;
	retry(s, why);
}

static void
end_malformed(struct source *s, int error, const char *why)
{
	(void)error;
	outcome_fail(&s->outcome, STATUS_REFUSED,
	    "the peer's answer is no use: %s", why);
	done(s);
}

static void
on_ended(void *owner, enum fetch_end end, int error, const char *why)
{
	static void (*const ends[])(
	    struct source * s, int error, const char *why) = {
	    [FETCH_DONE] = end_done,
	    [FETCH_STOPPED] = end_stopped,
	    [FETCH_UNREACHED] = end_unreached,
	    [FETCH_SILENT] = end_silent,
	    [FETCH_CUT] = end_cut,
	    [FETCH_STALLED] = end_cut,
	    [FETCH_MALFORMED] = end_malformed,
	};

	ends[end](owner, error, why);
}

static const struct fetch_ops fetch_ops = {
    .answer = on_answer,
    .data = on_data,
    .ended = on_ended,
};
