#ifndef NAP_CATALOGUE_H
#define NAP_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/path.h"
#include "lib/slice.h"

/*
 * The files that are shared at present: what indexes are told, what pages list
 * and what is hashed. It is filled once, and changes from then on; any thread
 * may call then, and what is read is copied.
 */
struct catalogue;

struct catalogue_file {
	struct slice path; /* at most PATH_MAX_BYTES */
	uint64_t size;
	int64_t mtime; /* seconds since the epoch */
	struct digest digest;
};

/* NULL with errno. catalogue_free(NULL) is legal. */
struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *c);

/*
 * Filling: add what is found, in any order; of the same path the last counts.
 * Then settle, which brings it into order. One thread, and nothing else may be
 * called before. 0, or -1 with errno.
 */
int catalogue_fill(struct catalogue *c, const struct catalogue_file *file);
int catalogue_settle(struct catalogue *c);

/*
 * The file is there and like this, whatever was known of its path before: a
 * digest that file does not tell is known no longer. 1 when that is news, 0
 * when it is not, or -1 with errno.
 */
int catalogue_add(struct catalogue *c, const struct catalogue_file *file);

/* It is gone. 1, 0 when it was not there, or -1 with ENOMEM. */
int catalogue_remove(struct catalogue *c, struct slice path);

/*
 * It is being written to: a digest is known no longer, and is not sought before
 * the file is added again. 1 when that is news, 0 when it is not, or -1 with
 * ENOMEM.
 */
int catalogue_doubt(struct catalogue *c, struct slice path);

/*
 * Everything below a directory (empty: everything) that was not added since
 * mark is gone. Returns how many, or -1 with ENOMEM.
 */
uint64_t catalogue_mark(struct catalogue *c);
ptrdiff_t catalogue_remove_below(
    struct catalogue *c, struct slice dir, uint64_t mark);

/* How many files there are. */
size_t catalogue_count(struct catalogue *c);

/* One file, with room for its path, which a NUL follows. */
struct catalogue_copy {
	struct catalogue_file file;
	bool gone; /* it was there: then its path alone means something */
	bool appeared; /* it was not there before */
	size_t place; /* catalogue.c's, as is the next */
	uint64_t version;
	char path[PATH_MAX_BYTES + 1];
};

/*
 * Someone who tells another of all files and of all changes. While it is begun
 * the catalogue remembers what it has not heard of.
 */
struct catalogue_reader {
	struct catalogue_reader *next; /* all of it is catalogue.c's */
	struct catalogue_reader **here; /* NULL: not begun */
	size_t place;
	size_t end;
	uint64_t heard;
};

/* From the first file on. Ending what is not begun is legal. */
void catalogue_begin(struct catalogue *c, struct catalogue_reader *r);
void catalogue_end(struct catalogue *c, struct catalogue_reader *r);

/*
 * What is to be told next: each file there is, then each that came, changed or
 * went, as it is now, and once however often it did meanwhile. False when all
 * has been told, for the time being.
 */
bool catalogue_next(struct catalogue *c, struct catalogue_reader *r,
    struct catalogue_copy *copy);

/*
 * Hashing: the first file at *place or after whose digest is not known; *place
 * becomes the one after it. False when there is none.
 */
bool catalogue_unhashed(
    struct catalogue *c, size_t *place, struct catalogue_copy *copy);

/* What was copied cannot be read: not to be hashed until it is looked at. */
void catalogue_spare(struct catalogue *c, const struct catalogue_copy *copy);

/*
 * What was copied has the size, time and digest of file, its path apart; unless
 * something else has been heard of it since. 1 when that is news, 0 when it is
 * not, or -1 with ENOMEM.
 */
int catalogue_learn(struct catalogue *c, const struct catalogue_copy *copy,
    const struct catalogue_file *file);

/*
 * In bytewise order of paths: call visit with each file from the first one on
 * whose path does not sort before from, until it returns false. Changes wait
 * meanwhile, so visit is quick, and calls nothing of this.
 */
void catalogue_walk(struct catalogue *c, struct slice from,
    bool (*visit)(void *arg, const struct catalogue_file *file), void *arg);

#endif
