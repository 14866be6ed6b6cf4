#ifndef NFIND_RUN_H
#define NFIND_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/indexes.h"
#include "print.h"
#include "request.h"

/* What the command line says. */
struct run_options {
	struct request_options want; /* its limit is run_limit's */
	struct print_style style;
	struct indexes indexes;
	size_t limit; /* rows to print at most, 1 to PROTO_FIND_ROWS */
	bool first; /* only the first one that accepts a connection */
	int64_t timeout_ms;
};

enum { RUN_FOUND = 0, RUN_NOTHING = 1, RUN_FAILED = 2 };

/* How many rows each index must be asked for, for what is to be printed. */
size_t run_limit(const struct run_options *o);

/* Ask all indexes for the request, print what they know; the exit status. */
int run(const struct run_options *o, const struct request *request);

#endif
