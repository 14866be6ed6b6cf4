#ifndef NAP_PROCESSORS_H
#define NAP_PROCESSORS_H

#include <sched.h>

/*
 * How many processors this process may run on, 1 at least. sysconf() wants
 * files for that, which a confined process cannot read.
 */
static inline unsigned
processors_count(void)
{
	cpu_set_t set;
	int count;

	if (sched_getaffinity(0, sizeof set, &set) == -1)
		return CPU_SETSIZE; /* there are more than fit in */
	count = CPU_COUNT(&set);
	return count < 1 ? 1 : (unsigned)count;
}

#endif
