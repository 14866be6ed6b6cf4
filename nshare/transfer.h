#ifndef NAP_TRANSFER_H
#define NAP_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "pace.h"
#include "page.h"

struct conn;
struct slots;

/* What shows that somebody writes to a file. */
struct transfer_look {
	off_t size;
	time_t mtime;
	long mtime_ns;
};

/*
 * What follows a head: a range of a file, which occupies a slot, or a page.
 * Given to the connection piece by piece, and not moved. A zeroed struct is
 * none; the fields are transfer.c's.
 */
struct transfer {
	enum { TRANSFER_NONE, TRANSFER_FILE, TRANSFER_PAGE } kind;
	struct slots *slots;
	int fd;
	struct transfer_look begun; /* of the file, when it was */
	off_t offset;
	off_t left;
	bool handed; /* a piece is with the connection */
	bool parked; /* without the slot, since it does not move */
	uint64_t taken; /* by the reader, when it was last looked at */
	struct pace_turn turn; /* of the next piece */
	struct page page;
};

/*
 * Of len bytes, more than 0, of fd, which it owns; a slot has been taken. When
 * the file is written to meanwhile, it fails before the last of them; what the
 * kernel holds by then may have changed with the file, which a digest tells.
 */
void transfer_file(
    struct transfer *t, struct slots *slots, int fd, off_t offset, off_t len);

/* The page is its own from now on. */
void transfer_page(struct transfer *t, const struct page *page);

enum transfer_state {
	TRANSFER_DONE, /* and freed */
	TRANSFER_GOES_ON, /* when the connection has drained */
	TRANSFER_RESTS, /* until *wait milliseconds have passed */
	TRANSFER_FAILED /* and freed */
};

/* Hand the next piece to c. now is of a clock that never goes back. */
enum transfer_state transfer_go_on(struct transfer *t, struct conn *c,
    struct pace *pace, int64_t now, int64_t *wait);

/*
 * Call this now and then while it goes on: when nothing has reached the reader
 * since the last time, the slot is for others, so that readers that stall keep
 * nobody out. It gets its next piece once it has a slot again.
 */
void transfer_look_at(struct transfer *t, const struct conn *c);

/* The connection has sent all it had. */
void transfer_drained(struct transfer *t);

/* Close the file, give the slot back. Legal for none. */
void transfer_free(struct transfer *t);

#endif
