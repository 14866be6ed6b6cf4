#include "gram.h"

#include <errno.h>
#include <stdlib.h>

#include "radix.h"

#define KEY_LOW 32
#define KEY_HIGH 56

/* First bytes, and two more: an end behind what is behind the last. */
#define FIRSTS 258

void
grams_free(struct grams *g)
{
	free(g->keys);
	free(g->firsts);
	free(g->at);
	free(g->lists);
	*g = (struct grams){0};
}

/* Move the numbers of the first pairs, of one gram, to numbers, each once. */
static uint32_t
take_numbers(
    uint32_t *numbers, const uint64_t *pairs, size_t count, size_t *taken)
{
	uint64_t gram = pairs[0] >> KEY_LOW;
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < count && pairs[i] >> KEY_LOW == gram; i++) {
		numbers[n] = (uint32_t)pairs[i];
		n += n == 0 || numbers[n] != numbers[n - 1];
	}
	*taken = i;
	return n;
}

static void
fill(struct grams *g, const uint64_t *pairs, size_t count, uint32_t *numbers)
{
	uint32_t at = 0, n;
	size_t taken;

	for (; count > 0; pairs += taken, count -= taken) {
		n = take_numbers(numbers, pairs, count, &taken);
		g->keys[g->count] = (uint32_t)(pairs[0] >> KEY_LOW);
		g->at[g->count++] = at;
		at += (uint32_t)posting_write(
		    g->lists + at, numbers, n, g->universe);
	}
	g->bytes = at + POSTING_SLACK;
}

/* Give back what was not needed. */
static int
fit(struct grams *g)
{
	uint32_t *keys = realloc(g->keys, (g->count + 1) * sizeof *keys);
	uint32_t *at = realloc(g->at, (g->count + 1) * sizeof *at);
	uint8_t *lists = realloc(g->lists, g->bytes);

	g->keys = keys ? keys : g->keys;
	g->at = at ? at : g->at;
	g->lists = lists ? lists : g->lists;
	g->bytes += 2 * ((size_t)g->count + 1) * sizeof *keys;
	return keys && at && lists ? 0 : -1;
}

/* Note where the keys of each first byte begin, and where all end. */
static int
index_keys(struct grams *g)
{
	uint32_t place = 0;

	g->firsts = calloc(FIRSTS, sizeof *g->firsts);
	if (!g->firsts)
		return -1;
	for (uint32_t first = 0; first < FIRSTS; first++) {
		while (place < g->count && g->keys[place] >> 16 < first)
			place++;
		g->firsts[first] = place;
	}
	g->bytes += FIRSTS * sizeof *g->firsts;
	return 0;
}

/* A list takes at most this many bytes a number, in all. */
#define BYTES_MAX 8

int
grams_build(struct grams *g, uint64_t *pairs, uint64_t *spare, size_t count,
    uint32_t universe)
{
	uint64_t *sorted = radix_sort(pairs, spare, count, KEY_LOW, KEY_HIGH);
	uint64_t *other = sorted == pairs ? spare : pairs;

	*g = (struct grams){.universe = universe};
	if (count > UINT32_MAX / BYTES_MAX) {
		errno = ENOMEM;
		return -1;
	}
	/* What is not written to costs no memory. */
	g->keys = calloc(count + 1, sizeof *g->keys);
	g->at = calloc(count + 1, sizeof *g->at);
	g->lists = malloc(count * BYTES_MAX + POSTING_SLACK);
	if (g->keys && g->at && g->lists) {
		fill(g, sorted, count, (uint32_t *)(void *)other);
		if (fit(g) == 0 && index_keys(g) == 0)
			return 0;
	}
	grams_free(g);
	return -1;
}

/* The first place whose key is not below key. */
static uint32_t
lower(const struct grams *g, uint32_t key)
{
	uint32_t from = g->firsts[key >> 16];
	uint32_t to = g->firsts[(key >> 16) + 1], middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (g->keys[middle] < key)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static struct posting
list_at(const struct grams *g, uint32_t place)
{
	return posting_read(g->lists + g->at[place], g->universe);
}

bool
grams_exact(const struct grams *g, uint32_t gram, struct posting *list)
{
	uint32_t place = lower(g, gram);

	if (place == g->count || g->keys[place] != gram)
		return false;
	*list = list_at(g, place);
	return true;
}

/* The shorter of a choice, if one has been made, and the list of a gram. */
static struct gram_lists
choose(const struct grams *g, struct gram_lists choice, uint32_t gram)
{
	uint32_t place = lower(g, gram);
	struct gram_lists other = {place, place + 1, 0, 0};

	if (place == g->count || g->keys[place] != gram)
		return (struct gram_lists){0};
	if (choice.end == UINT32_MAX ||
	    list_at(g, place).count < list_at(g, choice.first).count)
		return other;
	return choice;
}

/* By the grams around the bytes from i to end. */
static struct gram_lists
by_grams(const struct grams *g, struct slice part, size_t i, size_t end)
{
	struct gram_lists choice = {.end = UINT32_MAX};

	for (; i < end && choice.end > 0; i++)
		choice = choose(g, choice, gram_of(part, i));
	return choice;
}

/* By the grams that begin with two bytes. */
static struct gram_lists
by_two(const struct grams *g, uint32_t one, uint32_t two)
{
	uint32_t key = one << 16 | two << 8;

	return (struct gram_lists){lower(g, key), lower(g, key + 256), 0, 0};
}

struct gram_lists
grams_find(const struct grams *g, struct slice part, enum gram_part how)
{
	const uint8_t *bytes = (const uint8_t *)part.ptr;

	if (how == GRAM_WHOLE)
		return by_grams(g, part, 0, part.len);
	if (how == GRAM_PREFIX && part.len == 1)
		return by_two(g, GRAM_START, bytes[0]);
	if (how == GRAM_PREFIX)
		return by_grams(g, part, 0, part.len - 1);
	if (part.len == 1)
		return (struct gram_lists){
		    0, g->count, 0xff00, (uint32_t)bytes[0] << 8};
	if (part.len == 2)
		return by_two(g, bytes[0], bytes[1]);
	return by_grams(g, part, 1, part.len - 1);
}

/* Lists that do not fit: who wants the next one must not wait too long. */
#define MISSES_MAX 64

bool
grams_next(
    const struct grams *g, struct gram_lists *lists, struct posting *list)
{
	for (unsigned n = 0; lists->first < lists->end; lists->first++, n++) {
		if (n == MISSES_MAX) {
			*list = (struct posting){.universe = g->universe};
			return true;
		}
		if ((g->keys[lists->first] & lists->mask) != lists->key)
			continue;
		*list = list_at(g, lists->first++);
		return true;
	}
	return false;
}

uint32_t
grams_sift(const struct grams *g, struct slice part, size_t i,
    uint32_t *numbers, uint32_t count, uint32_t *work)
{
	struct posting list;

	*work = 0;
	if (!grams_exact(g, gram_of(part, i), &list))
		return 0;
	*work = count + list.count;
	return posting_sift(&list, numbers, count);
}
