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
 * Do what can be done before the longest of it, which is to make one run.
 * Returns whether anything was done.
 */
bool keep_shard(struct shard *sh);

#endif
