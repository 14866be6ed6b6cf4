#include "names.h"

#include <errno.h>
#include <string.h>

/* Dead names and dead text that are never worth the work. */
#define DEAD_MIN 512u
#define DEAD_TEXT_MIN ((size_t)32 << 10)

#define OFFSET_MAX ((size_t)1 << 47)

void
names_free(struct names *n)
{
	uint64_t generation = n->generation;

	region_free(&n->list);
	region_free(&n->text);
	table_free(&n->table);
	*n = (struct names){.generation = generation + 1};
}

uint32_t
names_find(const struct names *n, uint32_t tag, struct slice path)
{
	struct table_walk walk = table_walk(&n->table, tag);
	uint32_t id;

	while ((id = table_next(&walk)) != NAMES_NONE)
		if (slice_eq(names_path(n, id), path))
			break;
	return id;
}

static int
reserve(struct names *n, size_t text)
{
	if (n->end >= NAMES_NONE - 1 || n->text_end > OFFSET_MAX) {
		errno = ENOMEM;
		return -1;
	}
	if (region_reserve(&n->text, n->text_end + text) < 0)
		return -1;
	return region_reserve(
	    &n->list, ((size_t)n->end + 1) * sizeof(struct name));
}

uint32_t
names_add(struct names *n, uint32_t tag, struct slice path)
{
	struct name *name;

	if (reserve(n, path.len) < 0 || table_add(&n->table, tag, n->end) < 0)
		return NAMES_NONE;
	name = names_at(n, n->end);
	name->head = NAMES_NONE;
	name->tag = tag;
	name->place = (uint64_t)n->text_end << 16 | path.len;
	memcpy(n->text.base + n->text_end, path.ptr, path.len);
	n->text_end += path.len;
	n->live++;
	return n->end++;
}

void
names_drop(struct names *n, uint32_t id)
{
	struct name *name = names_at(n, id);

	table_drop(&n->table, name->tag, id);
	n->text_dead += names_path(n, id).len;
	n->live--;
	name->head = NAMES_NONE;
}

bool
names_sparse(const struct names *n)
{
	uint32_t dead = n->end - n->live;
	size_t text_live = n->text_end - n->text_dead;

	if (n->live == 0)
		return n->end > 0;
	return (dead > DEAD_MIN && dead > n->live / 2) ||
	    (n->text_dead > DEAD_TEXT_MIN && n->text_dead > text_live / 2);
}

/* Move a name down to number to and its text to offset; returns its length. */
static size_t
move(struct names *n, uint32_t id, uint32_t to, size_t offset)
{
	struct name name = *names_at(n, id);
	struct slice path = names_path(n, id);

	memmove(n->text.base + offset, path.ptr, path.len);
	name.place = (uint64_t)offset << 16 | (name.place & 0xffff);
	*names_at(n, to) = name;
	if (to != id)
		table_rename(&n->table, name.tag, id, to);
	return path.len;
}

void
names_compact(
    struct names *n, void (*moved)(void *, uint32_t, uint32_t), void *context)
{
	uint32_t to = 0;
	size_t offset = 0;

	if (n->live == 0) {
		names_free(n);
		return;
	}
	n->generation++;
	for (uint32_t id = 0; id < n->end; id++) {
		if (names_at(n, id)->head == NAMES_NONE)
			continue;
		offset += move(n, id, to, offset);
		if (to != id)
			moved(context, id, to);
		to++;
	}
	n->end = to;
	n->text_end = offset;
	n->text_dead = 0;
	region_trim(&n->list, (size_t)to * sizeof(struct name));
	region_trim(&n->text, offset);
}
