#include "spent.h"

#include <err.h>
#include <string.h>
#include <time.h>

#define NS_A_SECOND INT64_C(1000000000)
#define NS_A_US INT64_C(1000)

int64_t
spent_ns(pid_t pid)
{
	struct timespec t;
	clockid_t clock;
	int error = clock_getcpuclockid(pid, &clock);

	if (error != 0)
		errx(1, "process %ld: %s", (long)pid, strerror(error));
	if (clock_gettime(clock, &t) < 0)
		err(1, "process %ld", (long)pid);
	return t.tv_sec * NS_A_SECOND + t.tv_nsec;
}

static int64_t
ns_of(struct timeval t)
{
	return t.tv_sec * NS_A_SECOND + t.tv_usec * NS_A_US;
}

int64_t
spent_ns_of(const struct rusage *usage)
{
	return ns_of(usage->ru_utime) + ns_of(usage->ru_stime);
}
