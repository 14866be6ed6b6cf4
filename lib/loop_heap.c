#include "loop_heap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "loop.h"

#define FIRST_SLOTS 16

static void
settle_at(struct loop_heap *h, size_t slot, struct loop_timer *timer)
{
	h->slots[slot] = timer;
	timer->place = slot + 1;
}

static void
rise(struct loop_heap *h, size_t slot, struct loop_timer *timer)
{
	while (slot > 0) {
		size_t parent = (slot - 1) / 2;

		if (h->slots[parent]->due <= timer->due)
			break;
		settle_at(h, slot, h->slots[parent]);
		slot = parent;
	}
	settle_at(h, slot, timer);
}

static void
sink(struct loop_heap *h, size_t slot, struct loop_timer *timer)
{
	for (;;) {
		size_t child = 2 * slot + 1;

		if (child >= h->count)
			break;
		if (child + 1 < h->count &&
		    h->slots[child + 1]->due < h->slots[child]->due)
			child++;
		if (timer->due <= h->slots[child]->due)
			break;
		settle_at(h, slot, h->slots[child]);
		slot = child;
	}
	settle_at(h, slot, timer);
}

/* Put timer into slot, which is free, or higher or lower as it belongs. */
static void
place(struct loop_heap *h, size_t slot, struct loop_timer *timer)
{
	if (slot > 0 && timer->due < h->slots[(slot - 1) / 2]->due)
		rise(h, slot, timer);
	else
		sink(h, slot, timer);
}

static int
grow(struct loop_heap *h)
{
	size_t size = h->size == 0 ? FIRST_SLOTS : h->size * 2;
	struct loop_timer **slots;

	if (size > SIZE_MAX / sizeof *slots) {
		errno = ENOMEM;
		return -1;
	}
	slots = realloc(h->slots, size * sizeof *slots);
	if (slots == NULL)
		return -1;
	h->slots = slots;
	h->size = size;
	return 0;
}

void
loop_heap_free(struct loop_heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->slots[i]->place = 0;
	free(h->slots);
	*h = (struct loop_heap){0};
}

int
loop_heap_put(struct loop_heap *h, struct loop_timer *timer)
{
	if (timer->place != 0) {
		place(h, timer->place - 1, timer);
		return 0;
	}
	if (h->count == h->size && grow(h) == -1)
		return -1;
	rise(h, h->count++, timer);
	return 0;
}

void
loop_heap_remove(struct loop_heap *h, struct loop_timer *timer)
{
	size_t slot = timer->place - 1;
	struct loop_timer *last;

	if (timer->place == 0)
		return;
	timer->place = 0;
	last = h->slots[--h->count];
	if (last != timer)
		place(h, slot, last);
}

struct loop_timer *
loop_heap_first(const struct loop_heap *h)
{
	return h->count > 0 ? h->slots[0] : NULL;
}
