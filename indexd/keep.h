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
 * A step of what cannot wait: bury, give back, sketch a long tail. Returns
 * whether there was anything to do.
 */
bool keep_at_once(struct shard *sh);

/* Make a run with all its lists, which may take seconds. Likewise. */
bool keep_at_leisure(struct shard *sh);

#endif
