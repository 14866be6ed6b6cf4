#include "reread.h"

#include <errno.h>
#include <unistd.h>

#define PIECE (64 * 1024)
#define TURN (4 * 1024 * 1024)

/* 1 when it goes on, 0 at the end, or -1 with errno. */
static int
take_piece(struct reread *r)
{
	char bytes[PIECE];
	uint64_t left = r->end - r->at;
	ssize_t n;

	if (left == 0)
		return 0;
	n = pread(
	    r->fd, bytes, left < PIECE ? (size_t)left : PIECE, (off_t)r->at);
	if (n < 0)
		return errno == EINTR ? 1 : -1;
	if (n == 0) {
		errno = EIO;
		return -1;
	}
	sha256_add(r->hash, bytes, (size_t)n);
	r->at += (uint64_t)n;
	return 1;
}

static void
take_turn(struct loop_task *task)
{
	struct reread *r = LOOP_OWNER(task, struct reread, task);
	int result = 1;

	for (size_t n = 0; n < TURN / PIECE && result > 0; n++)
		result = take_piece(r);
	if (result > 0)
		loop_defer(r->loop, &r->task);
	else
		r->done(r->owner, result < 0 ? errno : 0);
}

void
reread_start(struct reread *r, struct loop *loop)
{
	r->loop = loop;
	r->at = 0;
	r->task.run = take_turn;
	loop_defer(loop, &r->task);
}
