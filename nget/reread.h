#ifndef NAP_NGET_REREAD_H
#define NAP_NGET_REREAD_H

#include <stdint.h>

#include "lib/loop.h"
#include "lib/sha256.h"

/*
 * Hash what a file holds already, a piece at a time, so that other transfers
 * go on meanwhile. The fields are reread.c's.
 */
struct reread {
	struct loop_task task;
	struct loop *loop;
	int fd;
	uint64_t at;
	uint64_t end;
	struct sha256 *hash;
	void (*done)(void *owner, int error);
	void *owner;
};

/*
 * Add the first end bytes of fd to hash, and then call done, once and not before
 * this returns: error is 0, or an errno, EIO when there are fewer. The caller
 * has set fd, end, hash, done and owner, which outlive it.
 */
void reread_start(struct reread *r, struct loop *loop);

#endif
