#include "transfer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/conn.h"
#include "slots.h"

/* Handed over at a time, so that who has lost his slot waits for one. */
#define PIECE_BYTES ((off_t)16 * 1024 * 1024)

/* How soon one that waits for a slot asks again. */
#define SLOT_MS 100

/* Held back until all before it is known to have been of one file. */
#define LAST_BYTES 65536

/* Its times and size, which whoever writes to it changes; zeroed: not known. */
static struct transfer_look
look_at(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return (struct transfer_look){0};
	return (struct transfer_look){
	    .size = st.st_size,
	    .mtime = st.st_mtim.tv_sec,
	    .mtime_ns = st.st_mtim.tv_nsec,
	};
}

static bool
has_changed(const struct transfer *t)
{
	const struct transfer_look now = look_at(t->fd);

	return now.size != t->begun.size || now.mtime != t->begun.mtime ||
	    now.mtime_ns != t->begun.mtime_ns;
}

void
transfer_file(
    struct transfer *t, struct slots *slots, int fd, off_t offset, off_t len)
{
	*t = (struct transfer){
	    .kind = TRANSFER_FILE,
	    .slots = slots,
	    .fd = fd,
	    .begun = look_at(fd),
	    .offset = offset,
	    .left = len,
	};
}

void
transfer_page(struct transfer *t, const struct page *page)
{
	*t = (struct transfer){.kind = TRANSFER_PAGE, .fd = -1, .page = *page};
}

void
transfer_free(struct transfer *t)
{
	if (t->kind == TRANSFER_NONE)
		return;
	pace_leave(&t->turn);
	page_close(&t->page);
	if (t->fd >= 0)
		close(t->fd);
	if (t->slots && !t->parked)
		slots_give(t->slots);
	*t = (struct transfer){.kind = TRANSFER_NONE};
}

static enum transfer_state
finish(struct transfer *t, enum transfer_state state)
{
	transfer_free(t);
	return state;
}

/* The connection closes what it is given: all but the last piece get a copy. */
static enum transfer_state
hand_over(struct transfer *t, struct conn *c, off_t piece)
{
	bool last = piece == t->left;
	int fd = last ? t->fd : fcntl(t->fd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return finish(t, TRANSFER_FAILED);
	if (last)
		t->fd = -1;
	conn_send_file(c, fd, t->offset, piece);
	t->offset += piece;
	t->left -= piece;
	t->handed = true;
	return TRANSFER_GOES_ON;
}

/* Whether it has a slot, if need be again. */
static bool
has_slot(struct transfer *t)
{
	if (t->parked)
		t->parked = !slots_take(t->slots);
	return !t->parked;
}

static enum transfer_state
send_piece(struct transfer *t, struct conn *c, struct pace *pace, int64_t now,
    int64_t *wait)
{
	off_t most = t->left < PIECE_BYTES ? t->left : PIECE_BYTES, piece;

	if (t->handed)
		return TRANSFER_GOES_ON;
	if (t->left == 0)
		return finish(t, TRANSFER_DONE);
	if (!has_slot(t)) {
		*wait = SLOT_MS;
		return TRANSFER_RESTS;
	}
	piece = (off_t)pace_piece(pace, (uint64_t)most);
	if (has_changed(t))
		return finish(t, TRANSFER_FAILED);
	if (piece == t->left && piece > LAST_BYTES)
		piece -= LAST_BYTES;
	*wait = pace_take(pace, &t->turn, (uint64_t)piece, now);
	if (*wait > 0)
		return TRANSFER_RESTS;
	return hand_over(t, c, piece);
}

static enum transfer_state
send_page(struct transfer *t, struct conn *c)
{
	struct buf *out = conn_out(c);
	int more;

	do {
		if (buf_room(out) < PAGE_PIECE_BYTES)
			return TRANSFER_GOES_ON;
		more = page_write(&t->page, out);
	} while (more > 0);
	return finish(t, more < 0 ? TRANSFER_FAILED : TRANSFER_DONE);
}

enum transfer_state
transfer_go_on(struct transfer *t, struct conn *c, struct pace *pace,
    int64_t now, int64_t *wait)
{
	switch (t->kind) {
	case TRANSFER_FILE:
		return send_piece(t, c, pace, now, wait);
	case TRANSFER_PAGE:
		return send_page(t, c);
	default:
		return TRANSFER_DONE;
	}
}

void
transfer_look_at(struct transfer *t, const struct conn *c)
{
	uint64_t taken = conn_taken(c);
	bool moves = taken != t->taken;

	t->taken = taken;
	if (!t->slots || !t->handed)
		return;
	if (moves) {
		(void)has_slot(t);
	} else if (!t->parked) {
		t->parked = true;
		slots_give(t->slots);
	}
}

void
transfer_drained(struct transfer *t)
{
	t->handed = false;
}
