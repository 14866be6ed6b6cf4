#include "order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_NUMBERS 510

/* What is filled at first leaves room for what comes between. */
#define FILLED_NUMBERS 400

struct order_block {
	uint32_t count;
	uint32_t numbers[BLOCK_NUMBERS];
};

void
order_free(struct order *o)
{
	for (size_t i = 0; i < o->count; i++)
		free(o->blocks[i]);
	free(o->blocks);
	*o = (struct order){.count = 0};
}

static int
reserve_block(struct order *o)
{
	size_t room = o->room ? 2 * o->room : 16;
	struct order_block **grown;

	if (o->count < o->room)
		return 0;
	grown = reallocarray(o->blocks, room, sizeof *grown);
	if (!grown)
		return -1;
	o->blocks = grown;
	o->room = room;
	return 0;
}

/* A new block, without numbers yet, as the i-th. NULL with ENOMEM. */
static struct order_block *
add_block(struct order *o, size_t i)
{
	struct order_block *block;

	if (reserve_block(o) < 0)
		return NULL;
	block = malloc(sizeof *block);
	if (!block)
		return NULL;
	block->count = 0;
	memmove(&o->blocks[i + 1], &o->blocks[i],
	    (o->count - i) * sizeof(struct order_block *));
	o->blocks[i] = block;
	o->count++;
	return block;
}

int
order_fill(struct order *o, uint32_t count)
{
	struct order_block *block = NULL;

	for (uint32_t number = 0; number < count; number++) {
		if (number % FILLED_NUMBERS == 0)
			block = add_block(o, o->count);
		if (!block) {
			order_free(o);
			errno = ENOMEM;
			return -1;
		}
		block->numbers[block->count++] = number;
	}
	return 0;
}

static size_t
find_in_block(const struct order_block *block, const struct order_test *test)
{
	size_t first = 0, end = block->count;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (test->before(test->arg, block->numbers[middle]))
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

struct order_spot
order_find(const struct order *o, const struct order_test *test)
{
	size_t first = 0, end = o->count, at;

	/* The last block that begins before it; else the very first. */
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (test->before(test->arg, o->blocks[middle]->numbers[0]))
			first = middle + 1;
		else
			end = middle;
	}
	if (first == 0)
		return (struct order_spot){.block = 0};
	at = find_in_block(o->blocks[first - 1], test);
	return (struct order_spot){.block = first - 1, .at = at};
}

/* The end of a block is the beginning of the next. */
static struct order_spot
normal(const struct order *o, struct order_spot spot)
{
	if (spot.block < o->count && spot.at == o->blocks[spot.block]->count)
		return (struct order_spot){.block = spot.block + 1};
	return spot;
}

bool
order_at(const struct order *o, const struct order_spot *spot, uint32_t *number)
{
	struct order_spot at = normal(o, *spot);

	if (at.block >= o->count)
		return false;
	*number = o->blocks[at.block]->numbers[at.at];
	return true;
}

void
order_step(const struct order *o, struct order_spot *spot)
{
	*spot = normal(o, *spot);
	spot->at++;
}

/* Move the upper half of the i-th block to a new one behind it. */
static int
split(struct order *o, size_t i)
{
	struct order_block *block = o->blocks[i], *upper = add_block(o, i + 1);
	uint32_t kept = block->count / 2;

	if (!upper)
		return -1;
	upper->count = block->count - kept;
	memcpy(upper->numbers, block->numbers + kept,
	    upper->count * sizeof *upper->numbers);
	block->count = kept;
	return 0;
}

int
order_insert(struct order *o, const struct order_spot *spot, uint32_t number)
{
	struct order_spot to = *spot;
	struct order_block *block;

	if (o->count == 0 && !add_block(o, 0))
		return -1;
	if (o->blocks[to.block]->count == BLOCK_NUMBERS) {
		if (split(o, to.block) < 0)
			return -1;
		if (to.at > o->blocks[to.block]->count) {
			to.at -= o->blocks[to.block]->count;
			to.block++;
		}
	}
	block = o->blocks[to.block];
	memmove(&block->numbers[to.at + 1], &block->numbers[to.at],
	    (block->count - to.at) * sizeof *block->numbers);
	block->numbers[to.at] = number;
	block->count++;
	return 0;
}

static void
remove_block(struct order *o, size_t i)
{
	free(o->blocks[i]);
	o->count--;
	memmove(&o->blocks[i], &o->blocks[i + 1],
	    (o->count - i) * sizeof(struct order_block *));
}

void
order_remove(struct order *o, struct order_spot *spot)
{
	struct order_block *block;

	*spot = normal(o, *spot);
	block = o->blocks[spot->block];
	block->count--;
	memmove(&block->numbers[spot->at], &block->numbers[spot->at + 1],
	    (block->count - spot->at) * sizeof *block->numbers);
	if (block->count == 0)
		remove_block(o, spot->block);
}
