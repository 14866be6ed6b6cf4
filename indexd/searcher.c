#include "searcher.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/line.h"
#include "limits.h"

/* A row may pass the limit that ends an answer, and END follows. */
#define TEXT_BYTES (LIMITS_ANSWER_BYTES + 65536)

enum state {
	IDLE, /* all below is the worker's */
	ASKED, /* it is the searcher's */
	ANSWERED, /* the worker's, and there is an answer */
	ENDING
};

struct searcher {
	pthread_t thread;
	pthread_mutex_t lock; /* of state */
	pthread_cond_t changed;
	enum state state;
	struct searcher_spec spec;
	struct command_scratch *scratch;
	struct command_client who;
	struct buf text;
	size_t len;
	char line[LINE_MAX_BYTES];
};

/* All but the thread. */
static void
drop(struct searcher *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	command_scratch_free(s->scratch);
	buf_free(&s->text);
	free(s);
}

static void
search(struct searcher *s)
{
	int64_t start = clock_us();

	command_run(&s->who, slice_of(s->line, s->len), &s->text);
	s->who.now = clock_ms();
	s->who.tired = true;
	command_took(&s->who, clock_us() - start);
}

/* Wait for work. False at the end. */
static bool
wait_for_work(struct searcher *s)
{
	bool asked;

	pthread_mutex_lock(&s->lock);
	while (s->state != ASKED && s->state != ENDING)
		pthread_cond_wait(&s->changed, &s->lock);
	asked = s->state == ASKED;
	pthread_mutex_unlock(&s->lock);
	return asked;
}

static void
set_state(struct searcher *s, enum state state)
{
	pthread_mutex_lock(&s->lock);
	if (s->state != ENDING)
		s->state = state;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void *
run(void *arg)
{
	struct searcher *s = arg;

	while (wait_for_work(s)) {
		search(s);
		set_state(s, ANSWERED);
		s->spec.done(s->spec.arg);
	}
	return NULL;
}

static enum state
state(struct searcher *s)
{
	enum state now;

	pthread_mutex_lock(&s->lock);
	now = s->state;
	pthread_mutex_unlock(&s->lock);
	return now;
}

bool
searcher_busy(struct searcher *s)
{
	return state(s) != IDLE;
}

void
searcher_begin(
    struct searcher *s, const struct command_client *who, struct slice line)
{
	s->who = *who;
	s->who.scratch = s->scratch;
	s->who.haste = s->spec.haste;
	s->who.unanswered = false;
	/* It may leave meanwhile. */
	s->who.peer = NULL;
	s->len = line.len;
	memcpy(s->line, line.ptr, line.len);
	set_state(s, ASKED);
}

bool
searcher_take(struct searcher *s, struct searcher_answer *answer)
{
	if (state(s) != ANSWERED)
		return false;
	*answer = (struct searcher_answer){
	    .text = &s->text,
	    .resume_at = s->who.resume_at,
	    .failed = s->who.over,
	    .unfinished = s->who.unanswered,
	};
	set_state(s, IDLE);
	return true;
}

struct searcher *
searcher_new(const struct searcher_spec *spec)
{
	struct searcher *s = calloc(1, sizeof *s);
	int error;

	if (!s)
		return NULL;
	s->spec = *spec;
	buf_init(&s->text, TEXT_BYTES);
	s->scratch = command_scratch_new();
	if (!s->scratch) {
		free(s);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	error = pthread_create(&s->thread, NULL, run, s);
	if (error == 0)
		return s;
	drop(s);
	errno = error;
	return NULL;
}

void
searcher_free(struct searcher *s)
{
	if (!s)
		return;
	set_state(s, ENDING);
	pthread_join(s->thread, NULL);
	drop(s);
}
