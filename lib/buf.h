#ifndef NAP_BUF_H
#define NAP_BUF_H

#include <stddef.h>

#include "slice.h"

/*
 * A queue of bytes with a hard cap: bytes go in at the tail and leave at the
 * head. It owns no memory until it holds something. The fields are buf.c's;
 * a zeroed struct with a cap is an empty queue.
 */
struct buf {
	char *mem;
	char *lent; /* memory of the caller, or NULL */
	size_t head;
	size_t tail;
	size_t size;
	size_t cap;
};

/* An empty queue that never holds more than cap bytes. */
void buf_init(struct buf *b, size_t cap);

/*
 * An empty queue of at most size - 1 bytes, size at least 1, in the memory of
 * the caller, which outlives it. It never allocates, and is not to be freed.
 */
void buf_borrow(struct buf *b, char *mem, size_t size);

/*
 * Let an empty queue begin in size bytes of the caller's, at least 2, until
 * buf_settle; it moves to memory of its own when it outgrows them. A queue that
 * has memory already keeps to that.
 */
void buf_lend(struct buf *b, char *mem, size_t size);

/*
 * The end of that: what it holds moves to memory of its own, if there is
 * something. 0, or -1 with ENOMEM and the queue empty.
 */
int buf_settle(struct buf *b);

/* Give the memory back; the queue is empty and may be used again. */
void buf_free(struct buf *b);

static inline size_t
buf_len(const struct buf *b)
{
	return b->tail - b->head;
}

/* How many bytes may still be added. */
static inline size_t
buf_room(const struct buf *b)
{
	return b->cap - buf_len(b);
}

/* The bytes it holds, valid until it changes. */
static inline struct slice
buf_slice(const struct buf *b)
{
	return slice_of(b->mem ? b->mem + b->head : NULL, b->tail - b->head);
}

/* Drop n bytes, at most all, from the head. Keeps the memory. */
void buf_consume(struct buf *b, size_t n);

/* Drop bytes from the tail until len remain. */
void buf_truncate(struct buf *b, size_t len);

/*
 * Room for n more bytes at the tail, to be written and then committed. Returns
 * NULL with ENOBUFS when they would pass the cap, ENOMEM when memory is short;
 * the queue is unchanged then.
 */
char *buf_reserve(struct buf *b, size_t n);

/* n bytes, at most what was reserved, have been written at the tail. */
void buf_commit(struct buf *b, size_t n);

/*
 * Append what does not lie in the queue itself. 0, or -1 with errno as
 * buf_reserve sets it and nothing appended.
 */
int buf_add(struct buf *b, const void *data, size_t n);
int buf_add_slice(struct buf *b, struct slice s);
int buf_add_str(struct buf *b, const char *string);
int buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Append all of from, which is empty then and owns no memory; to takes that over
 * if it holds nothing. 0, or -1 as buf_add and nothing moved.
 */
int buf_move(struct buf *to, struct buf *from);

/* Write s over as many bytes that it holds, from the one at on. */
void buf_overwrite(struct buf *b, size_t at, struct slice s);

/* Append n in decimal. */
int buf_add_num(struct buf *b, unsigned long long n);

#endif
