#ifndef NAP_TESTS_YARD_H
#define NAP_TESTS_YARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"
#include "nget/digester.h"

/* Where files grow while they are hashed, all at once. */

#define YARD_MOST 12

struct yard;

struct yard_file {
	struct yard *yard;
	struct digester digester;
	int fd;
	size_t from; /* of the yard's bytes, of which it is to hold some */
	uint64_t size; /* as it will be */
	uint64_t there;
	uint64_t step; /* at most so much comes at once */
	bool left; /* to itself: it does not grow any more */
	unsigned calls; /* of done */
	int error;
	struct digest digest;
};

struct yard {
	struct loop *loop;
	struct digesters *pool;
	struct loop_task task;
	bool deferred;
	struct yard_file list[YARD_MOST];
	size_t count;
	size_t waiting; /* for done */
	uint64_t seed;
	bool stops; /* one now and then */
	char *bytes;
};

void yard_open(struct yard *y);
void yard_close(struct yard *y);

uint64_t yard_draw(struct yard *y, uint64_t below);

/* A file of which nothing is there yet, started. */
struct yard_file *yard_add(struct yard *y, uint64_t size, uint64_t step);

/* A file without a name, open. */
int yard_file(void);

/* Stop and forget all. */
void yard_clear(struct yard *y);

/* What done is to call, with the file: it tells the digest. */
void yard_done(void *file, int error);

/* Some bytes more; all; and no more will come. */
void yard_grow(struct yard_file *f, uint64_t len);
void yard_grow_up(struct yard_file *f);
void yard_finish(struct yard_file *f);

/* One file is not waited for. */
void yard_forgo(struct yard *y);

/* Let all files grow in steps until as many as are waited for are done. */
void yard_run(struct yard *y);

/* Done once, without an error, with the digest of its bytes. */
bool yard_is_right(const struct yard_file *f);

/* All that were not left. */
bool yard_all_right(const struct yard *y);

#endif
