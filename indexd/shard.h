#ifndef NAP_SHARD_H
#define NAP_SHARD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "lib/hash.h"
#include "store.h"

/* A catalog that one thread writes while others read it in turns. */
struct shard {
	pthread_mutex_t gate;
	pthread_rwlock_t lock;
	unsigned number;
	struct store_shape shape;
	_Atomic uint32_t unreachable;
	_Atomic bool cramped; /* names wait because memory is short (keep.h) */
	_Atomic uint32_t sought; /* runs to be made until that is forgotten */
	_Atomic uint32_t holds; /* searches that want names to stay */
	struct catalog catalog;
	struct keeper *keeper; /* the store's */
	struct store_peer *gone; /* whose listings are still there */
	uint64_t gone_peers;
	uint64_t gone_files;
};

void shard_init(struct shard *sh, unsigned number, const struct hash_key *key,
    const struct store_shape *shape);
/* Peers that have left and are not buried go too. */
void shard_free(struct shard *sh);

/*
 * Readers and writers are let in in the order in which they come, so that
 * neither starves.
 */
void shard_read(struct shard *sh);
void shard_write(struct shard *sh);
void shard_unlock(struct shard *sh);

/*
 * With the shard locked, for a search to which names have moved too often: they
 * stay, if they can (keep.h), until it lets go.
 */
static inline void
shard_hold(struct shard *sh)
{
	atomic_fetch_add(&sh->holds, 1);
}

static inline void
shard_let_go(struct shard *sh)
{
	atomic_fetch_sub(&sh->holds, 1);
}

/* 0, or -1 with ENOMEM. */
int shard_join(struct shard *sh, struct store_peer *peer);

/* Nobody sees its listings any more; keep.h buries them and frees the peer. */
void shard_leave(struct shard *sh, struct store_peer *peer);

/* As store_apply. */
size_t shard_apply(struct shard *sh, struct store_peer *peer,
    const struct store_change *changes, size_t count);

/*
 * Whether so much waits for keep.h that writers had better wait for it: a
 * search has to look at all names that wait, one by one, so that much less may
 * wait while there are searches. Where memory is short waiting is no use: then
 * what is added is refused, and searches have what memory there is.
 */
bool shard_crowded(struct shard *sh);

/* How many names have been added so far, some of them anew when they moved. */
uint64_t shard_added(struct shard *sh);

/* Whether more names have but a sketch than is good for those who search. */
bool shard_sketchy(struct shard *sh);

/* Add what the shard has to stats. */
void shard_stat(struct shard *sh, struct store_stats *stats);

#endif
