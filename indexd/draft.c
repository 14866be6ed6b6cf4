#include "draft.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "radix.h"
#include "title.h"

#define NAMES_MIN 4096u
#define TEXT_MIN ((size_t)256 << 10)

/* What is read behind the end of the text, whatever stands there. */
#define SLACK sizeof(uint64_t)

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

	if (d->text_room - d->text_end >= more + SLACK)
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

static uint64_t
item_of(const struct draft *d, uint32_t i)
{
	struct slice base = draft_base(d, i);
	uint64_t first;

	memcpy(&first, base.ptr, sizeof first);
	first = be64toh(first);
	if (base.len < sizeof first)
		first &= ~(~(uint64_t)0 >> 8 * base.len);
	return (first & ~(uint64_t)NUMBER_MASK) | i;
}

/* Items by the length of their basenames; at becomes where each length ends. */
static void
part_by_length(const struct draft *d, uint64_t *items, uint32_t *at)
{
	uint32_t sum = 0, n;

	for (uint32_t i = 0; i < d->count; i++)
		at[draft_base(d, i).len]++;
	for (size_t len = 0; len <= NAMES_PATH_MAX; len++) {
		n = at[len];
		at[len] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < d->count; i++)
		items[at[draft_base(d, i).len]++] = item_of(d, i);
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

/* Order items whose names have the same length and first bytes. */
static int
break_tie(const struct draft *d, uint64_t *items, uint32_t count)
{
	struct tie *ties;
	uint32_t n;

	if (count < 2)
		return 0;
	ties = calloc(count, sizeof *ties);
	if (!ties)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		n = items[i] & NUMBER_MASK;
		ties[i] = (struct tie){draft_base(d, n), draft_path(d, n), n};
	}
	qsort(ties, count, sizeof *ties, tie_cmp);
	for (uint32_t i = 0; i < count; i++)
		items[i] = (items[i] & ~(uint64_t)NUMBER_MASK) | ties[i].number;
	free(ties);
	return 0;
}

/* Order items whose names have basenames of the same length. */
static int
sort_items(
    const struct draft *d, uint64_t *items, uint64_t *spare, uint32_t count)
{
	uint64_t *sorted = radix_sort(items, spare, count, NUMBER_BITS, 64);
	uint32_t from, to;

	if (sorted != items)
		memcpy(items, sorted, count * sizeof *items);
	for (from = 0; from < count; from = to) {
		to = from + 1;
		while (to < count && (items[to] ^ items[from]) <= NUMBER_MASK)
			to++;
		if (break_tie(d, items + from, to - from) < 0)
			return -1;
	}
	return 0;
}

static int
sort_lengths(const struct draft *d, uint64_t *items, uint64_t *spare,
    const uint32_t *ends)
{
	uint32_t from = 0;

	for (size_t len = 0; len <= NAMES_PATH_MAX; from = ends[len++])
		if (ends[len] > from &&
		    sort_items(d, items + from, spare, ends[len] - from) < 0)
			return -1;
	return 0;
}

uint32_t *
draft_order(const struct draft *d)
{
	size_t count = d->count;
	uint64_t *items = calloc(2 * count + 1, sizeof *items);
	uint32_t *ends = calloc(NAMES_PATH_MAX + 1, sizeof *ends);
	uint32_t *order = calloc(count + 1, sizeof *order);
	int result = -1;

	if (items && ends && order) {
		part_by_length(d, items, ends);
		result = sort_lengths(d, items, items + count, ends);
	}
	for (size_t i = 0; i < count && result == 0; i++)
		order[i] = items[i] & NUMBER_MASK;
	free(items);
	free(ends);
	if (result == 0)
		return order;
	free(order);
	return NULL;
}
