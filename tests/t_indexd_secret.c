#include <errno.h>
#include <stdint.h>
#include <sys/random.h>

#include "indexd/rates.h"
#include "indexd/store.h"
#include "lib/crowd.h"
#include "tap.h"

/*
 * What is told apart by a hash must not be foreseen by those who would have it
 * all alike: each has a key of its own, from the kernel.
 */

static unsigned drawn;
static int refusal;

ssize_t __wrap_getrandom(void *to, size_t len, unsigned flags);

ssize_t
__wrap_getrandom(void *to, size_t len, unsigned flags)
{
	(void)flags;
	drawn++;
	if (refusal) {
		errno = refusal;
		return -1;
	}
	memset(to, (int)drawn, len);
	return (ssize_t)len;
}

static void *
a_crowd(void)
{
	return crowd_new(1, 1);
}

static void *
rates(void)
{
	const struct rates_spec spec = {.burst_ms = 1};

	return rates_new(&spec);
}

static void *
a_store(void)
{
	return store_new(1);
}

static void
free_crowd(void *crowd)
{
	crowd_free(crowd);
}

static void
free_rates(void *r)
{
	rates_free(r);
}

static void
free_store(void *store)
{
	store_free(store);
}

static void
draws(const char *what, void *(*make)(void), void (*drop)(void *))
{
	void *made;

	drawn = 0;
	made = make();
	tap_ok(made && drawn > 0, "%s draws a key", what);
	drop(made);
	refusal = ENOSYS;
	errno = 0;
	made = make();
	tap_ok(!made && errno == ENOSYS, "without one there is no %s", what);
	drop(made);
	refusal = 0;
}

int
main(void)
{
	draws("crowd", a_crowd, free_crowd);
	draws("rates", rates, free_rates);
	draws("store", a_store, free_store);
	return tap_done();
}
