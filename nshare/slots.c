#include "slots.h"

#include <stddef.h>

static void
tell(struct slots *slots)
{
	if (slots->changed != NULL)
		slots->changed(slots->arg);
}

bool
slots_take(struct slots *slots)
{
	uint32_t busy = atomic_load(&slots->busy);

	do {
		if (busy >= slots->max)
			return false;
	} while (!atomic_compare_exchange_weak(&slots->busy, &busy, busy + 1));
	tell(slots);
	return true;
}

bool
slots_any(const struct slots *slots)
{
	return atomic_load(&slots->busy) < slots->max;
}

void
slots_give(struct slots *slots)
{
	atomic_fetch_sub(&slots->busy, 1);
	tell(slots);
}

void
slots_wait(struct slots *slots)
{
	atomic_fetch_add(&slots->waiting, 1);
}

void
slots_wait_no_more(struct slots *slots)
{
	atomic_fetch_sub(&slots->waiting, 1);
}

uint32_t
slots_busy(const struct slots *slots)
{
	return atomic_load(&slots->busy);
}

bool
slots_wanted(const struct slots *slots)
{
	return atomic_load(&slots->waiting) > 0;
}
