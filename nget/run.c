#include "run.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "context.h"
#include "digester.h"
#include "input.h"
#include "job.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "progress.h"
#include "rate.h"
#include "settings.h"
#include "stop.h"
#include "summary.h"
#include "target.h"
#include "turn.h"

struct run {
	struct context context;
	const struct settings *settings;
	const struct run_operands *operands;
	struct target target;
	struct rate rate;
	struct turns turns;
	struct stop stop;
	struct input *input;
	struct job **jobs; /* settings->files places */
	size_t active;
	size_t count; /* operands so far */
	size_t failed; /* the number of the first that failed, or SIZE_MAX */
	enum status status;
	struct summary summary;
	bool ended; /* there are no more operands */
};

static void
note_outcome(struct run *r, size_t number, enum status status)
{
	if (status == STATUS_OK)
		r->summary.fetched++;
	else
		r->summary.failed++;
	if (status == STATUS_OK || number >= r->failed)
		return;
	r->failed = number;
	r->status = status;
}

static void
refuse(struct run *r, size_t number, enum status status, const char *text)
{
	progress_break(r->context.progress);
	log_warnx("%s", text);
	note_outcome(r, number, status);
}

static void fill(struct run *r);

static void
on_job_done(struct job *j, void *owner, enum status status)
{
	struct run *r = owner;
	size_t i = 0;

	while (r->jobs[i] != j)
		i++;
	r->jobs[i] = NULL;
	r->active--;
	r->summary.bytes += job_bytes(j);
	note_outcome(r, job_number(j), status);
	job_free(j);
	fill(r);
}

/* What names one file can be of one locator only. */
static bool
is_one_too_many(const struct run *r)
{
	return r->count > 1 &&
	    (r->settings->output || r->settings->digest.known);
}

/* With -m, all operands but the first are sources of the one file. */
static size_t
count_others(const struct run *r)
{
	return r->settings->multiple ? r->operands->count - 1 : 0;
}

static void
start_job(struct run *r, struct slice text)
{
	const struct job_order order = {
	    .context = &r->context,
	    .number = r->count,
	    .text = text,
	    .host = r->operands->host,
	    .others = r->operands->list + 1,
	    .other_count = count_others(r),
	    .done = on_job_done,
	    .owner = r,
	};
	size_t i = 0;

	if (is_one_too_many(r)) {
		refuse(r, r->count, STATUS_USAGE,
		    "-o and --digest are for one locator only");
		return;
	}
	while (r->jobs[i])
		i++;
	r->jobs[i] = job_new(&order);
	if (r->jobs[i])
		r->active++;
	else
		refuse(r, r->count, STATUS_LOCAL, strerror(errno));
}

/* Start what there is room for; without anything left, end. */
static void
fill(struct run *r)
{
	enum input_result result = INPUT_TEXT;
	struct slice text;

	while (!r->ended && r->active < r->settings->files &&
	    result != INPUT_LATER) {
		result = input_next(r->input, &text);
		r->ended = result == INPUT_END;
		if (result != INPUT_LATER && result != INPUT_END)
			r->count++;
		if (result == INPUT_TEXT)
			start_job(r, text);
		if (result == INPUT_BAD)
			refuse(r, r->count, STATUS_USAGE, text.ptr);
		if (result == INPUT_BROKEN)
			refuse(r, r->count, STATUS_LOCAL, text.ptr);
	}
	if (r->ended && r->active == 0)
		loop_stop(r->context.loop);
}

static void
on_more(void *arg)
{
	fill(arg);
}

static int
open_input(struct run *r)
{
	const struct run_operands *operands = r->operands;

	if (operands->from_stdin)
		r->input = input_of_stdin(r->context.loop, on_more, r);
	else
		r->input = input_of_operands(
		    operands->list, operands->count - count_others(r));
	r->jobs = calloc(r->settings->files, sizeof *r->jobs);
	return r->input && r->jobs ? 0 : -1;
}

/* Returns 0, or -1 with the status, after having said why. */
static int
open_all(struct run *r)
{
	struct outcome why;

	if (target_open(&r->target, r->settings->directory, r->settings->output,
		&why)) {
		log_warnx("%s", why.text);
		r->status = why.status;
		return -1;
	}
	r->context.target = &r->target;
	r->context.loop = r->turns.loop = loop_new();
	if (r->context.loop)
		r->context.digesters = digesters_new(r->context.loop);
	if (!r->context.digesters || open_input(r) < 0) {
		log_warn("cannot begin");
		r->status = STATUS_LOCAL;
		return -1;
	}
	if (!r->settings->quiet && !isatty(r->target.stream))
		r->context.progress = progress_new(r->context.loop);
	return 0;
}

static void
close_all(struct run *r)
{
	progress_free(r->context.progress);
	input_free(r->input);
	free(r->jobs);
	digesters_free(r->context.digesters);
	loop_free(r->context.loop);
	target_close(&r->target);
}

/* For who has watched several files come. */
static void
tell_summary(struct run *r, int64_t ms)
{
	char mem[256];
	struct buf text;

	if (!r->context.progress || r->count < 2)
		return;
	r->summary.ms = ms;
	progress_break(r->context.progress);
	buf_borrow(&text, mem, sizeof mem);
	if (summary_add(&text, &r->summary) == 0)
		log_info("%.*s", (int)buf_len(&text), mem);
}

static void
interrupt(struct run *r)
{
	for (size_t i = 0; i < r->settings->files; i++)
		if (r->jobs[i])
			job_interrupt(r->jobs[i]);
	progress_free(r->context.progress);
	stop_die(&r->stop);
}

/*
 * What goes to a stream has nothing to be saved: signals end it at once, even
 * while the reader keeps us waiting.
 */
static int
loop_until_done(struct run *r)
{
	bool stoppable = r->target.stream < 0;
	int64_t began = clock_ms();

	if (stoppable && stop_open(&r->stop, r->context.loop) < 0)
		return -1;
	fill(r);
	if (loop_run(r->context.loop) < 0)
		return -1;
	if (stoppable && r->stop.signal)
		interrupt(r);
	if (stoppable)
		stop_close(&r->stop);
	tell_summary(r, clock_ms() - began);
	return 0;
}

enum status
run(const struct settings *settings, const struct run_operands *operands)
{
	struct run r = {
	    .settings = settings,
	    .operands = operands,
	    .rate.limit = settings->rate,
	    .failed = SIZE_MAX,
	};

	r.context.settings = settings;
	r.context.rate = &r.rate;
	r.context.turns = &r.turns;
	if (open_all(&r) == 0 && loop_until_done(&r) < 0) {
		log_warn("event loop");
		r.status = STATUS_LOCAL;
	} else if (r.ended && r.count == 0) {
		log_warnx("no locator given; try --help");
		r.status = STATUS_USAGE;
	}
	close_all(&r);
	return r.status;
}
