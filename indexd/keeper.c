#include "keeper.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "config.h"
#include "keep.h"
#include "lib/cond.h"

/* Those who ask and register come first; who waits for us makes way himself. */
#define NICE 10

/*
 * Before it begins, it rests: many may leave one after the other. So few names
 * come while it rests, so many times in a row, when it has leisure.
 */
#define FEW_ADDED 1024
#define REST_MS 10
#define RESTS 10

/* It rests so often for those who hold the names; then all is done, once. */
#define HELD_RESTS 200

struct keeper {
	struct shard *shard;
	uint64_t added; /* names, when that was asked last */
	unsigned rests; /* in which few were */
	unsigned held; /* times that it has rested for who holds the names */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	pthread_cond_t rested;
	bool asleep;
	atomic_bool called;
	atomic_bool over;
	atomic_uint hurry; /* those who wait for it to settle */
};

/* Whether somebody waits for it. */
static bool
is_urged(struct keeper *k)
{
	return atomic_load(&k->over) || atomic_load(&k->hurry) > 0;
}

/*
 * What is done at leisure takes long, and names that come meanwhile are swept:
 * it is done when few have come for a while, when somebody waits for the end,
 * or when it must be.
 */
static bool
has_leisure(struct keeper *k)
{
	uint64_t before = k->added;

	k->added = shard_added(k->shard);
	if (k->added - before < FEW_ADDED)
		k->rests++;
	else
		k->rests = 0;
	return k->rests >= RESTS || atomic_load(&k->hurry) > 0 ||
	    shard_sketchy(k->shard);
}

static void
rest(struct keeper *k)
{
	int64_t left = REST_MS;

	pthread_mutex_lock(&k->lock);
	while (left > 0 && !is_urged(k))
		left = cond_wait(&k->woken, &k->lock, left);
	pthread_mutex_unlock(&k->lock);
}

/* What cannot wait. */
static enum keep_end
keep_at_hand(struct keeper *k)
{
	bool patient = k->held < HELD_RESTS && !is_urged(k);
	enum keep_end end = keep_at_once(k->shard, patient);

	if (end == KEEP_IDLE)
		k->held = 0;
	if (end == KEEP_HELD)
		k->held++;
	return end;
}

static void
keep_until_done(struct keeper *k)
{
	enum keep_end end;
	bool some = false;

	while (!atomic_load(&k->over)) {
		end = keep_at_hand(k);
		if (end == KEEP_SOME)
			some = true;
		else if (end == KEEP_HELD || !has_leisure(k))
			rest(k);
		else if (keep_at_leisure(k->shard))
			some = true;
		else
			break;
	}
	if (some)
		malloc_trim(0);
}

static void
sleep_until_called(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	k->asleep = true;
	while (!atomic_load(&k->called) && !atomic_load(&k->over)) {
		pthread_cond_broadcast(&k->rested);
		pthread_cond_wait(&k->woken, &k->lock);
	}
	k->asleep = false;
	pthread_mutex_unlock(&k->lock);
}

static void *
run(void *keeper)
{
	struct keeper *k = keeper;

	/* On Linux, of this thread alone; where it fails, all are served alike. */
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	while (!atomic_load(&k->over)) {
		sleep_until_called(k);
		rest(k);
		atomic_store(&k->called, false);
		keep_until_done(k);
	}
	return NULL;
}

/* A thread that leaves signals to the others. */
static int
start(struct keeper *k)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&k->thread, NULL, run, k);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

struct keeper *
keeper_new(struct shard *sh)
{
	struct keeper *k = calloc(1, sizeof *k);
	int error;

	if (!k)
		return NULL;
	k->shard = sh;
	pthread_mutex_init(&k->lock, NULL);
	cond_init(&k->woken);
	pthread_cond_init(&k->rested, NULL);
	error = start(k);
	if (error == 0)
		return k;
	free(k);
	errno = error;
	return NULL;
}

static void
wake(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->woken);
	pthread_mutex_unlock(&k->lock);
}

void
keeper_free(struct keeper *k)
{
	if (!k)
		return;
	atomic_store(&k->over, true);
	wake(k);
	pthread_join(k->thread, NULL);
	pthread_cond_destroy(&k->rested);
	pthread_cond_destroy(&k->woken);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

void
keeper_call(struct keeper *k)
{
	if (!atomic_exchange(&k->called, true))
		wake(k);
}

void
keeper_settle(struct keeper *k)
{
	atomic_fetch_add(&k->hurry, 1);
	pthread_mutex_lock(&k->lock);
	pthread_cond_signal(&k->woken);
	while (!k->asleep || atomic_load(&k->called))
		pthread_cond_wait(&k->rested, &k->lock);
	pthread_mutex_unlock(&k->lock);
	atomic_fetch_sub(&k->hurry, 1);
}
