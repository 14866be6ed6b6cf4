#ifndef NAP_HASHES_TABLE_H
#define NAP_HASHES_TABLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "hashes_file.h"

/*
 * Entries by device and inode, one of each, in the order in which they came;
 * the i-th was last in use on the i-th of days. A zeroed struct is an empty
 * table. Nothing is locked here.
 *
 * Files of a directory often have inodes that follow each other: those of a
 * group of eight have slots that do, too, so that most look-ups find theirs in
 * a line of the cache that the one before has brought.
 */
struct hashes_table {
	struct hashes_entry *entries;
	_Atomic(uint16_t) *days;
	struct hashes_slot *slots;
	size_t count;
	size_t slot_count; /* a power of two, three quarters in use at most */
};

void hashes_table_free(struct hashes_table *t);

/* Room for so many entries in all. 0, or -1 with ENOMEM. */
int hashes_table_reserve(struct hashes_table *t, size_t count);

/* Where the entry of that inode stands, or -1. */
ptrdiff_t hashes_table_find(
    const struct hashes_table *t, const struct facts *key);

/*
 * The entry, and its day, instead of another of the same inode. Where it
 * stands, or -1 with ENOMEM.
 */
ptrdiff_t hashes_table_put(
    struct hashes_table *t, const struct hashes_record *record);

/* A copy of the i-th, with its day. */
struct hashes_record hashes_table_at(const struct hashes_table *t, size_t i);

#endif
