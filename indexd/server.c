#include "server.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "index.h"
#include "lib/clock.h"
#include "lib/crowd.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "limits.h"
#include "store.h"
#include "worker.h"

/* More shards than this would cost a search more than they save a writer. */
#define SHARDS_MAX 4

struct server {
	struct index index;
	struct worker **workers;
	pthread_t *threads;
	unsigned running;
	unsigned count;
};

static void *
run_worker(void *worker)
{
	worker_run(worker);
	return NULL;
}

static int
start_worker(struct server *s, const struct server_spec *spec)
{
	unsigned i = s->running;
	struct worker_spec worker = {
	    .index = &s->index,
	    .shard = i % SHARDS_MAX,
	    .listeners = spec->listeners,
	    .listener_count = spec->listener_count,
	};
	int error;

	s->workers[i] = worker_new(&worker);
	if (!s->workers[i])
		return -1;
	error = pthread_create(&s->threads[i], NULL, run_worker, s->workers[i]);
	if (error != 0) {
		worker_free(s->workers[i]);
		errno = error;
		return -1;
	}
	s->running++;
	return 0;
}

struct server *
server_start(const struct server_spec *spec)
{
	struct server *s = calloc(1, sizeof *s);
	unsigned shards = spec->threads < SHARDS_MAX ? spec->threads
						     : SHARDS_MAX;

	if (!s)
		return NULL;
	s->index.limits = spec->limits;
	s->index.started = clock_ms();
	s->count = spec->threads;
	s->workers = calloc(s->count, sizeof *s->workers);
	s->threads = calloc(s->count, sizeof *s->threads);
	s->index.store = store_new(shards);
	s->index.crowd = crowd_new(spec->limits->total, spec->limits->conns);
	if (!s->workers || !s->threads || !s->index.store || !s->index.crowd)
		goto fail;
	while (s->running < s->count)
		if (start_worker(s, spec) < 0)
			goto fail;
	return s;
fail:
	server_stop(s);
	return NULL;
}

void
server_report(struct server *s)
{
	struct store_stats stats;

	store_stat(s->index.store, &stats);
	log_info("%llu connections, %llu peers, %llu names, %llu listings",
	    (unsigned long long)crowd_count(s->index.crowd),
	    (unsigned long long)stats.peers, (unsigned long long)stats.names,
	    (unsigned long long)stats.listings);
}

void
server_stop(struct server *s)
{
	int error = errno;

	for (unsigned i = 0; i < s->running; i++)
		worker_stop(s->workers[i]);
	for (unsigned i = 0; i < s->running; i++) {
		pthread_join(s->threads[i], NULL);
		worker_free(s->workers[i]);
	}
	crowd_free(s->index.crowd);
	store_free(s->index.store);
	free(s->threads);
	free(s->workers);
	free(s);
	errno = error;
}
