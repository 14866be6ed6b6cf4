#ifndef NFIND_REQUEST_H
#define NFIND_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/proto.h"
#include "lib/slice.h"

/* What the command line asks for. Strings are kept by reference. */
struct request_options {
	char *const *words; /* the operands */
	size_t word_count;
	const char *exact; /* --exact, or NULL */
	const char *hash; /* --hash, or NULL */
	bool stat; /* --stat */
	const char *ext; /* --ext, or NULL */
	uint64_t over; /* 0: any size */
	uint64_t under; /* UINT64_MAX: any size */
	const char *not_words[PROTO_FIND_NOTS];
	size_t not_count;
	size_t limit; /* the most rows wanted, 0 to PROTO_FIND_ROWS */
};

/* What every index is asked. */
struct request {
	enum proto_verb verb; /* FIND, HASH, SEARCH or STAT */
	struct buf line; /* what is sent, LF included */
	/*
	 * What SEARCH asks for, which is all that a seed server understands;
	 * empty when SEARCH cannot stand for this request.
	 */
	struct slice name;
	struct slice exact; /* when not empty, other paths are no hits */
	size_t max_rows; /* an honest answer has no more */
	struct buf words; /* request.c's: the operands joined by blanks */
};

/*
 * Check what is asked for and put it in the form of the protocol. 0, or -1 with
 * EINVAL or ENOMEM and *why pointing at a constant text. r is to be freed in
 * any case, and lives no longer than the strings of o.
 */
int request_make(
    const struct request_options *o, struct request *r, const char **why);

void request_free(struct request *r);

#endif
