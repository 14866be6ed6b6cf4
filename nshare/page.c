#include "page.h"

#include <errno.h>
#include <stdlib.h>

#include "catalogue.h"
#include "lib/http_chunk.h"
#include "lib/locator.h"
#include "lib/num.h"
#include "lib/path.h"
#include "lib/rune.h"

enum { PART_BEGIN, PART_ITEMS, PART_END, PART_DONE };

/* A byte that is not UTF-8 is shown as four. */
#define SHOWN_BYTES (4 * PATH_MAX_BYTES + 1)

/* The most that one item takes: a link, its text escaped, the frame of both. */
#define ITEM_BYTES (3 * PATH_MAX_BYTES + 6 * PATH_MAX_BYTES + 256)

/* Room for a path, and one byte to come right behind it. */
struct page_place {
	size_t dir_len; /* with its slash; 0: the root */
	size_t from_len;
	char dir[PATH_MAX_BYTES + 1];
	char from[PATH_MAX_BYTES + 2]; /* what is written next */
};

static struct slice
directory(const struct page *page)
{
	return slice_of(page->place->dir, page->place->dir_len);
}

/* Go on with what sorts at or after path followed by the byte next. */
static void
go_on_from(struct page *page, struct slice path, char next)
{
	struct page_place *p = page->place;

	memcpy(p->from, path.ptr, path.len);
	p->from[path.len] = next;
	p->from_len = path.len + (next != '\0');
}

static bool
note_below(void *arg, const struct catalogue_file *file)
{
	struct page *page = arg;

	/* The walk begins at the directory: this is the first file in it. */
	if (slice_starts(file->path, directory(page)))
		page->part = page->html ? PART_BEGIN : PART_ITEMS;
	return false;
}

static bool
is_any_below(struct page *page)
{
	page->part = PART_DONE;
	catalogue_walk(page->files, directory(page), note_below, page);
	return page->part != PART_DONE;
}

int
page_open(
    struct page *page, struct catalogue *files, struct slice dir, bool html)
{
	struct page_place *p = NULL;

	errno = ENOENT;
	if (dir.len <= PATH_MAX_BYTES)
		p = malloc(sizeof *p);
	if (!p)
		return -1;
	*page = (struct page){
	    .files = files,
	    .place = p,
	    .html = html,
	    .part = html ? PART_BEGIN : PART_ITEMS,
	};
	memcpy(p->dir, dir.ptr, dir.len);
	p->dir[dir.len] = '/';
	p->dir_len = dir.len > 0 ? dir.len + 1 : 0;
	go_on_from(page, directory(page), '\0');
	if (dir.len == 0 || is_any_below(page))
		return 0;
	page_close(page);
	errno = ENOENT;
	return -1;
}

void
page_chunk(struct page *page)
{
	page->chunked = true;
}

void
page_close(struct page *page)
{
	free(page->place);
	*page = (struct page){.part = PART_DONE};
}

const char *
page_type(const struct page *page)
{
	return page->html ? "text/html; charset=utf-8"
			  : "text/plain; charset=utf-8";
}

/* What stands for a byte in HTML, or NULL: the byte itself. */
static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* As text of HTML, with what is not UTF-8 made visible. */
static int
add_escaped(struct buf *out, struct slice raw)
{
	char mem[SHOWN_BYTES];
	struct slice rest;
	struct buf text;

	buf_borrow(&text, mem, sizeof mem);
	rune_visible(&text, raw);
	rest = buf_slice(&text);
	while (rest.len > 0) {
		size_t plain = 0;

		while (plain < rest.len && !entity(rest.ptr[plain]))
			plain++;
		if (buf_add(out, rest.ptr, plain) < 0)
			return -1;
		rest = slice_skip(rest, plain);
		if (rest.len > 0 && buf_add_str(out, entity(*rest.ptr)) < 0)
			return -1;
		rest = slice_skip(rest, 1);
	}
	return 0;
}

static int
write_begin(struct page *page, struct buf *out)
{
	struct slice dir = directory(page);

	page->part = PART_ITEMS;
	if (buf_add_str(out,
		"<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>/") < 0 ||
	    add_escaped(out, dir) < 0 ||
	    buf_add_str(out, "</title>\n<h1>/") < 0 ||
	    add_escaped(out, dir) < 0 || buf_add_str(out, "</h1>\n<ul>\n") < 0)
		return -1;
	if (dir.len == 0)
		return 0;
	return buf_add_str(out, "<li><a href=\"../\">../</a>\n");
}

static int
write_end(struct page *page, struct buf *out)
{
	page->part = PART_DONE;
	return buf_add_str(out, "</ul>\n");
}

/* A link to path, shown as its last bytes from the directory on. */
static int
add_link(struct buf *out, struct slice path, size_t prefix)
{
	if (buf_add_str(out, "<li><a href=\"/") < 0 ||
	    locator_encode(out, path) < 0 || buf_add_str(out, "\">") < 0 ||
	    add_escaped(out, slice_skip(path, prefix)) < 0)
		return -1;
	return buf_add_str(out, "</a>");
}

/* A file of the directory, or all that lies in one below it. */
static int
write_child(
    struct page *page, const struct catalogue_file *file, struct buf *out)
{
	size_t prefix = page->place->dir_len;
	struct slice name = slice_skip(file->path, prefix), below;
	ptrdiff_t slash = slice_find(name, '/');
	char size[NUM_SIZE_TEXT];

	if (slash < 0) {
		go_on_from(page, file->path, 1);
		if (add_link(out, file->path, prefix) < 0)
			return -1;
		return buf_printf(
		    out, " %s\n", num_size_text(file->size, size));
	}
	below = slice_of(file->path.ptr, prefix + (size_t)slash + 1);
	go_on_from(page, slice_of(below.ptr, below.len - 1), '/' + 1);
	if (add_link(out, below, prefix) < 0)
		return -1;
	return buf_add_str(out, "\n");
}

static int
write_line(
    struct page *page, const struct catalogue_file *file, struct buf *out)
{
	go_on_from(page, file->path, 1);
	if (locator_encode(out, file->path) < 0)
		return -1;
	return buf_add_str(out, "\n");
}

struct items {
	struct page *page;
	struct buf *out;
	bool ended; /* no more items are in the directory */
	bool skips; /* to where the next one is */
	int result;
};

static bool
write_item(void *arg, const struct catalogue_file *file)
{
	struct items *i = arg;
	struct page *page = i->page;
	bool html = page->html;

	if (!slice_starts(file->path, directory(page)))
		return false;
	i->ended = false;
	if (buf_room(i->out) < ITEM_BYTES)
		return false;
	i->result = html ? write_child(page, file, i->out)
			 : write_line(page, file, i->out);
	i->skips = html;
	i->ended = !html;
	return i->result == 0 && !html;
}

/* As many as there is room for. */
static int
write_items(struct page *page, struct buf *out)
{
	struct items i = {.page = page, .out = out};

	do {
		const struct page_place *p = page->place;

		i.ended = true;
		i.skips = false;
		catalogue_walk(page->files, slice_of(p->from, p->from_len),
		    write_item, &i);
	} while (i.result == 0 && i.skips);
	if (i.ended)
		page->part = page->html ? PART_END : PART_DONE;
	return i.result;
}

static int
write_part(struct page *page, struct buf *out)
{
	switch (page->part) {
	case PART_BEGIN:
		return write_begin(page, out);
	case PART_ITEMS:
		return write_items(page, out);
	default:
		return write_end(page, out);
	}
}

static int
write_chunk(struct page *page, struct buf *out)
{
	ptrdiff_t begun = http_chunk_begin(out);

	if (begun < 0 || write_part(page, out) < 0 ||
	    http_chunk_end(out, begun) < 0)
		return -1;
	return page->part == PART_DONE ? http_chunk_last(out) : 0;
}

int
page_write(struct page *page, struct buf *out)
{
	int result;

	if (page->part == PART_DONE)
		return 0;
	result = page->chunked ? write_chunk(page, out) : write_part(page, out);
	return result < 0 ? -1 : 1;
}
