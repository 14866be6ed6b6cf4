#include "lib/line.h"

#include <errno.h>

#include "tests/fuzz/fuzz.h"

/*
 * The first byte: '8' puts before the text what the longest line has, '0' eight
 * bytes less and '?' seven more; any other nothing. The rest: text.
 */
#define NEAR 8

struct answer {
	ssize_t taken;
	int error;
	struct slice line;
};

typedef ssize_t taker(struct slice in, struct slice *line);

/* Of a copy, so that one byte too far is seen. */
static struct answer
ask(taker *take, struct slice in)
{
	struct slice copy = fuzz_copy(in);
	struct answer a = {.line = {NULL, 0}};

	errno = 0;
	a.taken = take(copy, &a.line);
	a.error = a.taken < 0 ? errno : 0;
	if (a.taken > 0) {
		FUZZ_ASSERT((size_t)a.taken <= in.len);
		FUZZ_ASSERT(fuzz_is_within(a.line, copy));
		a.line.ptr = in.ptr;
	}
	fuzz_free(copy);
	return a;
}

static void
check_line(const struct answer *a, struct slice in)
{
	struct slice rest = slice_skip(in, a->line.len);

	FUZZ_ASSERT(a->line.len <= LINE_MAX_BYTES);
	FUZZ_ASSERT(slice_find(a->line, '\0') < 0);
	FUZZ_ASSERT(slice_find(a->line, '\n') < 0);
	rest.len -= in.len - (size_t)a->taken;
	FUZZ_ASSERT(slice_eq(rest, SLICE("\n")) ||
	    slice_eq(rest, SLICE("\r\n")) || (size_t)a->taken == in.len);
}

/* A beginning of what was looked at is answered likewise, or not yet. */
static void
check_beginning(const struct answer *whole, struct slice in, size_t len)
{
	struct answer a = ask(line_next, slice_of(in.ptr, len));

	if (a.taken == 0)
		FUZZ_ASSERT(whole->taken <= 0 || len < (size_t)whole->taken);
	else
		FUZZ_ASSERT(a.taken == whole->taken &&
		    a.error == whole->error && a.line.len == whole->line.len);
}

static void
check_last(const struct answer *next, struct slice in)
{
	struct answer a = ask(line_last, in);

	if (next->taken != 0) {
		FUZZ_ASSERT(a.taken == next->taken);
		FUZZ_ASSERT(a.line.len == next->line.len);
	} else if (a.taken > 0) {
		FUZZ_ASSERT((size_t)a.taken == in.len);
		check_line(&a, in);
	} else {
		FUZZ_ASSERT(in.len == 0 || a.error == EINVAL);
	}
}

static void
check_all(struct slice in)
{
	while (in.len > 0) {
		struct answer a = ask(line_next, in);

		FUZZ_ASSERT(
		    a.taken >= 0 || a.error == EMSGSIZE || a.error == EINVAL);
		for (size_t cut = 0; cut < in.len; cut = 2 * cut + 1)
			check_beginning(&a, in, in.len - 1 - cut);
		check_last(&a, in);
		if (a.taken <= 0)
			return;
		check_line(&a, in);
		check_beginning(&a, in, (size_t)a.taken);
		check_beginning(&a, in, (size_t)a.taken - 1);
		in = slice_skip(in, (size_t)a.taken);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char padding[LINE_MAX_BYTES + NEAR];
	struct slice in = fuzz_input(data, size);
	unsigned near = fuzz_byte(&in) - '0';
	struct buf text;

	buf_init(&text, sizeof padding + size);
	memset(padding, 'x', sizeof padding);
	if (near < 2 * NEAR)
		buf_add(&text, padding, LINE_MAX_BYTES - NEAR + near);
	buf_add_slice(&text, in);
	check_all(buf_slice(&text));
	buf_free(&text);
	return 0;
}
