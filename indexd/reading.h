#ifndef NAP_READING_H
#define NAP_READING_H

#include <stddef.h>
#include <stdint.h>

#include "draft.h"
#include "intern.h"
#include "lib/hash.h"

/* The words of a draft's names, in the order in which a run numbers these. */
struct reading {
	struct intern words; /* seen: in so many basenames, directories alone */
	uint32_t *tokens; /* words, name after name, each once a name */
	size_t *ends; /* where the tokens of each name end */
	uint32_t *stems; /* the hash of each name's stem */
	size_t token_count;
	size_t token_room;
};

/* A token is the number of a word, marked if only directories have it. */
#define READING_DIRS ((uint32_t)1 << 31)

/*
 * Read the names of a draft in this order. 0, or -1 with ENOMEM, when there is
 * nothing to free.
 */
int reading_new(struct reading *r, const struct draft *d, const uint32_t *order,
    const struct hash_key *key);
void reading_free(struct reading *r);

/* The hash of a folded stem. */
static inline uint32_t
reading_hash(const struct hash_key *key, struct slice stem)
{
	return (uint32_t)hash_bytes(key, stem.ptr, stem.len);
}

#endif
