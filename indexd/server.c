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
#include "rates.h"
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
make_workers(struct server *s, const struct server_spec *spec)
{
	struct worker_spec worker = {
	    .index = &s->index,
	    .listeners = spec->listeners,
	    .listener_count = spec->listener_count,
	    .reception = spec->reception,
	    .crew = s->workers,
	    .crew_count = s->count,
	};

	for (unsigned i = 0; i < s->count; i++) {
		worker.shard = i % SHARDS_MAX;
		s->workers[i] = worker_new(&worker);
		if (!s->workers[i])
			return -1;
		worker.reception = -1;
	}
	return 0;
}

static int
start_workers(struct server *s)
{
	int error;

	for (; s->running < s->count; s->running++) {
		error = pthread_create(&s->threads[s->running], NULL,
		    run_worker, s->workers[s->running]);
		if (error != 0) {
			errno = error;
			return -1;
		}
	}
	return 0;
}

static struct rates_spec
rates_of(const struct limits *limits)
{
	return (struct rates_spec){
	    .each_second = {[RATES_FIND] = limits->find_rate,
		[RATES_ADD] = limits->add_rate,
		[RATES_TURN] = LIMITS_TURN_RATE},
	    .burst_ms = LIMITS_BURST_MS,
	};
}

struct server *
server_start(const struct server_spec *spec)
{
	struct server *s = calloc(1, sizeof *s);
	const struct rates_spec rates = rates_of(spec->limits);
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
	s->index.rates = rates_new(&rates);
	if (!s->workers || !s->threads || !s->index.store || !s->index.crowd ||
	    !s->index.rates)
		goto fail;
	if (make_workers(s, spec) < 0 || start_workers(s) < 0)
		goto fail;
	return s;
fail:
	server_stop(s);
	return NULL;
}

void
server_limit(struct server *s, const struct limits *limits)
{
	const struct rates_spec rates = rates_of(limits);

	atomic_store(&s->index.limits, limits);
	crowd_limit(s->index.crowd, limits->total, limits->conns);
	rates_change(s->index.rates, rates.each_second);
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

int64_t
server_quiet_ms(struct server *s)
{
	return crowd_quiet_ms(s->index.crowd);
}

static void
join_workers(struct server *s)
{
	while (s->running > 0)
		pthread_join(s->threads[--s->running], NULL);
}

enum server_leaving
server_leave(struct server *s)
{
	for (unsigned i = 0; i < s->running; i++)
		worker_rest(s->workers[i]);
	join_workers(s);
	/* Nobody counts any more: who came in between has been counted. */
	if (crowd_count(s->index.crowd) == 0)
		return SERVER_LEAVES;
	if (start_workers(s) == 0)
		return SERVER_STAYS;
	log_warn("cannot go on");
	return SERVER_FAILS;
}

void
server_stop(struct server *s)
{
	int error = errno;

	for (unsigned i = 0; i < s->running; i++)
		worker_stop(s->workers[i]);
	join_workers(s);
	for (unsigned i = 0; s->workers && i < s->count; i++)
		worker_free(s->workers[i]);
	rates_free(s->index.rates);
	crowd_free(s->index.crowd);
	store_free(s->index.store);
	free(s->threads);
	free(s->workers);
	free(s);
	errno = error;
}
