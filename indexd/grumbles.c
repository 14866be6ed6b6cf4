#include "grumbles.h"

#define MINUTE_MS 60000

bool
grumbles_take(struct grumbles *g, int64_t now, uint64_t *untold)
{
	int64_t minute = now / MINUTE_MS, last = atomic_load(&g->minute);

	if (minute != last &&
	    atomic_compare_exchange_strong(&g->minute, &last, minute))
		atomic_store(&g->told, 0);
	if (atomic_fetch_add(&g->told, 1) >= GRUMBLES_A_MINUTE) {
		atomic_fetch_add(&g->untold, 1);
		return false;
	}
	*untold = atomic_exchange(&g->untold, 0);
	return true;
}
