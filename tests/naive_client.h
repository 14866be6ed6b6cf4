#ifndef NAP_TESTS_NAIVE_CLIENT_H
#define NAP_TESTS_NAIVE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "indexd/limits.h"
#include "lib/addr.h"
#include "lib/slice.h"
#include "naive.h"

/*
 * A client of the naive index, whose conversation is what naputils(7), THE
 * INDEX, says: what indexd's sessions answer is held against it.
 */
enum naive_kind { NAIVE_FRESH, NAIVE_PLAIN, NAIVE_SEED, NAIVE_V2 };

struct naive_client {
	struct naive *index;
	const struct limits *limits;
	size_t peer; /* its number in the index, should it register */
	struct addr address; /* with the port it serves on, once registered */
	struct addr via;
	enum naive_kind kind;
	bool joined;
	bool over;
	uint64_t refused;
	int64_t heard;
	int64_t pinged_at;
	bool pinged;
};

/*
 * Carry out a line, without its terminator, and take its answer off the front of
 * answers. Whether it is the right one; a sentence on standard output if not.
 */
bool naive_line(
    struct naive_client *c, struct slice line, struct slice *answers);

/* The same of a line that is too long, or holds a NUL. */
bool naive_bad_line(
    struct naive_client *c, const char *code, struct slice *answers);

/* Of time that passes, when indexd looks at the client now. */
bool naive_tick(struct naive_client *c, int64_t now, struct slice *answers);

/* It is gone, and what it registered. */
void naive_end(struct naive_client *c);

#endif
