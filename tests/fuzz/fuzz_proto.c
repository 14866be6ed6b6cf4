#include "lib/proto.h"

#include <errno.h>

#include "lib/line.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines of either direction. What a parser takes is written and parsed again,
 * and the second reading is the first; and written again, the same text.
 */
#define OUT_BYTES (2 * LINE_MAX_BYTES)

/* A line that was written, without its LF; to be freed. */
static struct slice
written(struct buf *out)
{
	struct slice text = buf_slice(out), line;

	FUZZ_ASSERT(text.len > 0 && text.ptr[text.len - 1] == '\n');
	FUZZ_ASSERT(slice_find(text, '\n') == (ptrdiff_t)text.len - 1);
	line = fuzz_copy(slice_of(text.ptr, text.len - 1));
	buf_truncate(out, 0);
	return line;
}

/* What follows the verb of a line that was written. */
static struct slice
after(struct slice line, enum proto_verb verb)
{
	struct slice rest;

	FUZZ_ASSERT(proto_verb(line, &rest) == verb);
	return rest;
}

static bool
same_digest(const struct digest *a, const struct digest *b)
{
	return a->known == b->known && (!a->known || digest_eq(a, b));
}

static void
check_hello(struct slice rest, struct buf *out)
{
	struct proto_hello a, b;
	struct slice line;

	if (proto_hello_parse(rest, &a) < 0) {
		FUZZ_ASSERT(errno == EINVAL || errno == ERANGE);
		return;
	}
	FUZZ_ASSERT(fuzz_is_within(a.host, rest));
	FUZZ_ASSERT(proto_hello_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_hello_parse(after(line, PROTO_HELLO), &b) == 0);
	FUZZ_ASSERT(a.port == b.port && a.v2 == b.v2);
	FUZZ_ASSERT(slice_eq(a.host, b.host));
	fuzz_free(line);
}

static void
check_add(struct slice rest, struct buf *out)
{
	struct proto_add a, b;
	struct slice line;

	if (proto_add_parse(rest, &a) < 0)
		return;
	FUZZ_ASSERT(fuzz_is_within(a.path, rest));
	FUZZ_ASSERT(a.size != PROTO_NO_SIZE && a.mtime >= 0);
	FUZZ_ASSERT(proto_add_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_add_parse(after(line, PROTO_ADD), &b) == 0);
	FUZZ_ASSERT(a.size == b.size && a.mtime == b.mtime);
	FUZZ_ASSERT(slice_eq(a.path, b.path));
	FUZZ_ASSERT(same_digest(&a.digest, &b.digest));
	fuzz_free(line);
}

static void
check_load(struct slice rest, struct buf *out)
{
	struct proto_load a, b;
	struct slice line;

	if (proto_load_parse(rest, &a) < 0)
		return;
	FUZZ_ASSERT(proto_load_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_load_parse(after(line, PROTO_LOAD), &b) == 0);
	FUZZ_ASSERT(a.busy == b.busy && a.slots == b.slots);
	fuzz_free(line);
}

static bool
same_find(const struct proto_find *a, const struct proto_find *b)
{
	if (a->limit != b->limit || a->over != b->over ||
	    a->under != b->under || a->not_count != b->not_count)
		return false;
	for (size_t i = 0; i < a->not_count; i++)
		if (!slice_eq(a->not_words[i], b->not_words[i]))
			return false;
	return slice_eq(a->ext, b->ext) && slice_eq(a->words, b->words);
}

static void
check_find(struct slice rest, struct buf *out)
{
	struct proto_find a, b;
	struct slice line;

	if (proto_find_parse(rest, &a) < 0)
		return;
	FUZZ_ASSERT(a.limit <= PROTO_FIND_ROWS);
	FUZZ_ASSERT(a.not_count <= PROTO_FIND_NOTS);
	FUZZ_ASSERT(fuzz_is_within(a.words, rest));
	FUZZ_ASSERT(fuzz_is_within(a.ext, rest));
	FUZZ_ASSERT(proto_find_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_find_parse(after(line, PROTO_FIND), &b) == 0);
	FUZZ_ASSERT(same_find(&a, &b));
	fuzz_free(line);
}

static void
check_row(struct slice text, struct buf *out)
{
	struct proto_row a, b;
	struct slice line;

	if (proto_row_parse(text, &a) < 0)
		return;
	FUZZ_ASSERT(fuzz_is_within(a.locator, text) && a.rank <= 99);
	FUZZ_ASSERT(proto_row_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_row_parse(line, &b) == 0);
	FUZZ_ASSERT(slice_eq(a.locator, b.locator) && a.rank == b.rank);
	FUZZ_ASSERT(a.size == b.size && a.mtime == b.mtime);
	FUZZ_ASSERT(same_digest(&a.digest, &b.digest));
	fuzz_free(line);
}

static void
check_end(struct slice text, struct buf *out)
{
	struct proto_end a, b;
	struct slice line;

	if (proto_end_parse(text, &a) < 0)
		return;
	FUZZ_ASSERT(proto_end_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_end_parse(line, &b) == 0);
	FUZZ_ASSERT(a.counted == b.counted && a.rows == b.rows);
	FUZZ_ASSERT(a.matches == b.matches && a.more == b.more);
	fuzz_free(line);
}

static void
check_synced(struct slice text, struct buf *out)
{
	struct proto_synced a, b;
	struct slice line;

	if (proto_synced_parse(text, &a) < 0)
		return;
	FUZZ_ASSERT(proto_synced_put(out, &a) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_synced_parse(line, &b) == 0);
	FUZZ_ASSERT(a.files == b.files && a.refused == b.refused);
	fuzz_free(line);
}

static void
check_verb(struct slice text, struct buf *out)
{
	struct slice rest, again, line;
	enum proto_verb verb = proto_verb(text, &rest);

	FUZZ_ASSERT(fuzz_is_within(rest, text));
	FUZZ_ASSERT(proto_is_ok(text, &again) + proto_is_err(text, &again) +
		(verb != PROTO_UNKNOWN) <=
	    1);
	if (verb == PROTO_UNKNOWN)
		return;
	FUZZ_ASSERT(proto_put(out, verb, rest) == 0);
	line = written(out);
	FUZZ_ASSERT(proto_verb(line, &again) == verb && slice_eq(rest, again));
	fuzz_free(line);
}

/* A writer that has no room leaves things as they were. */
static void
check_no_room(struct slice text)
{
	struct proto_add add;
	struct proto_row row;
	struct buf out;

	buf_init(&out, text.len);
	buf_add_str(&out, "x");
	if (proto_add_parse(text, &add) == 0 && proto_add_put(&out, &add) < 0)
		FUZZ_ASSERT(slice_eq(buf_slice(&out), SLICE("x")));
	buf_truncate(&out, 1);
	if (proto_row_parse(text, &row) == 0 && proto_row_put(&out, &row) < 0)
		FUZZ_ASSERT(slice_eq(buf_slice(&out), SLICE("x")));
	buf_free(&out);
}

static void
check_line(struct slice line, struct buf *out)
{
	struct slice rest;

	check_verb(line, out);
	proto_verb(line, &rest);
	check_hello(rest, out);
	check_add(rest, out);
	check_load(rest, out);
	check_find(rest, out);
	check_row(line, out);
	check_end(line, out);
	check_synced(line, out);
	check_no_room(rest);
	check_no_room(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), line, copy;
	struct buf out;
	ssize_t taken;

	buf_init(&out, OUT_BYTES);
	while ((taken = line_last(in, &line)) > 0) {
		copy = fuzz_copy(line);
		check_line(copy, &out);
		fuzz_free(copy);
		in = slice_skip(in, (size_t)taken);
	}
	buf_free(&out);
	return 0;
}
