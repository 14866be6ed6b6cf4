#ifndef NAP_HASHES_H
#define NAP_HASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

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
 * A digest is known, instead of an older one of the same inode; but not that of
 * the file in which they are kept. 0, or -1 with errno and nothing changed:
 * ENOMEM, or EINVAL when the digest is unknown.
 */
int hashes_put(
    struct hashes *h, const struct stat *st, const struct digest *digest);

size_t hashes_count(struct hashes *h);

/* What nobody has found for so many days is not kept any longer. */
#define HASHES_DAYS 180
/* That it was found is written down once in so many. */
#define HASHES_REFRESH_DAYS 30

/*
 * Keep them in a file, which several processes may use at the same time: read
 * what stands there, and from now on append what is put. What is not sound in
 * it (a crash in the middle of a write, a file of another kind, bytes that
 * changed) is never believed; a file of which much is unsound, out of date or
 * not in use is written anew, beside it, and takes its place; another process
 * that had it open sees that, and goes on with the new one. The directory is
 * made if it is not there; file and directory are for their owner alone, and a
 * file that is a link, not a regular one, another user's, or for others to
 * write, is refused. What was known before is kept too; of an inode that is in
 * the file, if it was not written yet. 0, or -1 with errno, when all goes on
 * as before; what goes wrong later (a full disk) is told in the log once, and
 * ends the keeping for good, but loses nothing else. SIGXFSZ is to be ignored.
 *
 * It may be called again at any time. Who finds is not kept waiting meanwhile,
 * who puts is. now is the time of day.
 */
int hashes_keep(struct hashes *h, const char *path, time_t now);

/*
 * From time to time, when there is leisure: write down what has been in use.
 * Once a day the file is read again, as by hashes_keep.
 */
void hashes_tend(struct hashes *h, time_t now);

/*
 * Where that file is: $XDG_CACHE_HOME/naputils/digests, or below ~/.cache. NULL
 * when neither variable is of use (unset, empty, not absolute), or with ENOMEM;
 * to be freed.
 */
char *hashes_path(void);

#endif
