#include "source_state.h"

#include <errno.h>

#include "context.h"
#include "lib/log.h"
#include "progress.h"
#include "request.h"
#include "sink.h"

/* How often a peer is asked again that has sent something, or has not. */
#define RETRIES_HEARD 3
#define RETRIES_UNHEARD 1
#define RETRIES_BUSY 3

#define BACK_OFF_MS 500

/* A peer that wants us to wait longer is as good as one that refuses. */
#define WAIT_MAX_MS 60000

/* Whether another attempt has something to continue, or may begin again. */
static bool
can_go_on(const struct source *s)
{
	const struct digest unstated = {.known = false};

	return sink_can_restart(s->order.sink) ||
	    (!s->seed && source_plan(s).ranged) ||
	    source_can_join(s, &unstated);
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
		source_fail(s, STATUS_NO_CONNECTION, why);
		return;
	}
	s->failures++;
	source_rest(s, why, (int64_t)BACK_OFF_MS << (s->failures - 1));
}

static void
retry_busy(struct source *s)
{
	int64_t ms = (int64_t)BACK_OFF_MS << s->refusals;

	if (s->wait_ms > ms)
		ms = s->wait_ms;
	if (s->refusals >= RETRIES_BUSY || ms > WAIT_MAX_MS) {
		source_go_out(s);
		return;
	}
	s->refusals++;
	source_rest(s, s->outcome.text, ms);
}

static void
retry_anew(struct source *s)
{
	s->anew = true;
	if (!source_may_restart(s)) {
		log_debug("%s: another file, or no parts; put aside", s->label);
		source_go_idle(s);
		return;
	}
	retry(s, "what was there before does not fit");
}

static void
finish_range(struct source *s)
{
	s->failures = s->refusals = 0;
	source_go_idle(s);
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
		source_go_out(s);
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
	source_go_out(s);
}

/* naputils(7), PEERS, Clients: what knows nothing of HTTP hangs up on it. */
static void
speak_seed(struct source *s)
{
	const struct locator *l = &s->order.locator;

	if (s->order.accept) {
		source_fail(s, STATUS_REFUSED,
		    "the peer does not speak HTTP and cannot list its files");
		return;
	}
	if (!request_seed_takes(slice_of(l->path, l->path_len))) {
		source_fail(s, STATUS_REFUSED,
		    "the peer does not speak HTTP, and what it speaks cannot "
		    "carry this name");
		return;
	}
	s->seed = true;
	progress_break(s->order.context->progress);
	log_info("%s: the peer does not speak HTTP; asking with a plain GET",
	    s->label);
	source_attempt(s);
}

static void
end_silent(struct source *s, int error, const char *why)
{
	bool hung_up = error == 0 || error == ECONNRESET || error == EPIPE;

	if (s->seed && error == 0)
		source_fail(
		    s, STATUS_NOT_FOUND, "not found (the peer sent nothing)");
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
	source_go_out(s);
}

void
source_ended(void *owner, enum fetch_end end, int error, const char *why)
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
		source_go_out(s);
	else
		ends[end](s, error, why);
}
