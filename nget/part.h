#ifndef NAP_NGET_PART_H
#define NAP_NGET_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/slice.h"
#include "name.h"

/* How much of it is handed to the disk at once. */
#define PART_PIECE (8 * 1024 * 1024)

struct origin;

/*
 * A file NAME that is still arriving: NAME.part, locked by whoever writes it,
 * and NAME.part.from, which says what it is a part of (the name_stem of NAME
 * in front, when NAME is long). Everything happens within one directory, whose descriptor outlives the struct; nothing is
 * followed out of it and nothing of somebody else written over. The fields are
 * part.c's, length aside.
 */
struct part {
	int dir;
	int fd; /* -1: not open */
	uint64_t length; /* of NAME.part */
	uint64_t size; /* that is announced; 0: none */
	char name[NAME_BYTES + 1];
	char file[NAME_BYTES + 1];
	char from[NAME_BYTES + 1];
	char from_new[NAME_BYTES + 1];
};

/*
 * Open and lock NAME.part, made when there is none. name is one that
 * name_refusal has nothing against. 0, or -1 with errno: EAGAIN when another
 * process has it, ELOOP when it is a symbolic link, EINVAL when it is no
 * regular file, EUSERS when it is somebody else's, EMLINK when it has other
 * names as well.
 */
int part_open(struct part *p, int dir, const char *name);

/* Whether an errno says that there is no room for (so much) more. */
bool part_is_full(int error);

/* A constant text for an errno of part_open. */
const char *part_error(int error);

/*
 * Read NAME.part.from. 0, or -1 when there is none, it is damaged or somebody
 * else's, or NAME.part has not the bytes that it speaks of.
 */
int part_recall(struct part *p, struct origin *o);

/* Write NAME.part.from, replacing one as a whole. 0, or -1 with errno. */
int part_note(const struct part *p, const struct origin *o);

/* Forget what lies behind the first length bytes. 0, or -1 with errno. */
int part_cut(struct part *p, uint64_t length);

/*
 * Give up some of what lies last, so that there is room to note the rest. 0, or
 * -1 with errno, ENOSPC when nothing is left to give.
 */
int part_spare(struct part *p);

/*
 * Forget what has arrived: NAME.part is empty, NAME.part.from gone. size is
 * that of what comes, or 0. 0, or -1 with errno: ENOSPC (EFBIG) when there is
 * no room for that (it is past every file system).
 */
int part_restart(struct part *p, uint64_t size);

/*
 * Write data at the byte at; room ahead is reserved, as far as the size that was
 * announced and by a bounded step. 0, or -1 with errno, and what fitted written.
 */
int part_write(struct part *p, uint64_t at, struct slice data);

/* Read exactly n bytes. 0, or -1 with errno, EIO when there are fewer. */
int part_read(const struct part *p, uint64_t at, char *bytes, size_t n);

/*
 * What was appended is on the disk, and NAME.part.from says so, as does o. 0,
 * or -1 with errno.
 */
int part_keep(const struct part *p, struct origin *o);

/*
 * Give NAME.part its name, flushed, and remove NAME.part.from. 0, or -1 with
 * errno: EEXIST when NAME is there and not to be replaced.
 */
int part_finish(struct part *p, bool replace);

/* NAME is there: remove a note that NAME.part has left behind. */
void part_tidy(int dir, const char *name);

/* Remove both files, and close. */
void part_discard(struct part *p);

/*
 * Let go of the lock and of what was reserved; the files stay. Legal when it is
 * not open.
 */
void part_close(struct part *p);

#endif
