#include "hashes_table.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 64

/* So many inodes that follow each other are a group. */
#define GROUP_BITS 3

/* Entries are looked at only when their mark is that of what is sought. */
struct hashes_slot {
	uint32_t mark; /* a hash of device and inode; its low bits: where */
	uint32_t at; /* one more than where the entry stands; 0: empty */
};

void
hashes_table_free(struct hashes_table *t)
{
	free(t->entries);
	free(t->days);
	free(t->slots);
}

/* The slots are a power of two: every bit of a group reaches the lowest. */
static uint32_t
mark_of(const struct facts *f)
{
	uint64_t group = f->inode >> GROUP_BITS, low;

	low = f->inode & ((1u << GROUP_BITS) - 1);
	group += f->device * 0x9e3779b97f4a7c15u;
	group = (group ^ group >> 30) * 0xbf58476d1ce4e5b9u;
	group = (group ^ group >> 27) * 0x94d049bb133111ebu;
	group ^= group >> 31;
	return (uint32_t)(group << GROUP_BITS | low);
}

/* The first empty slot from where the mark belongs. */
static struct hashes_slot *
empty_slot(const struct hashes_table *t, uint32_t mark)
{
	size_t mask = t->slot_count - 1, i = mark & mask;

	while (t->slots[i].at)
		i = (i + 1) & mask;
	return &t->slots[i];
}

ptrdiff_t
hashes_table_find(const struct hashes_table *t, const struct facts *key)
{
	size_t mask = t->slot_count - 1, i;
	uint32_t mark = mark_of(key);

	if (!t->slot_count)
		return -1;
	for (i = mark & mask; t->slots[i].at; i = (i + 1) & mask) {
		size_t at = t->slots[i].at - 1;
		const struct facts *f = &t->entries[at].facts;

		if (t->slots[i].mark == mark && f->inode == key->inode &&
		    f->device == key->device)
			return (ptrdiff_t)at;
	}
	return -1;
}

static int
resize_entries(struct hashes_table *t, size_t room)
{
	struct hashes_entry *entries = reallocarray(
	    t->entries, room, sizeof *entries);
	_Atomic(uint16_t) *days;

	if (!entries)
		return -1;
	t->entries = entries;
	days = reallocarray(t->days, room, sizeof *days);
	if (!days)
		return -1;
	t->days = days;
	return 0;
}

static int
resize(struct hashes_table *t, size_t slot_count)
{
	struct hashes_slot *old = t->slots, *slots;
	size_t old_count = t->slot_count;

	if (slot_count > UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	if (resize_entries(t, slot_count / 4 * 3) < 0)
		return -1;
	slots = calloc(slot_count, sizeof *slots);
	if (!slots)
		return -1;
	t->slots = slots;
	t->slot_count = slot_count;
	for (size_t i = 0; i < old_count; i++)
		if (old[i].at)
			*empty_slot(t, old[i].mark) = old[i];
	free(old);
	return 0;
}

int
hashes_table_reserve(struct hashes_table *t, size_t count)
{
	size_t slot_count = t->slot_count ? t->slot_count : FIRST_SLOTS;

	while (slot_count / 4 * 3 < count)
		slot_count *= 2;
	return slot_count == t->slot_count ? 0 : resize(t, slot_count);
}

ptrdiff_t
hashes_table_put(struct hashes_table *t, const struct hashes_record *record)
{
	const struct facts *key = &record->entry.facts;
	ptrdiff_t at = hashes_table_find(t, key);

	if (at < 0) {
		uint32_t mark = mark_of(key);

		if (hashes_table_reserve(t, t->count + 1) < 0)
			return -1;
		at = (ptrdiff_t)t->count++;
		*empty_slot(t, mark) = (struct hashes_slot){
		    .mark = mark, .at = (uint32_t)t->count};
	}
	t->entries[at] = record->entry;
	atomic_store_explicit(&t->days[at], record->day, memory_order_relaxed);
	return at;
}

struct hashes_record
hashes_table_at(const struct hashes_table *t, size_t i)
{
	return (struct hashes_record){
	    .entry = t->entries[i],
	    .day = atomic_load_explicit(&t->days[i], memory_order_relaxed),
	};
}
