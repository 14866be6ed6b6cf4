#include "catalogue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/buf.h"
#include "lib/locator.h"

/* A path is bytes of one common text. */
struct entry {
	uint64_t at : 48;
	uint64_t len : 16;
	uint64_t size;
	int64_t mtime;
	uint64_t lines; /* bytes of the lines up to this one's end */
};

_Static_assert(sizeof(struct entry) == 32, "one for every file");

#define TEXT_MAX_BYTES ((uint64_t)1 << 48)

struct catalogue {
	struct entry *entries;
	size_t count;
	size_t room;
	char *text;
	size_t text_len;
	size_t text_room;
};

struct catalogue *
catalogue_new(void)
{
	return calloc(1, sizeof(struct catalogue));
}

void
catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	free(c->entries);
	free(c->text);
	free(c);
}

/* Room for at least need elements of size bytes each; the new memory or NULL. */
static void *
grow(void *mem, size_t *room, size_t need, size_t size)
{
	size_t wanted = *room ? *room : 1024, bytes;
	void *grown;

	while (wanted < need)
		if (__builtin_mul_overflow(wanted, 2, &wanted))
			goto fail;
	if (__builtin_mul_overflow(wanted, size, &bytes))
		goto fail;
	grown = realloc(mem, bytes);
	if (grown)
		*room = wanted;
	return grown;
fail:
	errno = ENOMEM;
	return NULL;
}

static int
reserve(struct catalogue *c, size_t len)
{
	void *grown;

	if (c->count == c->room) {
		grown = grow(
		    c->entries, &c->room, c->count + 1, sizeof *c->entries);
		if (!grown)
			return -1;
		c->entries = grown;
	}
	if (len > c->text_room - c->text_len) {
		grown = grow(c->text, &c->text_room, c->text_len + len, 1);
		if (!grown)
			return -1;
		c->text = grown;
	}
	return 0;
}

int
catalogue_add(struct catalogue *c, const struct catalogue_file *file)
{
	size_t len = file->path.len;

	if (len > UINT16_MAX || c->text_len > TEXT_MAX_BYTES - len) {
		errno = EINVAL;
		return -1;
	}
	if (reserve(c, len) < 0)
		return -1;
	memcpy(c->text + c->text_len, file->path.ptr, len);
	c->entries[c->count++] = (struct entry){
	    .at = c->text_len,
	    .len = (uint16_t)len,
	    .size = file->size,
	    .mtime = file->mtime,
	};
	c->text_len += len;
	return 0;
}

static struct slice
path_of(const struct catalogue *c, const struct entry *e)
{
	return slice_of(c->text + e->at, e->len);
}

static int
compare(const void *a, const void *b, void *catalogue)
{
	return slice_cmp(path_of(catalogue, a), path_of(catalogue, b));
}

/* What is read in order then lies in order; without memory it is as good. */
static void
lay_out(struct catalogue *c)
{
	char *text = malloc(c->text_len);
	size_t len = 0;

	if (!text)
		return;
	for (size_t i = 0; i < c->count; i++) {
		struct slice path = path_of(c, &c->entries[i]);

		memcpy(text + len, path.ptr, path.len);
		c->entries[i].at = len;
		len += path.len;
	}
	free(c->text);
	c->text = text;
	c->text_room = c->text_len;
}

/* How many bytes each byte of a path takes in a line. */
static void
measure_bytes(uint8_t widths[256])
{
	char mem[8];
	struct buf text;

	for (int i = 0; i < 256; i++) {
		const char byte = (char)i;

		buf_borrow(&text, mem, sizeof mem);
		locator_encode(&text, slice_of(&byte, 1));
		widths[i] = (uint8_t)buf_len(&text);
	}
}

static void
measure_lines(struct catalogue *c)
{
	uint8_t widths[256];
	uint64_t lines = 0;

	measure_bytes(widths);
	for (size_t i = 0; i < c->count; i++) {
		struct slice path = path_of(c, &c->entries[i]);

		for (size_t j = 0; j < path.len; j++)
			lines += widths[(unsigned char)path.ptr[j]];
		c->entries[i].lines = ++lines;
	}
}

void
catalogue_sort(struct catalogue *c)
{
	if (c->count > 1) {
		qsort_r(c->entries, c->count, sizeof *c->entries, compare, c);
		lay_out(c);
	}
	measure_lines(c);
}

uint64_t
catalogue_lines(const struct catalogue *c, size_t first, size_t end)
{
	uint64_t before = first > 0 ? c->entries[first - 1].lines : 0;

	return first < end ? c->entries[end - 1].lines - before : 0;
}

size_t
catalogue_count(const struct catalogue *c)
{
	return c->count;
}

struct catalogue_file
catalogue_at(const struct catalogue *c, size_t i)
{
	const struct entry *e = &c->entries[i];

	return (struct catalogue_file){path_of(c, e), e->size, e->mtime};
}

size_t
catalogue_find(const struct catalogue *c, size_t from, struct slice path)
{
	size_t end = c->count;

	while (from < end) {
		size_t middle = from + (end - from) / 2;

		if (slice_cmp(path_of(c, &c->entries[middle]), path) < 0)
			from = middle + 1;
		else
			end = middle;
	}
	return from;
}

static bool
begins(const struct catalogue *c, size_t i, struct slice prefix)
{
	return slice_starts(path_of(c, &c->entries[i]), prefix);
}

/* Steps that double, then halve: what lies in a directory is mostly little. */
size_t
catalogue_skip(const struct catalogue *c, size_t from, struct slice prefix)
{
	size_t step = 1;

	while (step < c->count - from && begins(c, from + step, prefix)) {
		from += step;
		step *= 2;
	}
	for (; step > 0; step /= 2)
		if (step < c->count - from && begins(c, from + step, prefix))
			from += step;
	return from < c->count ? from + 1 : from;
}
