#include "source_state.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "context.h"
#include "lib/http.h"
#include "lib/log.h"
#include "lib/num.h"
#include "part.h"
#include "sink.h"

/* Speeds are means over a time of about this length. */
#define MEASURE_MS 500

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
	if (!source_wanted(s)->known || !stated->known ||
	    digest_eq(source_wanted(s), stated))
		return 0;
	return outcome_fail(&s->outcome, STATUS_MISMATCH,
	    "the peer says that its file has another digest");
}

bool
source_can_join(const struct source *s, const struct digest *stated)
{
	const struct sink *sink = s->order.sink;
	const struct digest *ours = &sink->origin.digest;

	if (s->anew || !sink->known || !ours->known)
		return false;
	if (sink->have == 0 && source_may_restart(s))
		return false;
	return digest_eq(source_wanted(s), ours) || digest_eq(stated, ours);
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
	if (!source_may_restart(s))
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
	if (source_can_join(s, &r->digest))
		return join(s);
	origin_describe(&o, &s->order.locator, r);
	if (!o.digest.known)
		o.digest = *source_wanted(s);
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
		o->digest = *source_wanted(s);
	o->sized = s->answer.sized;
	o->size = s->answer.sized ? s->answer.size : 0;
	s->at = s->asked.from;
	s->begun = true;
	return 0;
}

bool
source_answer(void *owner, const struct http_response *r)
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
	if ((source_can_join(s, &unstated) ? join(s) : restart(s, NULL)) < 0)
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
bool
source_data(void *owner, struct slice data)
{
	struct source *s = owner;
	const struct coverage_range *range = &s->order.share->range;

	if (take(s, data) < 0)
		return false;
	s->stopped = range->from >= range->end &&
	    !(s->answer.bounded && s->at == s->answer.end);
	return !s->stopped;
}
