#ifndef NAP_SEEK_H
#define NAP_SEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match.h"
#include "segment.h"
#include "shard.h"
#include "tally.h"
#include "top.h"

/* A search in one shard, which is under its lock but while it rests. */
struct seek {
	const struct match *match;
	struct shard *shard;
	const struct segment *segment; /* at hand */
	struct top top; /* what it has found */
	struct tally tally;
	uint64_t generation; /* of the names, when the search began */
	unsigned work; /* since the lock was taken, in some 10 ns */
	uint64_t spent; /* on this shard before that */
	bool skipped; /* some names that may match were not looked at */
	struct match_desk desk;
};

/* How a part of the search ended; what is not SEEK_ON is handed up. */
enum seek_end {
	SEEK_FAILED = -1, /* ENOMEM, or EAGAIN when that took too long */
	SEEK_ON = 0,
	SEEK_ENOUGH = 1, /* what follows in the order of ranks is of no use */
	SEEK_STALE = 2 /* names have moved: begin anew */
};

/* What looking at a name costs, and at a listing. */
#define SEEK_NAME_WORK 10

/* What it costs to go through bytes. */
#define SEEK_BYTES_WORK(count) ((unsigned)((count) / 8))

/*
 * Work was done: let others have the lock when it was much. SEEK_ON, after
 * which the text of the names may have moved, SEEK_STALE, or SEEK_FAILED when
 * who asks is in a hurry.
 */
enum seek_end seek_rest(struct seek *s, unsigned work);

/*
 * Whether a name, if it matches, may be better than what there is, given the
 * best class that it may have, MATCH_WORDS standing for MATCH_BASENAME too: the
 * shortest look.
 */
bool seek_promises(struct seek *s, uint32_t index, enum match_class best);

/*
 * Hold the query against a name of the segment, and take it if it is of the
 * class wanted, any when that is MATCH_NONE. Does not rest. SEEK_ON,
 * SEEK_ENOUGH when it is no better than what there is, or SEEK_FAILED.
 */
enum seek_end seek_name(
    struct seek *s, uint32_t index, enum match_class wanted);

/*
 * The same for several names, in their order, whose memory is fetched at once;
 * rests. What follows a name with which there is enough is not looked at,
 * unless any class is wanted.
 */
enum seek_end seek_names(struct seek *s, const uint32_t *indexes,
    uint32_t count, enum match_class wanted);

#endif
