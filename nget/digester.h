#ifndef NAP_NGET_DIGESTER_H
#define NAP_NGET_DIGESTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/sha256.h"

struct loop;

/*
 * A few threads, started when there is work for them, that hash files from the
 * first byte on while more of them arrives. All calls come from the thread of
 * the loop.
 */
struct digesters;

/*
 * The loop's wakening (loop_on_wake) is theirs. NULL with errno.
 * digesters_free(NULL) is legal; every digester has been stopped before, and the
 * loop is freed later. It may be called within done.
 */
struct digesters *digesters_new(struct loop *loop);
void digesters_free(struct digesters *pool);

/* One file. A zeroed struct is one that has stopped; the rest is digester.c's. */
struct digester {
	struct digesters *pool;
	struct digester *next;
	int fd;
	uint64_t at; /* what has been hashed; of who works at it, like hash */
	uint64_t end; /* what may be */
	struct sha256 hash;
	bool queued;
	bool working; /* a thread is at it */
	bool leaving; /* and is to stop */
	bool finishing;
	int error; /* of reading */
	void (*done)(void *owner, int error);
	void *owner;
};

/*
 * Begin with what fd, a regular file open for reading, holds. It may be one
 * that has stopped only.
 */
void digester_start(struct digester *d, struct digesters *pool, int fd);

/* The bytes before end, which never gets less, are there and will not change. */
void digester_advance(struct digester *d, uint64_t end);

/*
 * The file has end bytes, all of which are there: call done in the loop's
 * thread, once and not before this returns, when they are hashed (error 0), or
 * cannot be read (an errno, EIO when there are fewer). Little that is left is
 * hashed without a thread.
 */
void digester_finish(struct digester *d, uint64_t end,
    void (*done)(void *owner, int error), void *owner);

/* Within done, or after it. */
void digester_result(const struct digester *d, struct digest *digest);

/*
 * Nobody reads fd any more when this returns, and done will not be called.
 * Legal for one that has stopped.
 */
void digester_stop(struct digester *d);

#endif
