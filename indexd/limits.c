#include "limits.h"

#include <string.h>

/* Descriptors of the process, and of each worker, that are for neither. */
#define KEPT 28
#define KEPT_WORKER 4

/* Of what is left, this part may be for dials. */
#define DIALS_PART 8

void
limits_share_out(struct limits *l, uint64_t descriptors, unsigned workers)
{
	uint64_t kept = KEPT + (uint64_t)KEPT_WORKER * workers;
	uint64_t left = descriptors / 2, most;

	if (descriptors >= 2 * kept)
		left = descriptors - kept;
	most = left / DIALS_PART / workers;
	if (l->dials > most)
		l->dials = most > 0 ? most : 1;
	left = left > l->dials * workers ? left - l->dials * workers : 1;
	if (l->total > left)
		l->total = left;
}

bool
limits_equal(const struct limits *a, const struct limits *b)
{
	const size_t trusted = a->trusted_count * sizeof *a->trusted;
	struct limits same = *a;

	same.trusted = b->trusted;
	if (memcmp(&same, b, sizeof same) != 0)
		return false;
	return trusted == 0 || memcmp(a->trusted, b->trusted, trusted) == 0;
}

bool
limits_spare(const struct limits *l, const struct addr *a)
{
	return addr_is_loopback(a) || limits_trust(l, a);
}

bool
limits_trust(const struct limits *l, const struct addr *a)
{
	for (size_t i = 0; i < l->trusted_count; i++)
		if (addr_block_has(&l->trusted[i], a))
			return true;
	return false;
}
