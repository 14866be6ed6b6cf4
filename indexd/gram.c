#include "gram.h"

#include <errno.h>
#include <stdlib.h>

#include "radix.h"

#define KEY_LOW 32
#define KEY_HIGH 56

void
grams_free(struct grams *g)
{
	free(g->keys);
	free(g->at);
	free(g->lists);
	*g = (struct grams){0};
}

/* Leave each pair once. Returns how many there are. */
static size_t
once_each(uint64_t *pairs, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (i == 0 || pairs[i] != pairs[kept - 1])
			pairs[kept++] = pairs[i];
	return kept;
}

/* How many pairs at the front have the same gram. */
static uint32_t
same(const uint64_t *pairs, size_t count)
{
	uint32_t n = 1;

	while (n < count && pairs[n] >> KEY_LOW == pairs[0] >> KEY_LOW)
		n++;
	return n;
}

/* Count grams and the bytes of their lists. */
static size_t
measure(struct grams *g, const uint64_t *pairs, size_t count)
{
	size_t bytes = 0;

	for (uint32_t n; count > 0; pairs += n, count -= n) {
		n = same(pairs, count);
		bytes += posting_size(n, g->universe);
		g->count++;
	}
	return bytes;
}

static void
fill(struct grams *g, const uint64_t *pairs, size_t count, uint32_t *numbers)
{
	uint32_t at = 0, i = 0;

	for (uint32_t n; count > 0; pairs += n, count -= n) {
		n = same(pairs, count);
		for (uint32_t k = 0; k < n; k++)
			numbers[k] = (uint32_t)pairs[k];
		g->keys[i] = (uint32_t)(pairs[0] >> KEY_LOW);
		g->at[i++] = at;
		posting_write(g->lists + at, numbers, n, g->universe);
		at += (uint32_t)posting_size(n, g->universe);
	}
}

int
grams_build(struct grams *g, uint64_t *pairs, uint64_t *spare, size_t count,
    uint32_t universe)
{
	uint64_t *sorted = radix_sort(pairs, spare, count, KEY_LOW, KEY_HIGH);
	uint64_t *other = sorted == pairs ? spare : pairs;
	size_t bytes;

	*g = (struct grams){.universe = universe};
	count = once_each(sorted, count);
	bytes = measure(g, sorted, count);
	if (bytes > UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	g->bytes = bytes + POSTING_SLACK + 2 * g->count * sizeof *g->keys;
	g->keys = calloc((size_t)g->count + 1, sizeof *g->keys);
	g->at = calloc((size_t)g->count + 1, sizeof *g->at);
	g->lists = calloc(1, bytes + POSTING_SLACK);
	if (!g->keys || !g->at || !g->lists) {
		grams_free(g);
		return -1;
	}
	/* One list is at most half as long as all pairs. */
	fill(g, sorted, count, (uint32_t *)(void *)other);
	return 0;
}

/* The first place whose key is not below key. */
static uint32_t
lower(const struct grams *g, uint32_t key)
{
	uint32_t from = 0, to = g->count, middle;

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

bool
grams_next(
    const struct grams *g, struct gram_lists *lists, struct posting *list)
{
	for (; lists->first < lists->end; lists->first++) {
		if ((g->keys[lists->first] & lists->mask) != lists->key)
			continue;
		*list = list_at(g, lists->first++);
		return true;
	}
	return false;
}
