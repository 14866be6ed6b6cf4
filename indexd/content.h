#ifndef NAP_CONTENT_H
#define NAP_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/hash.h"
#include "slab.h"
#include "table.h"

/*
 * The digests of those listings that have one, apart, so that the others do
 * not pay. Each listing's digest is a record; those of one content are chained.
 */
struct contents {
	struct slab slab;
	struct table table; /* digest -> the first of its chain */
	struct hash_key key;
};

#define CONTENT_NONE SLAB_NONE

void content_init(struct contents *c, const struct hash_key *key);
void content_free(struct contents *c);

/* A record of a listing's known digest; CONTENT_NONE with ENOMEM. */
uint32_t content_add(
    struct contents *c, uint32_t listing, const struct digest *digest);

void content_drop(struct contents *c, uint32_t id);

/* The listing has got another number. */
void content_set_listing(struct contents *c, uint32_t id, uint32_t listing);

/* The digest of a record; unknown for CONTENT_NONE. */
struct digest content_digest(const struct contents *c, uint32_t id);

/*
 * The listings that have a content: its first record, the record that follows,
 * CONTENT_NONE at the end, and the listing of a record.
 */
uint32_t content_find(const struct contents *c, const struct digest *digest);
uint32_t content_next(const struct contents *c, uint32_t id);
uint32_t content_listing(const struct contents *c, uint32_t id);

/*
 * Take a step of giving memory back when it is worth it, as slab_close_up does
 * with its budget; moved is called with the listing and its new record, and may
 * not add or drop any. Returns whether more is to be done.
 */
bool content_tidy(struct contents *c, unsigned budget,
    void (*moved)(void *, uint32_t listing, uint32_t to), void *context);

#endif
