#include "indexd/grumbles.h"

#include "tap.h"

#define MINUTE_MS 60000

/* How many of count may be told at that time. */
static unsigned
take(struct grumbles *g, int64_t now, unsigned count, uint64_t *untold)
{
	unsigned told = 0;

	while (count-- > 0)
		told += grumbles_take(g, now, untold);
	return told;
}

int
main(void)
{
	struct grumbles g = {0};
	uint64_t untold = 7;
	int64_t now = 100 * MINUTE_MS;

	tap_is_num(take(&g, now, 1, &untold), 1, "one may be told");
	tap_is_num((long long)untold, 0, "before which there was none");
	tap_is_num(take(&g, now, 1000, &untold), GRUMBLES_A_MINUTE - 1,
	    "so many a minute may");
	tap_is_num(take(&g, now + MINUTE_MS - 1, 10, &untold), 0,
	    "and then none until its end");
	tap_is_num(take(&g, now + MINUTE_MS, 1, &untold), 1,
	    "the next minute has its own");
	tap_is_num((long long)untold, 1001 - GRUMBLES_A_MINUTE + 10,
	    "and says how many were not told");
	tap_is_num(take(&g, now + MINUTE_MS, 1, &untold), 1, "another follows");
	tap_is_num((long long)untold, 0, "which says that of none again");
	return tap_done();
}
