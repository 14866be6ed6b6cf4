#include "names.h"

#include <errno.h>

/* A segment with so much text takes no more names. */
#define TEXT_MAX ((size_t)128 << 20)

void
names_init(struct names *n, uint32_t segment_max)
{
	*n = (struct names){.segment_max = segment_max};
}

void
names_free(struct names *n)
{
	for (uint32_t i = 0; i < n->slot_end; i++)
		segment_free(n->slots[i]);
	table_free(&n->table);
	names_init(n, n->segment_max);
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
add_segment(struct names *n)
{
	uint32_t slot = 0;

	while (slot < n->slot_end && n->slots[slot])
		slot++;
	if (slot == NAMES_SLOTS) {
		errno = ENOMEM;
		return -1;
	}
	n->slots[slot] = segment_new(slot, n->serials + 1);
	if (!n->slots[slot])
		return -1;
	n->serials++;
	if (slot == n->slot_end)
		n->slot_end++;
	n->head = n->slots[slot];
	return 0;
}

static void
seal(struct names *n, struct segment *s)
{
	s->sealed = true;
	if (n->head == s)
		n->head = NULL;
}

/* A name at the head that the table does not know yet. */
static uint32_t
append(struct names *n, uint32_t tag, struct slice path)
{
	struct segment *s = n->head;

	if (s && (s->end >= n->segment_max || s->text_end >= TEXT_MAX))
		seal(n, s);
	if (!n->head && add_segment(n) < 0)
		return NAMES_NONE;
	if (segment_add(n->head, tag, path) < 0)
		return NAMES_NONE;
	n->added++;
	n->waiting++;
	return names_number(n->head, n->head->end - 1);
}

uint32_t
names_add(struct names *n, uint32_t tag, struct slice path)
{
	uint32_t id = append(n, tag, path);

	if (id == NAMES_NONE)
		return NAMES_NONE;
	if (table_add(&n->table, tag, id) < 0) {
		segment_drop(n->head, names_index(id));
		return NAMES_NONE;
	}
	n->live++;
	return id;
}

void
names_drop(struct names *n, uint32_t id)
{
	table_drop(&n->table, names_at(n, id)->tag, id);
	segment_drop(names_segment(n, id), names_index(id));
	n->live--;
}

uint32_t
names_move(struct names *n, uint32_t id)
{
	struct name *old = names_at(n, id), *new;
	uint32_t to = append(n, old->tag, names_path(n, id));

	if (to == NAMES_NONE)
		return NAMES_NONE;
	new = names_at(n, to);
	new->head = old->head;
	new->place |= old->place &SEGMENT_FLAG;
	table_rename(&n->table, old->tag, id, to);
	segment_drop(names_segment(n, id), names_index(id));
	n->generation++;
	return to;
}

struct segment *
names_next(const struct names *n, uint64_t serial)
{
	struct segment *best = NULL;

	for (uint32_t i = 0; i < n->slot_end; i++) {
		if (!n->slots[i] || n->slots[i]->serial <= serial)
			continue;
		if (!best || n->slots[i]->serial < best->serial)
			best = n->slots[i];
	}
	return best;
}

struct segment *
names_sparse(struct names *n)
{
	for (uint32_t i = 0; i < n->slot_end; i++) {
		if (!n->slots[i] || !segment_sparse(n->slots[i]))
			continue;
		seal(n, n->slots[i]);
		return n->slots[i];
	}
	return NULL;
}

void
names_remove(struct names *n, struct segment *s)
{
	seal(n, s);
	names_indexed(n, s->end - segment_indexed(s));
	n->slots[s->slot] = NULL;
	while (n->slot_end > 0 && !n->slots[n->slot_end - 1])
		n->slot_end--;
	n->generation++;
}

uint64_t
names_bytes(const struct names *n)
{
	uint64_t sum = n->table.bytes;

	for (uint32_t i = 0; i < n->slot_end; i++)
		if (n->slots[i])
			sum += segment_bytes(n->slots[i]);
	return sum;
}
