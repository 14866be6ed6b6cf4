#ifndef NAP_KEEP_H
#define NAP_KEEP_H

#include <stdbool.h>

#include "shard.h"

/*
 * What is done to a shard behind the scenes, by one thread: burying the
 * listings of peers that have left, giving memory back, indexing names. Locks
 * are held for well under a millisecond at a time; runs are made under none.
 */

/*
 * A step of each: bury, give back, index the tail of a segment. Returns whether
 * there was anything to do.
 */
bool keep_shard(struct shard *sh);

/* Make one run of several, once that is all there is to do. Likewise. */
bool keep_merge(struct shard *sh);

#endif
