#ifndef NAP_KEEP_H
#define NAP_KEEP_H

#include <stdbool.h>

#include "shard.h"

/*
 * What is done to a shard behind the scenes, by one thread: burying the
 * listings of peers that have left, giving memory back, indexing names. Locks
 * are held for well under a millisecond at a time; runs are made under none.
 */

enum keep_end {
	KEEP_IDLE, /* there was nothing to do */
	KEEP_HELD, /* there may be, but a search holds the names (shard_hold) */
	KEEP_SOME /* something was done, and there may be more */
};

/*
 * A step of what cannot wait: bury, give back, sketch a long tail. Unless it is
 * patient it heeds no hold.
 */
enum keep_end keep_at_once(struct shard *sh, bool patient);

/*
 * Make a run with all its lists, which may take seconds. Whether there was
 * anything to do.
 */
bool keep_at_leisure(struct shard *sh);

#endif
