#include "coverage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 8

void
coverage_clear(struct coverage *c)
{
	free(c->list);
	*c = (struct coverage){0};
}

/* The place of the first piece that ends at a byte or behind it. */
static size_t
first_from(const struct coverage *c, uint64_t byte)
{
	size_t from = 0, end = c->count;

	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (c->list[middle].range.end < byte)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

/* 0, or -1 with ENOMEM. */
static int
make_room(struct coverage *c, size_t count)
{
	size_t room = c->room ? c->room : FIRST_ROOM;
	struct coverage_piece *list;

	if (count <= c->room)
		return 0;
	while (room < count)
		room *= 2;
	list = reallocarray(c->list, room, sizeof *list);
	if (!list)
		return -1;
	c->list = list;
	c->room = room;
	return 0;
}

/* Pieces of the list, from one on and before another, and what replaces them. */
struct change {
	size_t from;
	size_t end;
	struct coverage_piece pieces[3];
	size_t count;
};

/*
 * The pieces that have bytes in common with the new one, or touch it and have
 * its giver.
 */
static void
find_old(const struct coverage *c, const struct coverage_piece *new,
    struct change *h)
{
	const struct coverage_piece *list = c->list;

	h->from = first_from(c, new->range.from);
	if (h->from < c->count &&
	    list[h->from].range.end == new->range.from &&list[h->from].giver !=
		new->giver)
		h->from++;
	h->end = h->from;
	while (h->end < c->count && list[h->end].range.from < new->range.end)
		h->end++;
	if (h->end < c->count &&
	    list[h->end].range.from == new->range.end &&list[h->end].giver ==
		new->giver)
		h->end++;
}

/* What is there instead: the new one, and what juts out of it at its sides. */
static void
find_new(const struct coverage *c, struct coverage_piece new, struct change *h)
{
	struct coverage_piece before = new, behind = new;

	h->count = 0;
	if (h->from < h->end) {
		before = c->list[h->from];
		behind = c->list[h->end - 1];
	}
	if (before.range.from < new.range.from && before.giver == new.giver)
		new.range.from = before.range.from;
	if (behind.range.end > new.range.end && behind.giver == new.giver)
		new.range.end = behind.range.end;
	if (before.range.from < new.range.from) {
		before.range.end = new.range.from;
		h->pieces[h->count++] = before;
	}
	h->pieces[h->count++] = new;
	if (behind.range.end > new.range.end) {
		behind.range.from = new.range.end;
		h->pieces[h->count++] = behind;
	}
}

/* 0, or -1 with ENOMEM. */
static int
carry_out(struct coverage *c, const struct change *h)
{
	size_t behind = c->count - h->end, end = h->from + h->count;

	if (make_room(c, end + behind) < 0)
		return -1;
	if (end != h->end)
		memmove(
		    c->list + end, c->list + h->end, behind * sizeof *c->list);
	memcpy(c->list + h->from, h->pieces, h->count * sizeof *c->list);
	c->count = end + behind;
	return 0;
}

int
coverage_add(struct coverage *c, struct coverage_range range, unsigned giver)
{
	const struct coverage_piece piece = {range, giver};
	struct change change;

	if (range.from >= range.end)
		return 0;
	find_old(c, &piece, &change);
	find_new(c, piece, &change);
	return carry_out(c, &change);
}

void
coverage_cut(struct coverage *c, uint64_t end)
{
	size_t place = first_from(c, end);

	if (place == c->count)
		return;
	c->count = place;
	if (c->list[place].range.from < end) {
		c->list[place].range.end = end;
		c->count++;
	}
}

void
coverage_keep(struct coverage *c, unsigned giver)
{
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].giver == giver)
			c->list[count++] = c->list[i];
	c->count = count;
}

uint64_t
coverage_prefix(const struct coverage *c)
{
	uint64_t end = 0;

	for (size_t i = 0; i < c->count && c->list[i].range.from == end; i++)
		end = c->list[i].range.end;
	return end;
}

uint64_t
coverage_bytes(const struct coverage *c)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < c->count; i++)
		bytes += c->list[i].range.end - c->list[i].range.from;
	return bytes;
}

uint64_t
coverage_given(const struct coverage *c, unsigned giver)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].giver == giver)
			bytes += c->list[i].range.end - c->list[i].range.from;
	return bytes;
}

bool
coverage_gap(const struct coverage *c, struct coverage_range *gap)
{
	struct coverage_range rest = *gap;
	size_t i = first_from(c, rest.from);

	for (; i < c->count && c->list[i].range.from <= rest.from; i++)
		rest.from = c->list[i].range.end;
	if (rest.from >= rest.end)
		return false;
	if (i < c->count && c->list[i].range.from < rest.end)
		rest.end = c->list[i].range.from;
	*gap = rest;
	return true;
}
