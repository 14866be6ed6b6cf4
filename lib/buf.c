#include "buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define BUF_FIRST_SIZE 256

void
buf_init(struct buf *b, size_t cap)
{
	*b = (struct buf){.cap = cap};
}

void
buf_borrow(struct buf *b, char *mem, size_t size)
{
	*b = (struct buf){
	    .mem = mem, .lent = mem, .size = size - 1, .cap = size - 1};
}

static void
drop_memory(struct buf *b)
{
	if (b->mem != b->lent)
		free(b->mem);
}

void
buf_free(struct buf *b)
{
	drop_memory(b);
	buf_init(b, b->cap);
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n >= buf_len(b))
		b->head = b->tail = 0;
	else
		b->head += n;
}

void
buf_truncate(struct buf *b, size_t len)
{
	if (len == 0)
		b->head = b->tail = 0;
	else if (len < buf_len(b))
		b->tail = b->head + len;
}

static void
move_to_front(struct buf *b)
{
	memmove(b->mem, b->mem + b->head, buf_len(b));
	b->tail -= b->head;
	b->head = 0;
}

/* Twice the size until need fits; need is at most cap. */
static size_t
grown_size(const struct buf *b, size_t need)
{
	size_t size = b->size ? b->size : BUF_FIRST_SIZE;

	if (b->size && size <= SIZE_MAX / 2)
		size *= 2;
	while (size < need && size <= SIZE_MAX / 2)
		size *= 2;
	if (size < need || size > b->cap)
		size = b->cap;
	return size;
}

/* The byte past size is for the NUL that vsnprintf writes. */
static int
move_to(struct buf *b, size_t size)
{
	size_t len = buf_len(b), bytes;
	char *mem;

	if (__builtin_add_overflow(size, 1, &bytes)) {
		errno = ENOMEM;
		return -1;
	}
	mem = malloc(bytes);
	if (!mem)
		return -1;
	if (len)
		memcpy(mem, b->mem + b->head, len);
	drop_memory(b);
	*b = (struct buf){.mem = mem, .tail = len, .size = size, .cap = b->cap};
	return 0;
}

void
buf_lend(struct buf *b, char *mem, size_t size)
{
	if (b->mem)
		return;
	b->mem = b->lent = mem;
	b->size = size - 1 < b->cap ? size - 1 : b->cap;
}

int
buf_settle(struct buf *b)
{
	bool fits = true;

	if (!b->lent)
		return 0;
	if (buf_len(b) > 0)
		fits = move_to(b, buf_len(b)) == 0;
	if (b->lent)
		buf_free(b);
	return fits ? 0 : -1;
}

/*
 * Moving pays when at least as much was consumed as is moved, so that the moves
 * cost no more than the bytes that passed; short of that, it is the last
 * resort of a queue that cannot grow.
 */
static bool
should_move(const struct buf *b, size_t need)
{
	return need <= b->size && (b->head >= buf_len(b) || b->size >= b->cap);
}

char *
buf_reserve(struct buf *b, size_t n)
{
	size_t need;

	if (n > buf_room(b)) {
		errno = ENOBUFS;
		return NULL;
	}
	if (b->mem && n <= b->size - b->tail)
		return b->mem + b->tail;
	need = buf_len(b) + n;
	if (b->mem && should_move(b, need))
		move_to_front(b);
	else if (move_to(b, grown_size(b, need)) < 0)
		return NULL;
	return b->mem + b->tail;
}

void
buf_commit(struct buf *b, size_t n)
{
	b->tail += n;
}

int
buf_add(struct buf *b, const void *data, size_t n)
{
	char *at;

	if (n == 0)
		return 0;
	at = buf_reserve(b, n);
	if (!at)
		return -1;
	memcpy(at, data, n);
	buf_commit(b, n);
	return 0;
}

int
buf_move(struct buf *to, struct buf *from)
{
	size_t cap = to->cap;

	if (buf_len(to) > 0 || from->lent || from->tail > cap) {
		if (buf_add_slice(to, buf_slice(from)) < 0)
			return -1;
	} else {
		drop_memory(to);
		*to = *from;
		to->cap = cap;
		to->size = from->size < cap ? from->size : cap;
		from->mem = NULL;
	}
	if (from->lent)
		buf_truncate(from, 0);
	else
		buf_free(from);
	return 0;
}

int
buf_add_slice(struct buf *b, struct slice s)
{
	return buf_add(b, s.ptr, s.len);
}

int
buf_add_str(struct buf *b, const char *string)
{
	return buf_add(b, string, strlen(string));
}

/* Returns the length of the text, of which what fits at the tail is there. */
__attribute__((format(printf, 2, 0))) static int
print_at_tail(struct buf *b, const char *format, va_list args)
{
	if (!b->mem)
		return vsnprintf(NULL, 0, format, args);
	return vsnprintf(b->mem + b->tail, b->size - b->tail + 1, format, args);
}

int
buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = print_at_tail(b, format, args);
	va_end(args);
	if (n < 0)
		return -1;
	if (!b->mem || (size_t)n > b->size - b->tail) {
		if (!buf_reserve(b, (size_t)n))
			return -1;
		va_start(args, format);
		n = print_at_tail(b, format, args);
		va_end(args);
	}
	buf_commit(b, (size_t)n);
	return 0;
}

void
buf_overwrite(struct buf *b, size_t at, struct slice s)
{
	memcpy(b->mem + b->head + at, s.ptr, s.len);
}

int
buf_add_num(struct buf *b, unsigned long long n)
{
	char digits[3 * sizeof n];
	char *at = digits + sizeof digits;

	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return buf_add(b, at, (size_t)(digits + sizeof digits - at));
}
