#ifndef NAP_SKETCH_H
#define NAP_SKETCH_H

#include <stddef.h>
#include <stdint.h>

#include "draft.h"
#include "gram.h"
#include "lib/hash.h"
#include "window.h"

/*
 * Which names may hold a part of a word: a row of bits, one for each name, for
 * each hash of two or three letters that are neighbours. That is a signature
 * file in slices (C. Faloutsos, S. Christodoulakis, "Signature files", 1984),
 * made in a fraction of the time that lists take. A name that does not hold the
 * part may be found too, one that does is never missed.
 */
struct sketch {
	uint64_t *rows; /* NULL: there is no sketch */
	size_t stride; /* words of a row */
	uint32_t key;
	size_t bytes;
};

/*
 * Of the names of a draft, numbered in this order, whose stems are hashed as
 * reading_hash does. 0, or -1 with ENOMEM, when there is nothing to free.
 */
int sketch_new(struct sketch *s, const struct draft *d, const uint32_t *order,
    const struct hash_key *key, uint32_t *stems);
void sketch_free(struct sketch *s);

/* Where the words are that are looked at. */
enum sketch_side { SKETCH_BASE, SKETCH_DIRS };

/*
 * Put those numbers of the window's bounds into it whose names may hold the
 * folded part in a word of their basename, or of their directories.
 */
void sketch_mark(const struct sketch *s, struct slice part, enum gram_part how,
    enum sketch_side side, struct window *w);

#endif
