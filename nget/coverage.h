#ifndef NAP_NGET_COVERAGE_H
#define NAP_NGET_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file from one on and before another. */
struct coverage_range {
	uint64_t from;
	uint64_t end;
};

/* Some that are there, and who gave them: a number of the caller's. */
struct coverage_piece {
	struct coverage_range range; /* not empty */
	unsigned giver;
};

/*
 * Which bytes of a file are there: pieces in order, which do not overlap, and
 * of which none touches another of the same giver. A zeroed struct has none.
 */
struct coverage {
	struct coverage_piece *list;
	size_t count;
	size_t room; /* coverage.c's */
};

/* None is there any more, and the struct may be used again. */
void coverage_clear(struct coverage *c);

/*
 * A range is there, from giver, whoever gave some of it before; an empty one is
 * legal. 0, or -1 with ENOMEM and nothing changed. What makes the last or any
 * other piece longer takes no memory.
 */
int coverage_add(
    struct coverage *c, struct coverage_range range, unsigned giver);

/* Forget what lies at end or behind; what others than giver gave. */
void coverage_cut(struct coverage *c, uint64_t end);
void coverage_keep(struct coverage *c, unsigned giver);

/* How many bytes are there: from the first on without a gap, in all, of giver. */
uint64_t coverage_prefix(const struct coverage *c);
uint64_t coverage_bytes(const struct coverage *c);
uint64_t coverage_given(const struct coverage *c, unsigned giver);

/*
 * The first range that is missing within *gap, which is narrowed to it. False
 * when all of that is there.
 */
bool coverage_gap(const struct coverage *c, struct coverage_range *gap);

#endif
