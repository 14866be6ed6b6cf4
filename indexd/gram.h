#ifndef NAP_GRAM_H
#define NAP_GRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/slice.h"
#include "posting.h"

/*
 * Grams: each byte of a word with the one before it and the one after it,
 * which beside the ends of the word are marks that no word holds. Numbers are
 * found by the grams of what they stand for.
 */
struct grams {
	uint32_t *keys; /* ascending */
	uint32_t *firsts; /* where those with each first byte begin */
	uint32_t *at; /* where the list of each begins */
	uint8_t *lists;
	size_t bytes;
	uint32_t count;
	uint32_t universe;
};

#define GRAM_START 1u
#define GRAM_END 2u

/* The gram around byte i of a word. */
static inline uint32_t
gram_of(struct slice word, size_t i)
{
	uint32_t before = i > 0 ? (uint8_t)word.ptr[i - 1] : GRAM_START;
	uint32_t after = i + 1 < word.len ? (uint8_t)word.ptr[i + 1] : GRAM_END;

	return before << 16 | (uint32_t)(uint8_t)word.ptr[i] << 8 | after;
}

/* What stands for one or two bytes of words, in a table of its own. */
static inline uint32_t
gram_short(struct slice part)
{
	uint32_t key = (uint8_t)part.ptr[0];

	return part.len < 2 ? key : 1u << 16 | key << 8 | (uint8_t)part.ptr[1];
}

/* A gram and a number below 2^32 that has it, as grams_build wants them. */
static inline uint64_t
gram_pair(uint32_t gram, uint32_t number)
{
	return (uint64_t)gram << 32 | number;
}

/*
 * Build from count pairs, whose numbers ascend and are below universe; a pair
 * may come twice. pairs and spare, of that size too, are overwritten. 0, or -1
 * with ENOMEM.
 */
int grams_build(struct grams *g, uint64_t *pairs, uint64_t *spare, size_t count,
    uint32_t universe);
void grams_free(struct grams *g);

/* The list of a gram; false when there is none. */
bool grams_exact(const struct grams *g, uint32_t gram, struct posting *list);

/* How a part of a word is looked for. */
enum gram_part {
	GRAM_WHOLE, /* it is the word */
	GRAM_PREFIX, /* it begins the word */
	GRAM_INSIDE /* it is anywhere in the word */
};

/*
 * The lists, by their places, one of which is to hold each number whose word
 * has the part: those from first to end whose key fits the mask. A part of one
 * or two bytes has several; a longer one has one, the shortest that there is.
 */
struct gram_lists {
	uint32_t first;
	uint32_t end;
	uint32_t mask;
	uint32_t key;
};

struct gram_lists grams_find(
    const struct grams *g, struct slice part, enum gram_part how);

/*
 * The next of the lists; false when there is none. Where it is far off, an empty
 * one comes first.
 */
bool grams_next(
    const struct grams *g, struct gram_lists *lists, struct posting *list);

/*
 * Leave those of the numbers, which ascend, whose words have the gram around
 * byte i of a part. Returns how many there are; *work is how many numbers were
 * gone through.
 */
uint32_t grams_sift(const struct grams *g, struct slice part, size_t i,
    uint32_t *numbers, uint32_t count, uint32_t *work);

#endif
