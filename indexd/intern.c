#include "intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 1024u
#define WORDS_MIN 512u
#define TEXT_MIN 4096u

/* The first bytes of a word decide about nearly all words. */
struct intern_slot {
	uint64_t head;
	uint32_t hash;
	uint32_t id_up; /* one up, so that 0 is an empty slot */
};

void
intern_init(struct intern *in, const struct hash_key *key)
{
	*in = (struct intern){.key = *key};
}

void
intern_free(struct intern *in)
{
	free(in->slots);
	free(in->words);
	free(in->text);
	intern_init(in, &in->key);
}

static uint64_t
head_of(struct slice word)
{
	uint64_t head = 0;

	memcpy(
	    &head, word.ptr, word.len < sizeof head ? word.len : sizeof head);
	return head;
}

/* Both halves of a product, put together. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint32_t
hash_of(const struct intern *in, struct slice word, uint64_t head)
{
	uint64_t h = mix(head ^ in->key.word[0], in->key.word[1] | 1);

	while (word.len > sizeof head) {
		word = slice_skip(word, sizeof head);
		h = mix(h ^ head_of(word) ^ in->key.word[0],
		    (in->key.word[1] ^ word.len) | 1);
	}
	return (uint32_t)(h >> 32);
}

static int
grow_slots(struct intern *in)
{
	uint32_t size = in->size ? 2 * in->size : SLOTS_MIN, at;
	struct intern_slot *slots = calloc(size, sizeof *slots);

	if (!slots)
		return -1;
	for (uint32_t i = 0; i < in->size; i++) {
		if (!in->slots[i].id_up)
			continue;
		at = in->slots[i].hash & (size - 1);
		while (slots[at].id_up)
			at = (at + 1) & (size - 1);
		slots[at] = in->slots[i];
	}
	free(in->slots);
	in->slots = slots;
	in->size = size;
	return 0;
}

static int
reserve_text(struct intern *in, size_t more)
{
	size_t room = in->text_room ? in->text_room : TEXT_MIN;
	char *text;

	if (in->text_end + more <= in->text_room)
		return 0;
	while (room < in->text_end + more)
		room += room / 2;
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

	if (in->count >= in->size / 2 && grow_slots(in) < 0)
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

static uint32_t
add(struct intern *in, struct slice word)
{
	struct intern_word *w = &in->words[in->count];

	*w = (struct intern_word){
	    .at = in->text_end, .len = (uint32_t)word.len};
	memcpy(in->text + in->text_end, word.ptr, word.len);
	in->text_end += word.len;
	return in->count++;
}

uint32_t
intern_word(struct intern *in, struct slice word)
{
	uint64_t head = head_of(word);
	uint32_t hash = hash_of(in, word, head), at;
	struct intern_slot *slot;

	if (reserve(in, word.len) < 0)
		return INTERN_NONE;
	for (at = hash & (in->size - 1);; at = (at + 1) & (in->size - 1)) {
		slot = &in->slots[at];
		if (!slot->id_up)
			break;
		if (slot->head != head || slot->hash != hash)
			continue;
		if (word.len < sizeof head ||
		    slice_eq(intern_text(in, slot->id_up - 1), word))
			return slot->id_up - 1;
	}
	*slot = (struct intern_slot){head, hash, in->count + 1};
	return add(in, word);
}
