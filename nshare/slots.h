#ifndef NAP_SLOTS_H
#define NAP_SLOTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How many transfers run at the same time, of how many that may. Any thread may
 * call; changed, which may be NULL, is called after each change, in the thread
 * that made it.
 */
struct slots {
	uint32_t max;
	void (*changed)(void *arg);
	void *arg;
	_Atomic uint32_t busy; /* the last two are slots.c's, and begin as 0 */
	_Atomic uint32_t waiting;
};

/* Take one; false when none is free. */
bool slots_take(struct slots *slots);

/* Whether one is free at this moment, for what is done at once. */
bool slots_any(const struct slots *slots);

/* Give one back. */
void slots_give(struct slots *slots);

/* Somebody waits (no longer) for one. */
void slots_wait(struct slots *slots);
void slots_wait_no_more(struct slots *slots);

uint32_t slots_busy(const struct slots *slots);
bool slots_wanted(const struct slots *slots);

#endif
