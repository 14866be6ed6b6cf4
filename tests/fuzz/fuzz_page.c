#include "nshare/page.h"

#include "lib/path.h"
#include "lib/rune.h"
#include "nget/listing.h"
#include "nshare/catalogue.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines: a directory, or nothing for the root; then what is shared, as far as
 * they are paths.
 */
static const struct locator_host host = {"h", 9000};

static struct catalogue *
fill(struct slice in)
{
	struct catalogue *files = catalogue_new();
	uint64_t size = 1;

	if (!files || catalogue_settle(files) < 0)
		abort();
	while (in.len > 0) {
		struct catalogue_file file = {.path = fuzz_line(&in)};

		file.size = size *= 3;
		if (path_valid(file.path) && catalogue_add(files, &file) < 0)
			abort();
	}
	return files;
}

static bool
is_below(struct slice path, struct slice dir)
{
	return dir.len == 0 ||
	    (slice_starts(path, dir) && path.len > dir.len &&
		path.ptr[dir.len] == '/');
}

/* Piece by piece, each in the room that it was promised. */
static void
write_all(struct page *page, struct buf *out)
{
	int goes_on = 1;

	while (goes_on) {
		size_t before = buf_len(out);

		goes_on = page_write(page, out);
		FUZZ_ASSERT(goes_on >= 0);
		FUZZ_ASSERT(buf_len(out) - before <= PAGE_PIECE_BYTES);
		FUZZ_ASSERT(goes_on || buf_len(out) == before);
	}
}

/* The files below a directory, in order, a line each. */
struct below {
	struct slice dir;
	struct buf lines;
	size_t count;
};

static bool
add_below(void *arg, const struct catalogue_file *file)
{
	struct below *below = arg;

	if (!is_below(file->path, below->dir))
		return true;
	below->count++;
	if (buf_add_slice(&below->lines, file->path) < 0 ||
	    buf_add_str(&below->lines, "\n") < 0)
		abort();
	return true;
}

static struct below
look_below(struct catalogue *files, struct slice dir)
{
	struct below below = {.dir = dir};

	buf_init(
	    &below.lines, (catalogue_count(files) + 1) * (PATH_MAX_BYTES + 1));
	catalogue_walk(files, SLICE(""), add_below, &below);
	return below;
}

/* What is listed is the next of the lines that are left. */
static int
note(void *owner, struct slice text)
{
	struct slice *left = owner;
	static struct locator l;
	const char *why;

	FUZZ_ASSERT(left->len > 0);
	FUZZ_ASSERT(locator_parse(text, &l, &why) == 0);
	FUZZ_ASSERT(slice_eq(slice_of(l.path, l.path_len), fuzz_line(left)));
	return 0;
}

/* What is listed is what nget reads: every file below, in order. */
static void
check_text(struct page *page, const struct below *below)
{
	struct slice left = buf_slice(&below->lines);
	struct listing listing;
	struct buf out;

	buf_init(&out, (below->count + 2) * PAGE_PIECE_BYTES);
	write_all(page, &out);
	listing_init(&listing, &host, note, &left);
	FUZZ_ASSERT(listing_take(&listing, buf_slice(&out)) == 0);
	FUZZ_ASSERT(listing_end(&listing) == 0 && listing.strange == 0);
	listing_free(&listing);
	FUZZ_ASSERT(left.len == 0);
	buf_free(&out);
}

/* Take what must stand there off the front of text. */
static void
expect(struct slice *text, const char *what)
{
	FUZZ_ASSERT(slice_starts(*text, slice_str(what)));
	*text = slice_skip(*text, strlen(what));
}

/* Take text up to a byte that ends it, and that byte. */
static struct slice
take_until(struct slice *text, char end)
{
	struct slice head;

	FUZZ_ASSERT(slice_cut(*text, end, &head, text));
	return head;
}

/* Nothing in it is HTML, but what stands for a byte. */
static void
check_escaped(struct slice text)
{
	static const char *const entities[] = {
	    "&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	bool known;

	FUZZ_ASSERT(!fuzz_has_control(text));
	for (; text.len > 0; text = slice_skip(text, 1)) {
		FUZZ_ASSERT(!strchr("<>\"'", text.ptr[0]));
		known = text.ptr[0] != '&';
		for (size_t i = 0; i < 5; i++)
			known = known ||
			    slice_starts(text, slice_str(entities[i]));
		FUZZ_ASSERT(known);
	}
}

static void
check_item(struct slice *text)
{
	expect(text, "<li><a href=\"/");
	FUZZ_ASSERT(!fuzz_has_control(take_until(text, '"')));
	expect(text, ">");
	check_escaped(take_until(text, '<'));
	expect(text, "/a>");
	check_escaped(take_until(text, '\n'));
}

static void
check_html(struct page *page, size_t count)
{
	struct slice text;
	struct buf out;

	buf_init(&out, (count + 2) * PAGE_PIECE_BYTES);
	write_all(page, &out);
	text = buf_slice(&out);
	FUZZ_ASSERT(rune_valid(text));
	expect(&text, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>/");
	check_escaped(take_until(&text, '<'));
	expect(&text, "/title>\n<h1>/");
	check_escaped(take_until(&text, '<'));
	expect(&text, "/h1>\n<ul>\n");
	if (slice_starts(text, SLICE("<li><a href=\"../\">../</a>\n")))
		take_until(&text, '\n');
	while (slice_starts(text, SLICE("<li>")))
		check_item(&text);
	FUZZ_ASSERT(slice_eq(text, SLICE("</ul>\n")));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), dir = fuzz_line(&in);
	struct catalogue *files = fill(in);
	struct below below = look_below(files, dir);
	struct page text, html;

	if (page_open(&text, files, dir, false) < 0) {
		FUZZ_ASSERT(below.count == 0 && dir.len > 0);
	} else {
		FUZZ_ASSERT(below.count > 0 || dir.len == 0);
		FUZZ_ASSERT(page_open(&html, files, dir, true) == 0);
		check_text(&text, &below);
		check_html(&html, catalogue_count(files));
		page_close(&text);
		page_close(&html);
	}
	buf_free(&below.lines);
	catalogue_free(files);
	return 0;
}
