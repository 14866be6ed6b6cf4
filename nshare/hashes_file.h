#ifndef NAP_HASHES_FILE_H
#define NAP_HASHES_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "hashes_record.h"

/*
 * The file in which digests are kept: records of one size, one behind the
 * other, each with a check of its own. Some are appended with one write, so
 * that those of several processes do not mix; what is no sound record (one that
 * was torn, and anything else) is stepped over. Who appends shares a lock on
 * the file; who puts another in its place has it alone, so that nothing is
 * appended meanwhile that the other would not have.
 */

/* No more records than these are read: the last. */
#define HASHES_FILE_MOST 4000000

/* So many may be appended at once. */
#define HASHES_FILE_BATCH 64

/*
 * Open the file to read and append; it and the directories above are made when
 * they are not there, for their owner alone. Returns a descriptor, or -1 with
 * errno: EPERM when it is not a regular file of ours that we alone may write.
 */
int hashes_file_open(const char *path);

/*
 * Call each for every sound record from an offset on, in the order they were
 * appended; it returns 0, or -1 with errno to end it. Returns where the file
 * ends, or -1.
 */
off_t hashes_file_read(int fd, off_t from,
    int (*each)(void *arg, const struct hashes_record *record), void *arg);

/*
 * Append HASHES_FILE_BATCH records at most. 0, or -1 with errno. Nothing is
 * written when that is EWOULDBLOCK, while another process is putting a file in
 * the place of this one, or ESTALE, when that is done, or this one was removed.
 * ENOSPC also when less than all could be written.
 */
int hashes_file_add(int fd, const struct hashes_record *records, size_t count);

/*
 * Nobody else appends to the file that is open, or puts another in its place,
 * until it is closed or unlocked. 0, or -1 with errno: EWOULDBLOCK when others
 * are at it, ESTALE when the file that is open is not the one at path any more.
 */
int hashes_file_lock(int fd, const char *path);
void hashes_file_unlock(int fd);

/*
 * Put a new file in the place of the one at path, which is locked; next tells
 * its records, and false when there are no more. Returns its descriptor, or -1
 * with errno and all as it was.
 */
int hashes_file_replace(const char *path,
    bool (*next)(void *arg, struct hashes_record *record), void *arg);

#endif
