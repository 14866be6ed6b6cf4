#include "source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/num.h"
#include "part.h"
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

/* Speeds are means over a time of about this length. */
#define MEASURE_MS 500

static const struct fetch_ops fetch_ops;

static const struct digest *
wanted(const struct source *s)
{
	return &s->order.locator.digest;
}

static void
set_state(struct source *s, enum source_state state)
{
	s->state = state;
	s->order.share->busy = state == SOURCE_BUSY;
}

static void
go_out(struct source *s)
{
	set_state(s, SOURCE_OUT);
	s->order.ops->out(s->order.owner, s);
}

static void
fail(struct source *s, enum status status, const char *text)
{
	outcome_fail(&s->outcome, status, "%s", text);
	go_out(s);
}

static void
go_idle(struct source *s)
{
	set_state(s, SOURCE_IDLE);
	s->order.ops->idle(s->order.owner, s);
}

static bool
may_restart(const struct source *s)
{
	return s->order.ops->may_restart(s->order.owner, s);
}

/* What to ask for, if what the sink has is of the file that is wanted. */
static struct answer_asked
plan(const struct source *s)
{
	const struct sink *sink = s->order.sink;
	const struct origin *o = &sink->origin;
	const struct coverage_range *range = &s->order.share->range;
	struct answer_asked asked = {0};

	if (s->anew || !sink->known ||
	    !origin_vouches(o, &s->order.locator, wanted(s)))
		return asked;
	if (range->from == 0 && range->end >= o->size)
		return asked;
	asked.ranged = true;
	asked.from = range->from;
	asked.sized = o->sized;
	asked.size = o->size;
	asked.verified = wanted(s)->known || o->digest.known;
	if (locator_same_file(&o->locator, &s->order.locator))
		asked.etag = slice_str(o->etag);
	return asked;
}

static int
add_request(struct source *s, struct buf *out)
{
	const struct locator *l = &s->order.locator;
	const struct coverage_range *range = &s->order.share->range;
	struct request request = {
	    .locator = l,
	    .accept = s->order.accept,
	};

	if (s->seed)
		return request_add_seed(out, slice_of(l->path, l->path_len));
	s->asked = plan(s);
	request.from = s->asked.from;
	request.etag = s->asked.etag;
	if (s->asked.sized && range->end < s->asked.size)
		request.end = range->end;
	return request_add(out, &request);
}

static void
attempt(struct source *s)
{
	const struct context *context = s->order.context;
	struct fetch_order order = {
	    .loop = context->loop,
	    .rate = context->rate,
	    .host = &s->order.locator.host,
	    .seed = s->seed,
	    .timeout_ms = context->settings->timeout_ms,
	    .ops = &fetch_ops,
	    .owner = s,
	};
	char mem[REQUEST_BYTES];
	struct buf request;

	buf_borrow(&request, mem, sizeof mem);
	s->answer = (struct answer){0};
	s->asked = (struct answer_asked){0};
	s->begun = false;
	s->stopped = false;
	if (add_request(s, &request) < 0)
		buf_truncate(&request, 0);
	log_debug("%s: asking from byte %" PRIu64, s->label, s->asked.from);
	fetch_start(&s->fetch, &order, buf_slice(&request));
}

void
source_fetch(struct source *s)
{
	set_state(s, SOURCE_BUSY);
	s->measured = 0;
	s->measured_at = loop_now(s->order.context->loop);
	attempt(s);
}

static void
on_rested(struct loop_timer *timer)
{
	go_idle(LOOP_OWNER(timer, struct source, rest));
}

static void
rest(struct source *s, const char *why, int64_t ms)
{
	struct loop *loop = s->order.context->loop;

	progress_break(s->order.context->progress);
	log_info(
	    "%s: %s; trying again in %.1f s", s->label, why, (double)ms / 1000);
	if (loop_timer_set(loop, &s->rest, ms) < 0) {
		fail(s, STATUS_LOCAL, strerror(errno));
		return;
	}
	set_state(s, SOURCE_RESTING);
	s->order.ops->resting(s->order.owner, s);
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
	s->too_large = part_is_full(errno) && s->answer.sized;
	if (s->too_large)
		return outcome_fail(&s->outcome, STATUS_LOCAL,
		    "no room for the %s that the peer announces: %s",
		    num_size_text(s->answer.size, size), strerror(errno));
	return fail_locally(s);
}

/* A digest that the peer states must not contradict the one that is wanted. */
static int
check_stated(struct source *s, const struct digest *stated)
{
	if (!wanted(s)->known || !stated->known || digest_eq(wanted(s), stated))
		return 0;
	return outcome_fail(&s->outcome, STATUS_MISMATCH,
	    "the peer says that its file has another digest");
}

/*
 * Whether all of the file, from its first byte on, is sent in place of a range
 * of what is known to be the same file: then the range is taken out of it.
 */
static bool
can_join(const struct source *s, const struct digest *stated)
{
	const struct sink *sink = s->order.sink;
	const struct digest *ours = &sink->origin.digest;

	if (s->anew || !sink->known || !ours->known)
		return false;
	if (sink->have == 0 && may_restart(s))
		return false;
	return digest_eq(wanted(s), ours) || digest_eq(stated, ours);
}

/* The range ends with the file, at last. */
static void
clip(struct source *s)
{
	const struct sink *sink = s->order.sink;
	struct coverage_range *range = &s->order.share->range;

	if (sink_is_sized(sink) && range->end > sink_size(sink))
		range->end = sink_size(sink);
}

/* What it has does not go with what others gave: it waits until they are out. */
static int
put_aside(struct source *s)
{
	s->answer.kind = ANSWER_ANEW;
	return -1;
}

/* While others give parts, what leads up to one would be waited for in vain. */
static int
join(struct source *s)
{
	const struct origin *o = &s->order.sink->origin;

	if (o->sized && s->answer.sized && o->size != s->answer.size)
		return put_aside(s);
	s->whole = true;
	if (s->order.share->range.from > 0 &&
	    s->order.ops->has_company(s->order.owner, s)) {
		s->stopped = true;
		return -1;
	}
	s->at = 0;
	s->begun = true;
	return 0;
}

/* o is NULL for what nobody can go on from. */
static int
restart(struct source *s, const struct origin *o)
{
	if (!may_restart(s))
		return put_aside(s);
	if (sink_restart(s->order.sink, o) < 0)
		return fail_to_begin(s);
	s->order.share->range = (struct coverage_range){0, UINT64_MAX};
	s->at = 0;
	s->anew = false;
	s->begun = true;
	return 0;
}

static int
begin_whole(struct source *s, const struct http_response *r)
{
	struct origin o;

	if (check_stated(s, &r->digest) < 0)
		return -1;
	if (can_join(s, &r->digest))
		return join(s);
	origin_describe(&o, &s->order.locator, r);
	if (!o.digest.known)
		o.digest = *wanted(s);
	return restart(s, &o);
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
	else if (!o->digest.known)
		o->digest = *wanted(s);
	o->sized = s->answer.sized;
	o->size = s->answer.sized ? s->answer.size : 0;
	s->at = s->asked.from;
	s->begun = true;
	return 0;
}

static bool
on_answer(void *owner, const struct http_response *r)
{
	struct source *s = owner;
	int result = -1;

	s->heard = true;
	s->answer = answer_judge(r, &s->asked, &s->outcome);
	log_debug("%s: answer %d", s->label, r->status);
	if (s->answer.kind == ANSWER_WHOLE)
		result = begin_whole(s, r);
	else if (s->answer.kind == ANSWER_REST)
		result = begin_rest(s, r);
	else if (s->answer.kind == ANSWER_LATER)
		s->wait_ms = answer_wait(r->retry_after, time(NULL));
	if (result < 0)
		return false;
	clip(s);
	s->order.ops->begun(s->order.owner, s);
	return true;
}

static int
begin_seed(struct source *s)
{
	const struct digest unstated = {.known = false};

	s->heard = true;
	if ((can_join(s, &unstated) ? join(s) : restart(s, NULL)) < 0)
		return -1;
	s->order.ops->begun(s->order.owner, s);
	return 0;
}

static void
measure(struct source *s, size_t n)
{
	struct share *share = s->order.share;
	int64_t now = loop_now(s->order.context->loop);
	int64_t ms = now - s->measured_at;
	uint64_t speed;

	s->measured += n;
	if (ms < MEASURE_MS)
		return;
	speed = s->measured * 1000 / (uint64_t)ms;
	share->speed = share->speed ? (share->speed + speed) / 2 : speed;
	s->measured = 0;
	s->measured_at = now;
}

/* What of data, which begins at s->at, lies in the range: that is taken. */
static struct slice
cut_to_range(const struct source *s, struct slice data)
{
	const struct coverage_range *range = &s->order.share->range;
	uint64_t skip = range->from - s->at, most = range->end - range->from;

	data = slice_skip(data, skip < data.len ? (size_t)skip : data.len);
	if (data.len > most)
		data.len = (size_t)most;
	return data;
}

static int
take(struct source *s, struct slice data)
{
	struct coverage_range *range = &s->order.share->range;
	struct slice ours;
	uint64_t end;

	if (!s->begun && begin_seed(s) < 0)
		return -1;
	if (__builtin_add_overflow(s->at, data.len, &end) ||
	    (s->answer.bounded && end > s->answer.end))
		return outcome_fail(&s->outcome, STATUS_REFUSED,
		    "the peer sends more than it announced");
	ours = cut_to_range(s, data);
	if (ours.len &&
	    sink_write(s->order.sink, range->from, ours, s->order.number) < 0)
		return fail_locally(s);
	s->at = end;
	range->from += ours.len;
	measure(s, ours.len);
	return 0;
}

/* Behind the end of its range others go on. */
static bool
on_data(void *owner, struct slice data)
{
	struct source *s = owner;
	const struct coverage_range *range = &s->order.share->range;

	if (take(s, data) < 0)
		return false;
	s->stopped = range->from >= range->end &&
	    !(s->answer.bounded && s->at == s->answer.end);
	return !s->stopped;
}

/* Whether another attempt has something to continue, or may begin again. */
static bool
can_go_on(const struct source *s)
{
	const struct digest unstated = {.known = false};

	return sink_can_restart(s->order.sink) ||
	    (!s->seed && plan(s).ranged) || can_join(s, &unstated);
}

/* Whether it has brought more than ever before. */
static bool
has_gained(struct source *s)
{
	uint64_t given = coverage_given(&s->order.sink->there, s->order.number);

	if (given <= s->best)
		return false;
	s->best = given;
	return true;
}

/* After what another attempt may mend. */
static void
retry(struct source *s, const char *why)
{
	unsigned most = s->heard ? RETRIES_HEARD : RETRIES_UNHEARD;

	if (has_gained(s))
		s->failures = s->refusals = 0;
	if (s->failures >= most || !can_go_on(s)) {
		fail(s, STATUS_NO_CONNECTION, why);
		return;
	}
	s->failures++;
	rest(s, why, (int64_t)BACK_OFF_MS << (s->failures - 1));
}

static void
retry_busy(struct source *s)
{
	int64_t ms = (int64_t)BACK_OFF_MS << s->refusals;

	if (s->wait_ms > ms)
		ms = s->wait_ms;
	if (s->refusals >= RETRIES_BUSY || ms > WAIT_MAX_MS) {
		go_out(s);
		return;
	}
	s->refusals++;
	rest(s, s->outcome.text, ms);
}

static void
retry_anew(struct source *s)
{
	s->anew = true;
	if (!may_restart(s)) {
		log_debug("%s: another file, or no parts; put aside", s->label);
		go_idle(s);
		return;
	}
	retry(s, "what was there before does not fit");
}

static void
finish_range(struct source *s)
{
	s->failures = s->refusals = 0;
	go_idle(s);
}

/* The body ended: with the file, unless that is known to be longer. */
static void
end_done(struct source *s, int error, const char *why)
{
	struct sink *sink = s->order.sink;
	const struct coverage_range *range = &s->order.share->range;

	(void)error;
	(void)why;
	if ((s->answer.bounded && s->at < s->answer.end) ||
	    (sink_is_sized(sink) && range->from < range->end)) {
		retry(s, "the peer sent less than all");
		return;
	}
	if (!sink_is_sized(sink) && s->at < range->from) {
		retry_anew(s);
		return;
	}
	if (!sink_is_sized(sink))
		sink_end(sink, s->at);
	finish_range(s);
}

/* Where a file of unknown size ends can be told by who gave what is there. */
static bool
knows_the_end(const struct source *s)
{
	const struct sink *sink = s->order.sink;

	return sink_is_sized(sink) ||
	    coverage_given(&sink->there, s->order.number) +
		coverage_given(&sink->there, SINK_EARLIER) ==
	    sink->have;
}

static void
end_stopped(struct source *s, int error, const char *why)
{
	(void)error;
	(void)why;
	if (s->stopped) {
		finish_range(s);
		return;
	}
	switch (s->answer.kind) {
	case ANSWER_COMPLETE:
		if (!knows_the_end(s)) {
			retry_anew(s);
			return;
		}
		sink_end(s->order.sink, s->asked.from);
		s->order.ops->begun(s->order.owner, s);
		finish_range(s);
		return;
	case ANSWER_LATER:
		retry_busy(s);
		return;
	case ANSWER_ANEW:
		retry_anew(s);
		return;
	default:
		go_out(s);
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
	go_out(s);
}

/* PROTOCOL.md §3: what knows nothing of HTTP hangs up on it. */
static void
speak_seed(struct source *s)
{
	const struct locator *l = &s->order.locator;

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
	    s->label);
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
	go_out(s);
}

static void
on_ended(void *owner, enum fetch_end end, int error, const char *why)
{
	struct source *s = owner;
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

	if (s->expelled)
		go_out(s);
	else
		ends[end](s, error, why);
}

static const struct fetch_ops fetch_ops = {
    .answer = on_answer,
    .data = on_data,
    .ended = on_ended,
};

struct source *
source_new(const struct source_order *order)
{
	struct source *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->order = *order;
	s->label = strdup(order->label);
	s->order.label = NULL;
	s->rest.fire = on_rested;
	if (s->label)
		return s;
	free(s);
	return NULL;
}

void
source_expel(struct source *s, const struct outcome *why)
{
	s->outcome = *why;
	if (s->state == SOURCE_BUSY) {
		s->expelled = true;
		fetch_stop(&s->fetch);
		return;
	}
	loop_timer_cancel(s->order.context->loop, &s->rest);
	set_state(s, SOURCE_OUT);
}

void
source_free(struct source *s)
{
	if (!s)
		return;
	loop_timer_cancel(s->order.context->loop, &s->rest);
	free(s->label);
	free(s);
}
