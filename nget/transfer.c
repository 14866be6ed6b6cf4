#include "transfer_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "holders.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "progress.h"
#include "settings.h"
#include "shares.h"
#include "sink.h"
#include "source.h"

#define LABEL_BYTES (3 * LOCATOR_PATH_BYTES + LOCATOR_HOST_BYTES + 16)

/* A file is large from here on: several of those that have it are asked. */
#define LARGE_BYTES (64 * 1024 * 1024)
#define LARGE_SOURCES 8

static const struct source_ops source_ops;

static const struct settings *
settings_of(const struct transfer *t)
{
	return t->order.context->settings;
}

static size_t
count_in_state(const struct transfer *t, enum source_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += t->sources[i]->state == state;
	return n;
}

static void
report_when_quiet(struct transfer *t)
{
	if (count_in_state(t, SOURCE_BUSY) == 0)
		loop_defer(t->order.context->loop, &t->report);
}

static void
on_report(struct loop_task *task)
{
	struct transfer *t = LOOP_OWNER(task, struct transfer, report);

	t->order.done(t->order.owner, &t->outcome);
}

void
transfer_finish(struct transfer *t, const struct outcome *outcome)
{
	const struct outcome unneeded = {.status = STATUS_OK};

	t->over = true;
	t->outcome = *outcome;
	holders_free(t->holders);
	t->holders = NULL;
	for (size_t i = 0; i < t->count; i++)
		if (t->sources[i]->state != SOURCE_OUT)
			source_expel(t->sources[i], &unneeded);
	report_when_quiet(t);
}

void
transfer_fail(struct transfer *t)
{
	struct outcome outcome;

	outcome_fail(&outcome, STATUS_LOCAL, "%s", strerror(errno));
	transfer_finish(t, &outcome);
}

static int
add_source(struct transfer *t, const struct locator *l, const char *label)
{
	const struct source_order order = {
	    .context = t->order.context,
	    .locator = *l,
	    .label = label,
	    .accept = t->order.accept,
	    .sink = t->order.sink,
	    .share = t->shares + t->count,
	    .number = (unsigned)t->count,
	    .ops = &source_ops,
	    .owner = t,
	};
	struct source *s = source_new(&order);

	if (!s)
		return -1;
	t->sources[t->count++] = s;
	return 0;
}

static int
add_labelled(struct transfer *t, const struct locator *l)
{
	char mem[LABEL_BYTES];
	struct buf label;

	buf_borrow(&label, mem, sizeof mem);
	if (locator_add(&label, l, false) < 0 || buf_add(&label, "", 1) < 0)
		return -1;
	return add_source(t, l, mem);
}

void
transfer_say(struct transfer *t, const char *label, const char *what)
{
	progress_break(t->order.context->progress);
	log_info("%s: %s", label, what);
}

/* Where more than one is at it, gaps come about. */
static bool
may_join_in(const struct transfer *t, size_t busy)
{
	const struct sink *sink = t->order.sink;
	bool all = settings_of(t)->multiple;

	if (busy == 0)
		return true;
	if (t->keeper != TRANSFER_NOBODY || !t->begun || !t->digest.known)
		return false;
	if (!sink_is_sized(sink) || (!all && sink_size(sink) <= LARGE_BYTES))
		return false;
	return (all || busy < LARGE_SOURCES) && !sink->ops->once;
}

static bool
find_range(struct transfer *t, size_t i, struct coverage_range *range)
{
	const struct sink *sink = t->order.sink;
	struct shares shares = {
	    .there = &sink->there,
	    .size = sink_is_sized(sink) ? sink_size(sink) : UINT64_MAX,
	    .may_split = true,
	    .list = t->shares,
	    .count = t->count,
	};

	*range = (struct coverage_range){sink->have, UINT64_MAX};
	if (sink_is_complete(sink))
		return true;
	return shares_next(&shares, t->shares[i].speed, range);
}

/* Send a source for what is missing. Whether there was something for it. */
static bool
send(struct transfer *t, size_t i)
{
	struct source *s = t->sources[i];
	size_t busy = count_in_state(t, SOURCE_BUSY);
	struct coverage_range range;

	if (!may_join_in(t, busy) || !find_range(t, i, &range))
		return false;
	if (busy > 0 && sink_scatter(t->order.sink) < 0)
		return false;
	t->last = i;
	t->shares[i].range = range;
	source_fetch(s);
	return true;
}

/* Whether one is left that goes with what is there. */
static bool
one_fits(const struct transfer *t, size_t but)
{
	for (size_t i = 0; i < t->count; i++)
		if (i != but && t->sources[i]->state != SOURCE_OUT &&
		    !t->sources[i]->anew)
			return true;
	return false;
}

static bool
may_be_sent(const struct transfer *t, size_t i)
{
	bool kept = t->keeper != TRANSFER_NOBODY &&
	    t->sources[t->keeper]->state != SOURCE_OUT;

	const struct source *s = t->sources[i];
	bool busy = count_in_state(t, SOURCE_BUSY) > 0;

	if (s->state != SOURCE_IDLE || (kept && i != t->keeper))
		return false;
	return !(s->whole && busy) && !(s->anew && (busy || one_fits(t, i)));
}

static void
on_found(void *owner, const struct locator *l)
{
	struct transfer *t = owner;
	struct locator with_digest = *l;

	with_digest.digest = t->digest;
	for (size_t i = 0; i < t->count; i++)
		if (locator_same_file(&t->sources[i]->order.locator, l))
			return;
	if (t->count == TRANSFER_SOURCES || add_labelled(t, &with_digest) < 0)
		return;
	transfer_pump(t);
}

static void
on_asked(void *owner)
{
	struct transfer *t = owner;

	holders_free(t->holders);
	t->holders = NULL;
	transfer_pump(t);
}

void
transfer_ask(struct transfer *t)
{
	const struct holders_order order = {
	    .loop = t->order.context->loop,
	    .indexes = &settings_of(t)->indexes,
	    .digest = t->digest,
	    .timeout_ms = settings_of(t)->timeout_ms,
	    .found = on_found,
	    .over = on_asked,
	    .owner = t,
	};

	if (t->asked || !order.digest.known || t->order.accept)
		return;
	t->asked = true;
	t->holders = holders_ask(&order);
}

void
transfer_give_up(struct transfer *t)
{
	struct outcome outcome = t->sources[0]->outcome;

	if (t->told && !settings_of(t)->quiet)
		*outcome.text = '\0';
	transfer_finish(t, &outcome);
}

/* What is there counts when it can be verified, or when a peer agrees. */
static bool
is_complete(const struct transfer *t)
{
	return sink_is_complete(t->order.sink) && (t->begun || t->digest.known);
}

/* For people: the one that is busy, or how many are. */
static void
note_senders(struct transfer *t)
{
	size_t busy = count_in_state(t, SOURCE_BUSY);
	struct buf text;

	if (busy > 1)
		snprintf(t->senders, sizeof t->senders, "%zu peers", busy);
	if (busy != 1)
		return;
	buf_borrow(&text, t->senders, sizeof t->senders);
	for (size_t i = 0; i < t->count; i++)
		if (t->sources[i]->state == SOURCE_BUSY)
			locator_host_add(
			    &text, &t->sources[i]->order.locator.host);
	buf_add(&text, "", 1);
}

void
transfer_pump(struct transfer *t)
{
	if (t->over || t->verifying)
		return;
	if (is_complete(t)) {
		if (count_in_state(t, SOURCE_BUSY) == 0)
			transfer_verify(t);
		return;
	}
	for (size_t i = 0; i < t->count; i++)
		if (may_be_sent(t, i))
			send(t, i);
	note_senders(t);
	if (count_in_state(t, SOURCE_OUT) < t->count || t->holders)
		return;
	transfer_give_up(t);
}

/* That another takes somebody's place is said once it does, and why, if first. */
static void
tell_change(struct transfer *t, const struct source *s)
{
	const struct source *first = t->sources[0];
	bool alone = count_in_state(t, SOURCE_BUSY) == 1;

	if (!alone || s->order.number == t->speaker)
		return;
	if (first->state == SOURCE_OUT && !t->told) {
		t->told = true;
		transfer_say(t, first->label, first->outcome.text);
	}
	t->speaker = s->order.number;
	transfer_say(t, s->label, "going on from there");
}

/* Those that came with no digest of their own have this one or are no use. */
static void
on_begun(void *owner, struct source *s)
{
	struct transfer *t = owner;
	const struct digest *stated = &t->order.sink->origin.digest;

	t->begun = true;
	tell_change(t, s);
	if (!t->order.locators[0].digest.known)
		t->digest = stated->known ? *stated : s->order.locator.digest;
	for (size_t i = 1; i < t->count; i++)
		if (!t->sources[i]->order.locator.digest.known)
			t->sources[i]->order.locator.digest = t->digest;
	if (may_join_in(t, 1) && sink_size(t->order.sink) > LARGE_BYTES)
		transfer_ask(t);
	transfer_pump(t);
}

static void
on_idle(void *owner, struct source *s)
{
	(void)s;
	transfer_pump(owner);
}

static void
on_resting(void *owner, struct source *s)
{
	struct transfer *t = owner;

	(void)s;
	if (t->over) {
		report_when_quiet(t);
		return;
	}
	transfer_ask(t);
	transfer_pump(t);
}

/* Of those that nobody has named, only what they are guilty of. */
static void
tell_failure(struct transfer *t, const struct source *s)
{
	size_t i = s->order.number;

	if (i > 0 &&
	    (i < t->order.count || s->outcome.status == STATUS_MISMATCH))
		transfer_say(t, s->label, s->outcome.text);
	else
		log_debug("%s: %s", s->label, s->outcome.text);
}

static void
on_out(void *owner, struct source *s)
{
	struct transfer *t = owner;

	if (t->over) {
		report_when_quiet(t);
		return;
	}
	if (s->outcome.status == STATUS_LOCAL && !s->too_large) {
		transfer_finish(t, &s->outcome);
		return;
	}
	transfer_ask(t);
	tell_failure(t, s);
	transfer_pump(t);
}

static bool
has_company(void *owner, const struct source *s)
{
	return count_in_state(owner, SOURCE_BUSY) > (s->state == SOURCE_BUSY);
}

static bool
may_restart(void *owner, const struct source *s)
{
	const struct transfer *t = owner;

	return !has_company(owner, s) &&
	    (t->order.sink->have == 0 || !one_fits(t, s->order.number));
}

static const struct source_ops source_ops = {
    .begun = on_begun,
    .idle = on_idle,
    .resting = on_resting,
    .out = on_out,
    .has_company = has_company,
    .may_restart = may_restart,
};

static int
add_all(struct transfer *t)
{
	if (add_source(t, t->order.locators, t->order.label) < 0)
		return -1;
	for (size_t i = 1; i < t->order.count; i++)
		if (add_labelled(t, t->order.locators + i) < 0)
			return -1;
	return 0;
}

struct transfer *
transfer_start(const struct transfer_order *order)
{
	struct transfer *t;

	if (order->count > TRANSFER_SOURCES) {
		errno = EINVAL;
		return NULL;
	}
	t = calloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->order = *order;
	t->digest = order->locators[0].digest;
	if (!t->digest.known)
		t->digest = order->sink->origin.digest;
	t->keeper = TRANSFER_NOBODY;
	t->report.run = on_report;
	if (add_all(t) < 0) {
		transfer_free(t);
		return NULL;
	}
	transfer_pump(t);
	return t;
}

const char *
transfer_senders(const struct transfer *t)
{
	return t->senders;
}

void
transfer_free(struct transfer *t)
{
	if (!t)
		return;
	holders_free(t->holders);
	for (size_t i = 0; i < t->count; i++)
		source_free(t->sources[i]);
	free(t);
}
