#ifndef NAP_INDEX_H
#define NAP_INDEX_H

#include <stdatomic.h>
#include <stdint.h>

struct crowd;
struct limits;
struct rates;
struct store;

/* What all clients of one indexd share. */
struct index {
	struct store *store;
	struct crowd *crowd; /* all connections */
	struct rates *rates;
	const struct limits *limits;
	_Atomic uint64_t peers; /* registered */
	int64_t started; /* monotonic milliseconds */
};

#endif
