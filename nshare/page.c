#include "page.h"

#include <errno.h>

#include "catalogue.h"
#include "lib/locator.h"
#include "lib/num.h"
#include "lib/path.h"
#include "lib/rune.h"

enum { PART_BEGIN, PART_ITEMS, PART_END, PART_DONE };

/* A byte that is not UTF-8 is shown as four. */
#define SHOWN_BYTES (4 * PATH_MAX_BYTES + 1)

static int
find_below(struct page *page, struct slice dir)
{
	char text[PATH_MAX_BYTES + 1];
	struct slice prefix;

	if (dir.len >= sizeof text)
		goto none;
	memcpy(text, dir.ptr, dir.len);
	text[dir.len] = '/';
	prefix = slice_of(text, dir.len + 1);
	page->prefix = prefix.len;
	page->first = catalogue_find(page->files, 0, prefix);
	if (page->first == page->end ||
	    !slice_starts(catalogue_at(page->files, page->first).path, prefix))
		goto none;
	page->end = catalogue_skip(page->files, page->first, prefix);
	return 0;
none:
	errno = ENOENT;
	return -1;
}

int
page_open(struct page *page, const struct catalogue *files, struct slice dir,
    bool html)
{
	*page = (struct page){
	    .files = files,
	    .end = catalogue_count(files),
	    .html = html,
	    .part = html ? PART_BEGIN : PART_ITEMS,
	};
	if (dir.len > 0 && find_below(page, dir) < 0)
		return -1;
	page->next = page->first;
	return 0;
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

/* The directory's own path, with its slash; empty for the root. */
static struct slice
directory(const struct page *page)
{
	if (page->prefix == 0)
		return SLICE("");
	return slice_of(
	    catalogue_at(page->files, page->first).path.ptr, page->prefix);
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
write_child(struct page *page, struct buf *out)
{
	struct catalogue_file file = catalogue_at(page->files, page->next);
	struct slice name = slice_skip(file.path, page->prefix);
	ptrdiff_t slash = slice_find(name, '/');
	char size[NUM_SIZE_TEXT];
	struct slice below;

	if (slash < 0) {
		page->next++;
		if (add_link(out, file.path, page->prefix) < 0)
			return -1;
		return buf_printf(out, " %s\n", num_size_text(file.size, size));
	}
	below = slice_of(file.path.ptr, page->prefix + (size_t)slash + 1);
	page->next = catalogue_skip(page->files, page->next, below);
	if (add_link(out, below, page->prefix) < 0)
		return -1;
	return buf_add_str(out, "\n");
}

static int
write_line(struct page *page, struct buf *out)
{
	struct slice path = catalogue_at(page->files, page->next++).path;

	if (locator_encode(out, path) < 0)
		return -1;
	return buf_add_str(out, "\n");
}

static int
write_item(struct page *page, struct buf *out)
{
	return page->html ? write_child(page, out) : write_line(page, out);
}

int
page_write(struct page *page, struct buf *out)
{
	int result;

	if (page->part == PART_ITEMS && page->next == page->end)
		page->part = page->html ? PART_END : PART_DONE;
	if (page->part == PART_DONE)
		return 0;
	if (page->part == PART_BEGIN)
		result = write_begin(page, out);
	else if (page->part == PART_ITEMS)
		result = write_item(page, out);
	else
		result = write_end(page, out);
	return result < 0 ? -1 : 1;
}

bool
page_length(const struct page *page, uint64_t *length)
{
	if (page->html)
		return false;
	*length = catalogue_lines(page->files, page->first, page->end);
	return true;
}
