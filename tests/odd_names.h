#ifndef NAP_TESTS_ODD_NAMES_H
#define NAP_TESTS_ODD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "indexd/arena.h"
#include "indexd/rank.h"
#include "lib/slice.h"

/*
 * Names such as few peers have, and what an index has to know of them, without
 * a thought for speed. Memory that runs out ends the test.
 */
struct odd_names {
	uint64_t seed;
	struct arena arena;
	struct ranks ranks; /* each name once, by number */
	struct odd_names_use *uses; /* by word and number */
	size_t use_count;
	size_t use_room;
};

/* A word of a name, folded, and the number of the name. */
struct odd_names_use {
	struct slice word;
	uint32_t number;
	bool dirs; /* it is in the directories alone */
};

enum odd_names_kind {
	ODD_NAMES_MIXED, /* words that repeat, and a little of all others */
	ODD_NAMES_SAME_BASE, /* two basenames in many directories */
	ODD_NAMES_SAME_START,
	ODD_NAMES_WORDLESS,
	ODD_NAMES_LONG,
	ODD_NAMES_WORDY, /* as many words as there is room for */
	ODD_NAMES_ANY /* any bytes */
};

/*
 * Make so many names, less what comes twice, and their uses. n is zeroed but
 * for the seed, which decides what comes.
 */
void odd_names_make(
    struct odd_names *n, enum odd_names_kind kind, uint32_t count);
void odd_names_free(struct odd_names *n);

/* The name of a number, and its basename. */
struct slice odd_names_path(const struct odd_names *n, uint32_t number);
struct slice odd_names_base(const struct odd_names *n, uint32_t number);

/*
 * What stands before the last dot of the basename and a short extension,
 * folded; valid as long as n.
 */
struct slice odd_names_stem(struct odd_names *n, uint32_t number);

#endif
