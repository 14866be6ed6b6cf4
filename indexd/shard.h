#ifndef NAP_SHARD_H
#define NAP_SHARD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "hash.h"
#include "store.h"

/* A catalog that one thread writes while others read it in turns. */
struct shard {
	pthread_mutex_t gate;
	pthread_rwlock_t lock;
	unsigned number;
	_Atomic uint32_t unreachable;
	struct catalog catalog;
};

void shard_init(struct shard *sh, unsigned number, const struct hash_key *key);
void shard_free(struct shard *sh);

/*
 * Readers and writers are let in in the order in which they come, so that
 * neither starves.
 */
void shard_read(struct shard *sh);
void shard_write(struct shard *sh);
void shard_unlock(struct shard *sh);

/* 0, or -1 with ENOMEM. */
int shard_join(struct shard *sh, struct store_peer *peer);

/* Take all its listings away, letting others in between, and then the peer. */
void shard_leave(struct shard *sh, struct store_peer *peer);

/* As store_apply. */
size_t shard_apply(struct shard *sh, struct store_peer *peer,
    const struct store_change *changes, size_t count);

/* Add what the shard has to stats. */
void shard_stat(struct shard *sh, struct store_stats *stats);

#endif
