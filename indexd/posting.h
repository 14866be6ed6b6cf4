#ifndef NAP_POSTING_H
#define NAP_POSTING_H

#include <stddef.h>
#include <stdint.h>

#include "window.h"

/*
 * A list of different numbers in ascending order, all below a universe, which
 * takes some 2 + log2(universe / count) bits a number: the low bits of each,
 * and the high bits as a row of unary gaps (P. Elias, "Efficient storage and
 * retrieval by content and address of static files", 1974). One of more than a
 * fourth of the universe is a plain bitmap, which is smaller then.
 */
struct posting {
	const uint8_t *low;
	const uint8_t *high; /* or the bitmap */
	uint32_t count;
	uint32_t universe;
	unsigned low_bits; /* 0 when it is a bitmap or empty, else 2 or more */
};

/* What readers may look at behind the end of a list, whatever stands there. */
#define POSTING_SLACK 16

/*
 * Bytes that count numbers (0 to universe) take. The universe is 1 to 2^31.
 * Reader and writer must name the same one.
 */
size_t posting_size(uint32_t count, uint32_t universe);

/* Write posting_size bytes and return how many those are. */
size_t posting_write(
    uint8_t *out, const uint32_t *list, uint32_t count, uint32_t universe);

/* The list written at in, which needs no alignment and must stay. */
struct posting posting_read(const uint8_t *in, uint32_t universe);

/* Put those of its numbers that are within the window's bounds into it. */
void posting_mark(const struct posting *p, struct window *w);

/*
 * Copy its first numbers, at most room and all below end. Returns how many.
 */
uint32_t posting_copy(
    const struct posting *p, uint32_t end, uint32_t *out, uint32_t room);

/*
 * Leave those of count ascending numbers, all below the universe, that are in
 * the list. Returns how many those are.
 */
uint32_t posting_sift(
    const struct posting *p, uint32_t *numbers, uint32_t count);

#endif
