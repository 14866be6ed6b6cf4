#include "draft.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "radix.h"
#include "title.h"

#define NAMES_MIN 4096u
#define TEXT_MIN ((size_t)256 << 10)

/*
 * An item to sort: the first bytes of a basename, some bits short, above the
 * number of its name.
 */
#define NUMBER_BITS 20
#define NUMBER_MASK (DRAFT_NAMES_MAX - 1)

void
draft_free(struct draft *d)
{
	free(d->names);
	free(d->text);
	*d = (struct draft){0};
}

static int
reserve_text(struct draft *d, size_t more)
{
	size_t room = d->text_room ? 2 * d->text_room : TEXT_MIN;
	char *text;

	if (d->text_room - d->text_end >= more)
		return 0;
	text = realloc(d->text, room);
	if (!text)
		return -1;
	d->text = text;
	d->text_room = room;
	return 0;
}

static int
reserve_name(struct draft *d)
{
	uint32_t room = d->room ? 2 * d->room : NAMES_MIN;
	struct draft_name *names;

	if (d->count < d->room)
		return 0;
	if (d->count == DRAFT_NAMES_MAX) {
		errno = ENOMEM;
		return -1;
	}
	names = reallocarray(d->names, room, sizeof *names);
	if (!names)
		return -1;
	d->names = names;
	d->room = room;
	return 0;
}

int
draft_add(struct draft *d, uint32_t index, struct slice path)
{
	if (reserve_name(d) < 0 || reserve_text(d, path.len) < 0)
		return -1;
	memcpy(d->text + d->text_end, path.ptr, path.len);
	d->names[d->count++] = (struct draft_name){
	    .at = d->text_end,
	    .index = index,
	    .len = (uint16_t)path.len,
	    .base = (uint16_t)(path.len - title_basename(path).len),
	};
	d->text_end += path.len;
	return 0;
}

static size_t
base_length(const struct draft *d, uint32_t i)
{
	return (size_t)(d->names[i].len - d->names[i].base);
}

static uint64_t
item_of(const struct draft *d, uint32_t i)
{
	struct slice base = draft_base(d, i);
	uint64_t first = 0;

	for (size_t k = 0; k < sizeof first; k++)
		first = first << 8 | (k < base.len ? (uint8_t)base.ptr[k] : 0);
	return (first & ~(uint64_t)NUMBER_MASK) | i;
}

/* The stable order by length of what is sorted by first bytes. */
static void
sort_by_length(
    const struct draft *d, const uint64_t *items, uint32_t *order, uint32_t *at)
{
	uint32_t sum = 0, n;

	for (uint32_t i = 0; i < d->count; i++)
		at[base_length(d, i)]++;
	for (size_t len = 0; len <= NAMES_PATH_MAX; len++) {
		n = at[len];
		at[len] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < d->count; i++) {
		n = items[i] & NUMBER_MASK;
		order[at[base_length(d, n)]++] = n;
	}
}

struct tie {
	struct slice base;
	struct slice path;
	uint32_t number;
};

static int
tie_cmp(const void *a, const void *b)
{
	const struct tie *x = a, *y = b;
	int result = slice_cmp(x->base, y->base);

	return result ? result : slice_cmp(x->path, y->path);
}

/* Order names whose length and first bytes are the same. */
static int
break_tie(const struct draft *d, uint32_t *order, uint32_t count)
{
	struct tie *ties;

	if (count < 2)
		return 0;
	ties = calloc(count, sizeof *ties);
	if (!ties)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		ties[i] = (struct tie){
		    draft_base(d, order[i]), draft_path(d, order[i]), order[i]};
	qsort(ties, count, sizeof *ties, tie_cmp);
	for (uint32_t i = 0; i < count; i++)
		order[i] = ties[i].number;
	free(ties);
	return 0;
}

static bool
tied(const struct draft *d, uint32_t a, uint32_t b)
{
	return base_length(d, a) == base_length(d, b) &&
	    (item_of(d, a) | NUMBER_MASK) == (item_of(d, b) | NUMBER_MASK);
}

static int
break_ties(const struct draft *d, uint32_t *order)
{
	uint32_t from, to;

	for (from = 0; from < d->count; from = to) {
		to = from + 1;
		while (to < d->count && tied(d, order[from], order[to]))
			to++;
		if (break_tie(d, order + from, to - from) < 0)
			return -1;
	}
	return 0;
}

uint32_t *
draft_order(const struct draft *d)
{
	size_t count = d->count;
	uint64_t *items = calloc(2 * count + 1, sizeof *items);
	uint32_t *at = calloc(NAMES_PATH_MAX + 1, sizeof *at);
	uint32_t *order = calloc(count + 1, sizeof *order);
	bool failed = !items || !at || !order;

	for (uint32_t i = 0; i < d->count && !failed; i++)
		items[i] = item_of(d, i);
	if (!failed) {
		sort_by_length(d,
		    radix_sort(items, items + count, count, NUMBER_BITS, 64),
		    order, at);
		failed = break_ties(d, order) < 0;
	}
	free(items);
	free(at);
	if (!failed)
		return order;
	free(order);
	return NULL;
}
