#include "intern.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define SLOTS_MIN 1024u
#define WORDS_MIN 512u
#define TEXT_MIN 4096u

void
intern_free(struct intern *in)
{
	free(in->slots);
	free(in->words);
	free(in->text);
	*in = (struct intern){.size = 0};
}

uint64_t
intern_hash_rest(const struct intern *in, uint64_t hash, struct slice word)
{
	while (word.len > sizeof hash) {
		word = slice_skip(word, sizeof hash);
		hash = intern_mix(hash ^ intern_head(word.ptr, word.len),
		    (in->key.word[1] ^ word.len) | 1);
	}
	return hash;
}

static uint32_t
after(const struct intern *in, uint32_t at)
{
	return at + 1 == in->size ? 0 : at + 1;
}

static void
put(struct intern *in, struct intern_slot slot)
{
	uint32_t at = intern_home(in, slot.hash);

	while (in->slots[at].id_up)
		at = after(in, at);
	in->slots[at] = slot;
}

static int
resize_slots(struct intern *in, uint32_t size)
{
	struct intern_slot *old = in->slots;
	uint32_t old_size = in->size;

	in->slots = reallocarray(NULL, size, sizeof *old);
	if (!in->slots) {
		in->slots = old;
		return -1;
	}
	/* Written to before it is read: see region_map. */
	memset(in->slots, 0, size * sizeof *old);
	in->size = size;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i].id_up)
			put(in, old[i]);
	free(old);
	return 0;
}

static int
reserve_text(struct intern *in, size_t more)
{
	size_t room = in->text_room ? in->text_room : TEXT_MIN;
	char *text;

	if (in->text_room - in->text_end >= more + INTERN_SLACK)
		return 0;
	while (room < in->text_end + more + INTERN_SLACK)
		room += room / 2;
	if (room > UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	text = realloc(in->text, room);
	if (!text)
		return -1;
	in->text = text;
	in->text_room = room;
	return 0;
}

static int
reserve(struct intern *in, size_t len)
{
	uint32_t room = in->room ? in->room + in->room / 2 : WORDS_MIN;
	struct intern_word *words;

	if (in->count >= in->size / 4 * 3 &&
	    resize_slots(in, in->size + in->size / 2) < 0)
		return -1;
	if (in->count == in->room) {
		words = reallocarray(in->words, room, sizeof *words);
		if (!words)
			return -1;
		in->words = words;
		in->room = room;
	}
	return reserve_text(in, len);
}

int
intern_init(struct intern *in, const struct hash_key *key, uint32_t expected)
{
	*in = (struct intern){.key = *key};
	return resize_slots(in, SLOTS_MIN + expected + expected / 2);
}

static uint32_t
add(struct intern *in, const struct intern_look *look)
{
	if (reserve(in, look->len) < 0)
		return INTERN_NONE;
	put(in, (struct intern_slot){look->hash, in->count + 1});
	in->words[in->count] = (struct intern_word){
	    .head = look->head, .at = (uint32_t)in->text_end, .len = look->len};
	memcpy(in->text + in->text_end, look->word, look->len);
	in->text_end += look->len;
	return in->count++;
}

static inline bool
is_word(const struct intern *in, uint32_t id, const struct intern_look *look)
{
	const struct intern_word *w = &in->words[id];

	return w->head == look->head && w->len == look->len &&
	    (w->len <= sizeof w->head ||
		!memcmp(in->text + w->at, look->word, w->len));
}

uint32_t
intern_word(struct intern *in, const struct intern_look *look)
{
	const struct intern_slot *slot;
	uint32_t at = intern_home(in, look->hash);

	for (;; at = after(in, at)) {
		slot = &in->slots[at];
		if (!slot->id_up)
			return add(in, look);
		if (slot->hash == look->hash &&
		    is_word(in, slot->id_up - 1, look))
			return slot->id_up - 1;
	}
}
