#ifndef NAP_INTERN_H
#define NAP_INTERN_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/hash.h"
#include "lib/slice.h"

/* Different words, each stored once and known by a number from 0. */
struct intern {
	struct hash_key key;
	struct intern_slot *slots;
	struct intern_word *words;
	char *text;
	uint32_t size; /* of slots */
	uint32_t count;
	uint32_t room; /* of words */
	size_t text_end;
	size_t text_room;
};

struct intern_word {
	uint64_t head; /* its first bytes */
	uint32_t at; /* in text */
	uint32_t len;
	uint32_t seen[2]; /* the caller's, 0 at first */
	uint32_t last; /* the caller's, 0 at first */
};

#define INTERN_NONE UINT32_MAX

/* A word that is being looked up. */
struct intern_look {
	uint64_t head;
	const char *word;
	uint32_t len;
	uint32_t hash;
};

/* What may be read behind the end of a word, whatever stands there. */
#define INTERN_SLACK 8

/*
 * So many different words are expected. The hashes are keyed, so that no peer
 * can make words collide. 0, or -1 with ENOMEM.
 */
int intern_init(
    struct intern *in, const struct hash_key *key, uint32_t expected);
void intern_free(struct intern *in);

/*
 * Look a word up, which has no NUL, in three steps, so that the memory of many
 * words can be fetched at once: begin; approach; and its number, the old one or
 * the next, or INTERN_NONE with ENOMEM.
 */
static inline void intern_look(
    const struct intern *in, struct slice word, struct intern_look *look);
static inline void intern_approach(
    const struct intern *in, const struct intern_look *look);
uint32_t intern_word(struct intern *in, const struct intern_look *look);

/* The bytes of word number id, valid until a word is added. */
static inline struct slice
intern_text(const struct intern *in, uint32_t id)
{
	return slice_of(in->text + in->words[id].at, in->words[id].len);
}

/* What follows is how. Numbers are kept one up, so that 0 is an empty slot. */
struct intern_slot {
	uint32_t hash;
	uint32_t id_up;
};

/* The first bytes, and zeros behind a shorter word. */
static inline uint64_t
intern_head(const char *word, size_t len)
{
	uint64_t head;

	memcpy(&head, word, sizeof head);
	head = le64toh(head);
	return len < sizeof head ? head & (((uint64_t)1 << 8 * len) - 1) : head;
}

/* Both halves of a product, put together. */
static inline uint64_t
intern_mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The hash of a word whose first bytes have this one. */
uint64_t intern_hash_rest(
    const struct intern *in, uint64_t hash, struct slice word);

static inline uint32_t
intern_home(const struct intern *in, uint32_t hash)
{
	return (uint32_t)((uint64_t)hash * in->size >> 32);
}

static inline void
intern_look(
    const struct intern *in, struct slice word, struct intern_look *look)
{
	uint64_t h;

	look->head = intern_head(word.ptr, word.len);
	look->word = word.ptr;
	look->len = (uint32_t)word.len;
	h = intern_mix(look->head ^ in->key.word[0], in->key.word[1] | 1);
	if (word.len > sizeof look->head)
		h = intern_hash_rest(in, h, word);
	look->hash = (uint32_t)(h >> 32);
	__builtin_prefetch(&in->slots[intern_home(in, look->hash)]);
}

static inline void
intern_approach(const struct intern *in, const struct intern_look *look)
{
	uint32_t id_up = in->slots[intern_home(in, look->hash)].id_up;

	if (id_up > 0)
		__builtin_prefetch(&in->words[id_up - 1], 1);
}

#endif
