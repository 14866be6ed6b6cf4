#include "catalogue_state.h"

#include <stdlib.h>
#include <string.h>

int
catalogue_fill(struct catalogue *c, const struct catalogue_file *file)
{
	size_t place;

	if (catalogue_reserve(c, file) < 0)
		return -1;
	place = catalogue_take(c, file->path);
	catalogue_set(c, place, file);
	c->entries[place].version = place;
	return 0;
}

/* Of entries in order, keep the last of each path. */
static void
drop_twins(struct catalogue *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->used; i++) {
		if (i + 1 < c->used &&
		    slice_eq(catalogue_path(c, i), catalogue_path(c, i + 1)))
			c->garbage += c->entries[i].len;
		else
			c->entries[kept++] = c->entries[i];
	}
	c->count -= c->used - kept;
	c->used = kept;
}

/* What is read in order then lies in order; without memory it is as good. */
static void
lay_out(struct catalogue *c)
{
	char *text = malloc(c->text_len);
	size_t len = 0;

	if (!text)
		return;
	for (size_t i = 0; i < c->used; i++) {
		struct slice path = catalogue_path(c, i);

		memcpy(text + len, path.ptr, path.len);
		c->entries[i].at = len;
		len += path.len;
	}
	free(c->text);
	c->text = text;
	c->text_room = c->text_len;
	c->text_len = len;
	c->garbage = 0;
}

/* Bring digests into the order of the entries. */
static int
sort_digests(struct catalogue *c)
{
	struct digest *sorted;

	if (!c->digests)
		return 0;
	sorted = calloc(c->room, sizeof *sorted);
	if (!sorted)
		return -1;
	for (size_t i = 0; i < c->used; i++)
		sorted[i] = c->digests[c->entries[i].version];
	free(c->digests);
	c->digests = sorted;
	return 0;
}

int
catalogue_settle(struct catalogue *c)
{
	if (c->used > 1) {
		catalogue_sort(c);
		drop_twins(c);
		lay_out(c);
	}
	if (sort_digests(c) < 0)
		return -1;
	c->version++;
	for (size_t i = 0; i < c->used; i++)
		c->entries[i].version = c->version;
	return order_fill(&c->order, (uint32_t)c->used);
}
