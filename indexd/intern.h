#ifndef NAP_INTERN_H
#define NAP_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "lib/slice.h"

/* Different words, each stored once and known by a number from 0. */
struct intern {
	struct hash_key key;
	struct intern_slot *slots;
	struct intern_word *words;
	char *text;
	uint32_t size; /* of slots: 0 or a power of two */
	uint32_t count;
	uint32_t room; /* of words */
	size_t text_end;
	size_t text_room;
};

struct intern_word {
	size_t at; /* in text */
	uint32_t len;
	uint32_t seen[2]; /* the caller's, 0 at first */
	uint32_t last; /* the caller's, 0 at first */
};

#define INTERN_NONE UINT32_MAX

/* The hashes are keyed, so that no peer can make words collide. */
void intern_init(struct intern *in, const struct hash_key *key);
void intern_free(struct intern *in);

/*
 * The number of a word, which has no NUL: the old one or the next. INTERN_NONE
 * with ENOMEM.
 */
uint32_t intern_word(struct intern *in, struct slice word);

/* The bytes of word number id, valid until a word is added. */
static inline struct slice
intern_text(const struct intern *in, uint32_t id)
{
	return slice_of(in->text + in->words[id].at, in->words[id].len);
}

#endif
