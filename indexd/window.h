#ifndef NAP_WINDOW_H
#define NAP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of the numbers from from, a multiple of 64, up to but without to. */
struct window {
	uint64_t *bits;
	size_t room; /* in words */
	uint32_t from;
	uint32_t to;
};

/*
 * An empty set of the numbers from from to to; a zeroed struct may be opened,
 * and one that was open again. 0, or -1 with ENOMEM.
 */
int window_open(struct window *w, uint32_t from, uint32_t to);
void window_free(struct window *w);

static inline void
window_set(struct window *w, uint32_t n)
{
	w->bits[(n - w->from) / 64] |= (uint64_t)1 << (n - w->from) % 64;
}

static inline void
window_clear(struct window *w, uint32_t n)
{
	w->bits[(n - w->from) / 64] &= ~((uint64_t)1 << (n - w->from) % 64);
}

/* Leave only what is in other too, of the same bounds; false: nothing. */
bool window_and(struct window *w, const struct window *other);

/* How many numbers are in the set. */
uint32_t window_count(const struct window *w);

/* The least number of the set at or above n, or to. */
uint32_t window_next(const struct window *w, uint32_t n);

#endif
