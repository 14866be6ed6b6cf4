#ifndef NAP_RUN_H
#define NAP_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "draft.h"
#include "gram.h"
#include "lexicon.h"
#include "lib/hash.h"
#include "lib/slice.h"
#include "sketch.h"

/*
 * An index of some names of a segment, which never changes: names that die
 * meanwhile stay in it. They are numbered in the order of rank.h within a
 * class, so that who walks a list meets the best first.
 */
struct run {
	uint32_t from; /* the segment's names, by index, up to but without */
	uint32_t end;
	uint32_t count; /* of those, that are in it */
	uint32_t *indexes; /* number -> index */
	uint32_t *lengths; /* see run_length_end */
	uint32_t longest; /* basename */
	uint32_t *stems; /* numbers, by the hash of their stems */
	uint32_t *stems_at; /* where those of each bucket begin */
	uint32_t stem_mask; /* buckets less one */
	struct lexicon words; /* that occur in several names */
	struct grams spelling; /* of these: places in words */
	struct grams once; /* of the other words: numbers */
	struct grams near; /* of the first names: numbers, by gram_short */
	struct sketch sketch; /* instead of all lists, in a run made in haste */
	struct hash_key key;
	size_t bytes;
};

/*
 * The run of a draft, with all lists, or NULL with ENOMEM; the draft is empty
 * afterwards. from and end are the caller's to set. Of an empty run nothing may
 * be asked.
 */
struct run *run_new(struct draft *d, const struct hash_key *key);

/*
 * Likewise, in an eighth of the time, with a sketch instead of the lists: such a
 * run takes more memory, and longer to ask.
 */
struct run *run_sketch(struct draft *d, const struct hash_key *key);

void run_free(struct run *r);

/*
 * One or two letters stand in so many words that their lists take long to go
 * through: of the first names, which are the best, it is known which have them
 * in a word of their basename.
 */
#define RUN_NEAR 65536u

/* The first number whose basename is longer than len. */
static inline uint32_t
run_length_end(const struct run *r, size_t len)
{
	return len < r->longest ? r->lengths[len + 1] : r->count;
}

/* Numbers of names, ascending. */
struct run_bucket {
	const uint32_t *numbers;
	uint32_t count;
};

/*
 * Names among which are all whose stem, folded, is this one. Different stems
 * have different buckets, or the same.
 */
struct run_bucket run_stems(const struct run *r, struct slice stem);

#endif
