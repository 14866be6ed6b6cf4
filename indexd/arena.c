#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)16 << 10)

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	char bytes[];
};

static int
add_block(struct arena *a, size_t need)
{
	size_t size = need > BLOCK_MIN ? need : BLOCK_MIN;
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof *block)
		size = SIZE_MAX - sizeof *block;
	block = malloc(sizeof *block + size);
	if (!block)
		return -1;
	*block = (struct arena_block){.next = a->blocks, .size = size};
	a->blocks = block;
	return 0;
}

int
arena_keep(struct arena *a, struct slice *s)
{
	struct arena_block *block = a->blocks;

	if (s->len == 0)
		return 0;
	if (!block || block->size - block->used < s->len) {
		if (add_block(a, s->len) < 0)
			return -1;
		block = a->blocks;
	}
	memcpy(block->bytes + block->used, s->ptr, s->len);
	s->ptr = block->bytes + block->used;
	block->used += s->len;
	return 0;
}

static void
free_blocks(struct arena_block *block)
{
	struct arena_block *next;

	for (; block; block = next) {
		next = block->next;
		free(block);
	}
}

void
arena_reset(struct arena *a)
{
	if (!a->blocks)
		return;
	free_blocks(a->blocks->next);
	a->blocks->next = NULL;
	a->blocks->used = 0;
}

void
arena_free(struct arena *a)
{
	free_blocks(a->blocks);
	a->blocks = NULL;
}
