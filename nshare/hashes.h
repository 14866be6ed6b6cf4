#ifndef NAP_HASHES_H
#define NAP_HASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/digest.h"

struct stat;

/*
 * The digests that are known, by what fstat says of a file: device, inode,
 * size, and both times to the nanosecond, so that of a file that has changed
 * nothing is known. Any thread may call, several at once.
 */
struct hashes;

/* NULL with errno. hashes_free(NULL) is legal. */
struct hashes *hashes_new(void);
void hashes_free(struct hashes *h);

/* The digest of a file as st found it; false, and not known, without one. */
bool hashes_find(
    struct hashes *h, const struct stat *st, struct digest *digest);

/*
 * A digest is known, instead of an older one of the same inode. 0, or -1 with
 * errno and nothing changed: ENOMEM, or EINVAL when the digest is unknown.
 */
int hashes_put(
    struct hashes *h, const struct stat *st, const struct digest *digest);

size_t hashes_count(struct hashes *h);

/*
 * Keep them in a file, which several processes may use at the same time: read
 * what stands there, and from now on append what is put. What is not sound in
 * it (a crash in the middle of a write, a file of another kind, bytes that
 * changed) is never believed; a file of which much is unsound or out of date is
 * written anew, beside it, and takes its place. The directory is made if it is
 * not there; file and directory are for their owner alone, and a file that is a
 * link, not a regular one, another user's, or for others to write, is refused.
 * What was known before is kept too, but of an inode that is in the file the
 * file's digest counts. 0, or -1 with errno, when all goes on as before; what
 * goes wrong later (a full disk) is told in the log once, and ends the keeping
 * for good, but loses nothing else. SIGXFSZ is to be ignored.
 *
 * One whose file was replaced by another process keeps in vain until it is
 * called again, which may be at any time. Who finds is not kept waiting
 * meanwhile, who puts is.
 */
int hashes_keep(struct hashes *h, const char *path);

/*
 * Where that file is: $XDG_CACHE_HOME/naputils/digests, or below ~/.cache. NULL
 * when neither variable is of use (unset, empty, not absolute), or with ENOMEM;
 * to be freed.
 */
char *hashes_path(void);

#endif
