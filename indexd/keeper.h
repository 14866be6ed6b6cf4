#ifndef NAP_KEEPER_H
#define NAP_KEEPER_H

#include "shard.h"

/* A thread that keeps a shard (keep.h). */
struct keeper;

/* NULL with errno. Signals do not strike the thread. */
struct keeper *keeper_new(struct shard *sh);

/* The thread ends after what it is doing; keeper_free(NULL) is legal. */
void keeper_free(struct keeper *k);

/* There may be something to do. */
void keeper_call(struct keeper *k);

/* Wait until there is nothing left to do. */
void keeper_settle(struct keeper *k);

#endif
