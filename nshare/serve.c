#include "serve.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/crowd.h"
#include "lib/processors.h"
#include "worker.h"

/* Files come from the page cache; more threads than this gain nothing. */
#define WORKERS_MAX 4

struct serve {
	struct crowd *crowd;
	struct worker *workers[WORKERS_MAX];
	pthread_t threads[WORKERS_MAX];
	size_t count;
	size_t running;
};

static void *
run(void *worker)
{
	worker_run(worker);
	return NULL;
}

static size_t
wanted_workers(void)
{
	unsigned n = processors_count();

	return n > WORKERS_MAX ? WORKERS_MAX : n;
}

struct serve *
serve_new(const struct serve_spec *spec)
{
	struct serve *s = calloc(1, sizeof *s);
	struct worker_spec worker = {
	    .site = spec->site,
	    .listeners = spec->listeners,
	    .listener_count = spec->listener_count,
	    .crew_count = wanted_workers(),
	};

	if (!s)
		return NULL;
	worker.crew = s->workers;
	s->crowd = crowd_new(spec->max_conns, spec->max_each);
	if (!s->crowd) {
		serve_free(s);
		return NULL;
	}
	worker.crowd = s->crowd;
	for (; s->count < worker.crew_count; s->count++) {
		s->workers[s->count] = worker_new(&worker);
		if (!s->workers[s->count]) {
			serve_free(s);
			return NULL;
		}
	}
	return s;
}

int
serve_start(struct serve *s)
{
	for (; s->running < s->count; s->running++) {
		int error = pthread_create(
		    &s->threads[s->running], NULL, run, s->workers[s->running]);

		if (error) {
			errno = error;
			return -1;
		}
	}
	return 0;
}

void
serve_wake(struct serve *s)
{
	for (size_t i = 0; i < s->count; i++)
		worker_wake(s->workers[i]);
}

void
serve_free(struct serve *s)
{
	int error = errno;

	if (!s)
		return;
	for (size_t i = 0; i < s->running; i++)
		worker_stop(s->workers[i]);
	for (size_t i = 0; i < s->running; i++)
		pthread_join(s->threads[i], NULL);
	/* Transfers that end now give slots back, which wakes nobody. */
	for (size_t count = s->count, i = s->count = 0; i < count; i++)
		worker_free(s->workers[i]);
	crowd_free(s->crowd);
	free(s);
	errno = error;
}
