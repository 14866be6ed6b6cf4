#include "prompt.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The shortest that the kernel takes. */
#define TURN_NS 100000

/* Its first version (sched_setattr(2)), which libc has no type for. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime;
	uint64_t deadline;
	uint64_t period;
};

void
prompt_thread(void)
{
	struct attributes a = {.size = sizeof a};

	/* All but the turn stays as it is. */
	if (syscall(SYS_sched_getattr, 0, &a, sizeof a, 0) < 0)
		return;
	a.runtime = TURN_NS;
	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}
