#include "nshare/page.h"

#include "nshare/catalogue.h"
#include "tap.h"

static struct catalogue *
make(const char *const *paths, size_t count)
{
	struct catalogue *c = catalogue_new();

	for (size_t i = 0; i < count; i++) {
		const struct catalogue_file file = {
		    .path = slice_str(paths[i]), .size = 1000 * i};

		if (catalogue_fill(c, &file) < 0)
			exit(1);
	}
	catalogue_settle(c);
	return c;
}

static struct buf written;

/* All of a page; NULL when there is none. */
static const char *
write_page(struct catalogue *c, const char *dir, bool html)
{
	struct page page;

	buf_free(&written);
	buf_init(&written, 1 << 20);
	if (page_open(&page, c, slice_str(dir), html) < 0)
		return NULL;
	while (page_write(&page, &written) > 0)
		;
	if (page_write(&page, &written) != 0)
		tap_ok(false, "a page ends once");
	page_close(&page);
	buf_add(&written, "", 1);
	return buf_slice(&written).ptr;
}

static const char *const paths[] = {
    "d/e/x", "d/a b.mp3", "top", "d-z", "d0", "\xff\"<&>'%#?", "d/e/y"};

static void
test_text(void)
{
	struct catalogue *c = make(paths, 7);

	tap_is_str(write_page(c, "", false),
	    "d-z\nd/a%20b.mp3\nd/e/x\nd/e/y\nd0\ntop\n"
	    "%FF%22%3C%26%3E%27%25%23%3F\n",
	    "the root lists every file, encoded, one a line");
	tap_is_str(write_page(c, "d", false), "d/a%20b.mp3\nd/e/x\nd/e/y\n",
	    "a directory lists what lies below it, with whole paths");
	tap_is_str(
	    write_page(c, "d/e", false), "d/e/x\nd/e/y\n", "at any depth");
	tap_ok(!write_page(c, "top", false), "a file is no directory");
	tap_ok(!write_page(c, "none", false), "nor is what is not there");
	tap_ok(!write_page(c, "d/", false), "nor an empty name");
	tap_ok(!write_page(c, "zz", false), "nor what is past the last");
	catalogue_free(c);
}

static void
test_html(void)
{
	struct catalogue *c = make(paths, 7);
	const char *text = write_page(c, "", true);

	tap_ok(strstr(text, "<li><a href=\"/d/\">d/</a>\n") != NULL,
	    "a directory is a link, once");
	tap_ok(!strstr(text, "href=\"/d/e"), "what it holds is not shown");
	tap_ok(strstr(text,
		   "<a href=\"/%FF%22%3C%26%3E%27%25%23%3F\">"
		   "\\xff&quot;&lt;&amp;&gt;&#39;%#?</a>") != NULL,
	    "names are escaped, and visible");
	tap_ok(!strstr(text, "../"), "nothing lies above the root");
	text = write_page(c, "d", true);
	tap_ok(strstr(text, "href=\"/d/a%20b.mp3\">a b.mp3</a> 1000\n") != NULL,
	    "a file is shown by its name, with its size");
	tap_ok(strstr(text, "href=\"/d/e/\">e/</a>") != NULL,
	    "links lead from the root");
	tap_ok(strstr(text, "href=\"../\"") != NULL, "one leads back");
	tap_ok(strstr(text, "<title>/d/</title>") != NULL, "it has a title");
	tap_ok(!strstr(text, "d0") && !strstr(text, "d-z"),
	    "neighbours of like names are not shown");
	catalogue_free(c);
}

static void
test_nothing(void)
{
	struct catalogue *c = make(NULL, 0);

	tap_is_str(write_page(c, "", false), "", "an empty root is empty");
	tap_ok(write_page(c, "", true) != NULL, "as HTML too");
	catalogue_free(c);
}

static void
test_pieces(void)
{
	char path[4097];
	const char *const one[] = {path};
	struct catalogue *c;
	struct buf piece;
	struct page page;
	bool short_enough = true;
	int more;

	memset(path, '\x80', sizeof path - 1);
	path[4096] = '\0';
	path[2000] = '/';
	c = make(one, 1);
	path[2000] = '\0';
	if (page_open(&page, c, slice_str(path), true) < 0)
		tap_ok(false, "the longest directory opens");
	buf_init(&piece, PAGE_PIECE_BYTES);
	do {
		more = page_write(&page, &piece);
		short_enough = short_enough && more >= 0;
		buf_truncate(&piece, 0);
	} while (more > 0);
	tap_ok(short_enough, "every piece has room where it is promised room");
	page_close(&page);
	page_close(&page);
	buf_free(&piece);
	catalogue_free(c);
}

static void
add(struct catalogue *c, const char *path)
{
	const struct catalogue_file file = {.path = slice_str(path)};

	if (catalogue_add(c, &file) < 0)
		exit(1);
}

/* All of it that comes in pieces of the least room. */
static const char *
write_rest(struct page *page)
{
	struct buf piece;
	int more;

	buf_free(&written);
	buf_init(&written, 1 << 22);
	buf_init(&piece, PAGE_PIECE_BYTES);
	do {
		more = page_write(page, &piece);
		buf_add_slice(&written, buf_slice(&piece));
		buf_truncate(&piece, 0);
	} while (more > 0);
	buf_free(&piece);
	buf_add(&written, "", 1);
	return more < 0 ? "failed" : buf_slice(&written).ptr;
}

/* 5,000 files, one of which is looked for. */
static void
test_changes(bool html)
{
	struct catalogue *c = make(NULL, 0);
	struct buf piece;
	struct page page;
	char path[64];
	const char *rest;

	for (int i = 0; i < 5000; i++) {
		snprintf(path, sizeof path, "a directory/file %04d", 2 * i);
		add(c, path);
	}
	if (page_open(&page, c, SLICE("a directory"), html) < 0)
		exit(1);
	buf_init(&piece, PAGE_PIECE_BYTES);
	while (page_write(&page, &piece) > 0 && buf_len(&piece) < 20000)
		;
	catalogue_remove_below(
	    c, SLICE("a directory/file 8000"), catalogue_mark(c));
	catalogue_remove(c, SLICE("a directory/file 8000"));
	add(c, "a directory/file 9001");
	add(c, "a directory/file 0001");
	rest = write_rest(&page);
	tap_ok(!strstr(rest, "8000") && strstr(rest, "9001") &&
		!strstr(rest, "0001") && strstr(rest, "9998"),
	    "what comes and goes before it is reached is on the page or not%s",
	    html ? ", as HTML too" : "");
	page_close(&page);
	buf_free(&piece);
	catalogue_free(c);
}

static void
test_chunks(void)
{
	struct catalogue *c = make(paths, 3);
	struct page page;

	if (page_open(&page, c, SLICE("d"), false) < 0)
		exit(1);
	page_chunk(&page);
	tap_is_str(write_rest(&page),
	    "00000012\r\nd/a%20b.mp3\nd/e/x\n\r\n0\r\n\r\n",
	    "a page may come in chunks");
	page_close(&page);
	catalogue_free(c);
	c = make(NULL, 0);
	if (page_open(&page, c, SLICE(""), false) < 0)
		exit(1);
	page_chunk(&page);
	tap_is_str(write_rest(&page), "0\r\n\r\n", "of which it has none");
	page_close(&page);
	catalogue_free(c);
}

int
main(void)
{
	test_text();
	test_html();
	test_nothing();
	test_pieces();
	test_changes(false);
	test_changes(true);
	test_chunks();
	buf_free(&written);
	return tap_done();
}
