#include "drop_caps.h"

#include <string.h>
#include <unistd.h>

#include "drop_kernel.h"

/* Each set has room for so many. */
#define CAPS 64

/* It fails past the last one that the kernel knows, and for who may not. */
void
drop_caps_bounds(void)
{
	for (unsigned long cap = 0; cap < CAPS; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			return;
}

/* Some supervisors refuse to set any: who has none need not. */
int
drop_caps(const struct drop_sandbox *s)
{
	struct drop_cap_header header = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct drop_cap_data none[2] = {0};
	struct drop_cap_data have[2];

	(void)s;
	drop_caps_bounds();
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(__NR_capget, &header, have) == -1)
		return -1;
	if (memcmp(have, none, sizeof have) == 0)
		return 0;
	return (int)syscall(__NR_capset, &header, none);
}
