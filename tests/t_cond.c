#include "lib/cond.h"

#include "lib/clock.h"
#include "tap.h"

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	bool was;
};

static void *
ring(void *arg)
{
	struct bell *b = arg;

	pthread_mutex_lock(&b->lock);
	b->was = true;
	pthread_cond_signal(&b->rung);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* Whether the bell rings before ms have passed. */
static bool
hear(struct bell *b, int64_t ms)
{
	pthread_mutex_lock(&b->lock);
	while (ms > 0 && !b->was)
		ms = cond_wait(&b->rung, &b->lock, ms);
	pthread_mutex_unlock(&b->lock);
	return b->was;
}

static void
ends(struct bell *b)
{
	int64_t began = clock_ms();

	tap_ok(!hear(b, 30), "a wait ends though nobody wakes it");
	tap_ok(clock_ms() >= began + 30, "and not before its time");
	pthread_mutex_lock(&b->lock);
	tap_is_num(
	    cond_wait(&b->rung, &b->lock, 0), 0, "it may be of no length");
	tap_is_num(cond_wait(&b->rung, &b->lock, -5000), 0, "and of less");
	pthread_mutex_unlock(&b->lock);
}

static void
is_woken(struct bell *b, int64_t ms, const char *sentence)
{
	pthread_t other;

	b->was = false;
	if (pthread_create(&other, NULL, ring, b) != 0)
		abort();
	tap_ok(hear(b, ms), "%s", sentence);
	pthread_join(other, NULL);
}

int
main(void)
{
	struct bell b = {.lock = PTHREAD_MUTEX_INITIALIZER};

	cond_init(&b.rung);
	ends(&b);
	is_woken(&b, 60000, "a wait is woken");
	is_woken(&b, COND_FOREVER, "a wait without end is woken");
	pthread_cond_destroy(&b.rung);
	return tap_done();
}
