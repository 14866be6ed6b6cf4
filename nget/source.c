#include "source_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "lib/log.h"
#include "progress.h"
#include "request.h"
#include "settings.h"
#include "sink.h"

#define REQUEST_BYTES 16384

static const struct fetch_ops fetch_ops = {
    .answer = source_answer,
    .data = source_data,
    .ended = source_ended,
};

const struct digest *
source_wanted(const struct source *s)
{
	return &s->order.locator.digest;
}

static void
set_state(struct source *s, enum source_state state)
{
	s->state = state;
	s->order.share->busy = state == SOURCE_BUSY;
}

void
source_go_out(struct source *s)
{
	set_state(s, SOURCE_OUT);
	s->order.ops->out(s->order.owner, s);
}

void
source_fail(struct source *s, enum status status, const char *text)
{
	outcome_fail(&s->outcome, status, "%s", text);
	source_go_out(s);
}

void
source_go_idle(struct source *s)
{
	set_state(s, SOURCE_IDLE);
	s->order.ops->idle(s->order.owner, s);
}

bool
source_may_restart(const struct source *s)
{
	return s->order.ops->may_restart(s->order.owner, s);
}

struct answer_asked
source_plan(const struct source *s)
{
	const struct sink *sink = s->order.sink;
	const struct origin *o = &sink->origin;
	const struct coverage_range *range = &s->order.share->range;
	struct answer_asked asked = {0};

	if (s->anew || !sink->known ||
	    !origin_vouches(o, &s->order.locator, source_wanted(s)))
		return asked;
	if (range->from == 0 && range->end >= o->size)
		return asked;
	asked.ranged = true;
	asked.from = range->from;
	asked.sized = o->sized;
	asked.size = o->size;
	asked.verified = source_wanted(s)->known || o->digest.known;
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
	s->asked = source_plan(s);
	request.from = s->asked.from;
	request.etag = s->asked.etag;
	if (s->asked.sized && range->end < s->asked.size)
		request.end = range->end;
	return request_add(out, &request);
}

void
source_attempt(struct source *s)
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
	source_attempt(s);
}

static void
on_rested(struct loop_timer *timer)
{
	source_go_idle(LOOP_OWNER(timer, struct source, rest));
}

void
source_rest(struct source *s, const char *why, int64_t ms)
{
	struct loop *loop = s->order.context->loop;

	progress_break(s->order.context->progress);
	log_info(
	    "%s: %s; trying again in %.1f s", s->label, why, (double)ms / 1000);
	if (loop_timer_set(loop, &s->rest, ms) < 0) {
		source_fail(s, STATUS_LOCAL, strerror(errno));
		return;
	}
	set_state(s, SOURCE_RESTING);
	s->order.ops->resting(s->order.owner, s);
}

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
