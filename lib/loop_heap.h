#ifndef NAP_LOOP_HEAP_H
#define NAP_LOOP_HEAP_H

#include <stddef.h>

struct loop_timer;

/*
 * The loop's timers that are set, the next one due first. A zeroed struct is
 * empty; a timer's place is its slot, counted from 1, and 0 while it is in no
 * heap.
 */
struct loop_heap {
	struct loop_timer **slots;
	size_t count;
	size_t size;
};

/* Forget every timer and give the memory back. */
void loop_heap_free(struct loop_heap *h);

/*
 * Put timer in, or move it, where its due belongs. 0, or -1 with ENOMEM; a
 * timer that is in already always succeeds.
 */
int loop_heap_put(struct loop_heap *h, struct loop_timer *timer);

/* Take timer out, if it is in. */
void loop_heap_remove(struct loop_heap *h, struct loop_timer *timer);

/* The timer due next, or NULL. */
struct loop_timer *loop_heap_first(const struct loop_heap *h);

#endif
