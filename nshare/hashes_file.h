#ifndef NAP_HASHES_FILE_H
#define NAP_HASHES_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "facts.h"
#include "lib/digest.h"

/*
 * The file in which digests are kept: records of one size, one behind the
 * other, each with a check of its own. A record is appended with one write, so
 * that those of several processes do not mix; what is no sound record (one that
 * was torn, and anything else) is stepped over.
 */
#define HASHES_FILE_RECORD 96

/* No more records than these are read: the last. */
#define HASHES_FILE_MOST 4000000

/* A file, and its digest. No gaps: it is compared as bytes. */
struct hashes_entry {
	struct facts facts;
	uint8_t digest[DIGEST_BYTES];
};

/*
 * Open the file to read and append; it and the directories above are made when
 * they are not there, for their owner alone. Returns a descriptor, or -1 with
 * errno: EPERM when it is not a regular file of ours that we alone may write.
 */
int hashes_file_open(const char *path);

/*
 * Call each for every sound record, in the order they were appended; it returns
 * 0, or -1 with errno to end it. Returns how many bytes the file has, or -1.
 */
off_t hashes_file_read(int fd,
    int (*each)(void *arg, const struct hashes_entry *entry), void *arg);

/* 0, or -1 with errno (ENOSPC when less than all could be written). */
int hashes_file_add(int fd, const struct hashes_entry *entry);

/*
 * Put a new file with these entries in the place of the one that is open.
 * Returns its descriptor, or -1 with errno, with all as it was: EWOULDBLOCK
 * when another process is at it, ESTALE when one was, and the file that is open
 * is not the one at path any more.
 */
int hashes_file_replace(
    int fd, const char *path, const struct hashes_entry *entries, size_t count);

#endif
