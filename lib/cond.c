#include "cond.h"

#include "clock.h"

#define NS_A_MS 1000000

void
cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

/* As cond_wait, of an end that comes. */
static int64_t
wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until)
{
	const struct timespec t = {
	    .tv_sec = (time_t)(until / 1000),
	    .tv_nsec = (long)(until % 1000 * NS_A_MS),
	};
	int64_t now;

	if (pthread_cond_timedwait(cond, lock, &t) != 0)
		return 0;
	now = clock_ms();
	return now < until ? until - now : 0;
}

int64_t
cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t ms)
{
	if (ms != COND_FOREVER)
		return wait_until(cond, lock, clock_ms() + ms);
	pthread_cond_wait(cond, lock);
	return ms;
}
