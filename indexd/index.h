#ifndef NAP_INDEX_H
#define NAP_INDEX_H

#include <stdatomic.h>
#include <stdint.h>

#include "grumbles.h"

struct crowd;
struct limits;
struct rates;
struct store;

/* What all clients of one indexd share. */
struct index {
	struct store *store;
	struct crowd *crowd; /* all connections */
	struct rates *rates;
	_Atomic(const struct limits *) limits; /* may be others any time */
	_Atomic uint64_t peers; /* registered */
	int64_t started; /* monotonic milliseconds */
	struct grumbles grumbles;
};

#endif
