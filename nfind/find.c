#include "find.h"

#include <errno.h>
#include <stdlib.h>

#include "answer.h"
#include "ask.h"
#include "lib/clock.h"
#include "lib/indexes.h"
#include "lib/log.h"
#include "lib/loop.h"

struct find {
	struct loop_timer deadline;
	struct loop *loop;
	struct ask **asks;
	size_t count;
	size_t left; /* asks that are not over */
};

static void
on_over(void *arg)
{
	struct find *f = arg;

	if (--f->left == 0)
		loop_stop(f->loop);
}

static void
on_wake(void *arg)
{
	struct find *f = arg;

	for (size_t i = 0; i < f->count; i++)
		if (f->asks[i])
			ask_wake(f->asks[i]);
}

static void
on_deadline(struct loop_timer *timer)
{
	struct find *f = LOOP_OWNER(timer, struct find, deadline);

	for (size_t i = 0; i < f->count; i++)
		if (f->asks[i])
			ask_late(f->asks[i]);
}

static void
start(struct find *f, const struct indexes *indexes, int64_t timeout_ms,
    struct answer *answers)
{
	struct ask_spec spec = {
	    .loop = f->loop,
	    .deadline = clock_ms() + timeout_ms,
	    .over = on_over,
	    .arg = f,
	};

	for (size_t i = 0; i < f->count; i++) {
		spec.index = &indexes->list[i];
		spec.answer = &answers[i];
		f->asks[i] = ask_new(&spec);
		if (!f->asks[i]) {
			answer_fail(&answers[i], "out of memory");
			on_over(f);
		}
	}
}

/* What there must be before anybody is asked. 0, or -1 with errno. */
static int
prepare(struct find *f, int64_t timeout_ms)
{
	f->loop = loop_new();
	f->asks = calloc(f->count, sizeof *f->asks);
	if (f->loop && f->asks &&
	    loop_timer_set(f->loop, &f->deadline, timeout_ms) == 0)
		return 0;
	loop_free(f->loop);
	free(f->asks);
	return -1;
}

/* A look-up that goes on keeps what it needs until the process ends. */
static void
tidy(struct find *f)
{
	bool idle = true;

	loop_timer_cancel(f->loop, &f->deadline);
	for (size_t i = 0; i < f->count; i++)
		idle &= ask_free(f->asks[i]);
	if (idle)
		loop_free(f->loop);
}

static void
report(const struct answer *answers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct answer *a = &answers[i];

		if (a->failed)
			log_warnx("%s: %s", a->name, a->why);
		else
			log_debug("%s: %zu rows of %llu matches", a->name,
			    a->lines, (unsigned long long)a->matches);
		if (a->bad)
			log_warnx(
			    "%s: %zu rows that make no sense are left out",
			    a->name, a->bad);
	}
}

int
find(const struct indexes *indexes, const struct request *request,
    int64_t timeout_ms, struct answer *answers)
{
	struct find f = {
	    .deadline.fire = on_deadline,
	    .count = indexes->count,
	    .left = indexes->count,
	};
	int outcome;

	for (size_t i = 0; i < f.count; i++)
		answer_init(&answers[i], &indexes->list[i], request);
	if (prepare(&f, timeout_ms) < 0)
		return -1;
	loop_on_wake(f.loop, on_wake, &f);
	start(&f, indexes, timeout_ms, answers);
	outcome = loop_run(f.loop);
	if (outcome == 0) {
		tidy(&f);
		report(answers, f.count);
	}
	free(f.asks);
	return outcome;
}
