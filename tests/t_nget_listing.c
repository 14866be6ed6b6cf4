#include "nget/listing.h"

#include <errno.h>

#include "lib/line.h"
#include "tap.h"

/* What has been told, each on a line. */
static struct buf told;

static int
note(void *owner, struct slice locator)
{
	const size_t *most = owner;

	if (buf_len(&told) >= *most) {
		errno = EPIPE;
		return -1;
	}
	buf_add_slice(&told, locator);
	return buf_add_str(&told, "\n");
}

static void
begin(struct listing *l, const size_t *most)
{
	const struct locator_host host = {"192.0.2.7", 9000};

	buf_truncate(&told, 0);
	listing_init(l, &host, note, (void *)(uintptr_t)most);
}

/* What is told of text, and how many lines are no paths. */
static size_t
read_all(struct slice text, const char *want, const char *sentence)
{
	const size_t most = SIZE_MAX;
	struct listing l;
	size_t strange;

	begin(&l, &most);
	if (listing_take(&l, text) < 0 || listing_end(&l) < 0)
		buf_add_str(&told, "malformed");
	tap_is_slice(buf_slice(&told), slice_str(want), sentence);
	strange = l.strange;
	listing_free(&l);
	return strange;
}

static void
test_lines(void)
{
	read_all(SLICE("a\nb/My%20Song\n"),
	    "192.0.2.7:9000/a\n192.0.2.7:9000/b/My%20Song\n",
	    "each line is a locator of the peer");
	read_all(SLICE("a\r\nb"), "192.0.2.7:9000/a\n192.0.2.7:9000/b\n",
	    "CR LF ends a line, and the last may lack its end");
	read_all(SLICE("\n\na\n\n"), "192.0.2.7:9000/a\n",
	    "empty lines are nothing");
	read_all(SLICE(""), "", "so is nothing");
	read_all(SLICE("%41%2e%2Eb\n"), "192.0.2.7:9000/A..b\n",
	    "paths are encoded anew");
}

static void
test_strange(void)
{
	tap_is_num((long long)read_all(SLICE("../a\n/b\nc//d\ne%0a\n"), "",
		       "what is no path is not told"),
	    4, "but counted");
	tap_is_num((long long)read_all(SLICE("<a href=\"a\">\na b\nx\n"),
		       "192.0.2.7:9000/x\n", "nor is what is not encoded"),
	    2, "and counted");
	tap_is_num((long long)read_all(
		       SLICE("a%2\na%zz"), "", "nor is half of an escape"),
	    2, "however it ends");
}

static void
test_pieces(void)
{
	static const char text[] = "a%20b\r\n\nc/d\n..\ne";
	const size_t most = SIZE_MAX;
	bool same = true;

	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct slice all = slice_of(text, sizeof text - 1);
		struct listing l;

		begin(&l, &most);
		same = same && listing_take(&l, slice_of(text, cut)) == 0 &&
		    listing_take(&l, slice_skip(all, cut)) == 0 &&
		    listing_end(&l) == 0 && l.strange == 1 &&
		    slice_eq(buf_slice(&told),
			SLICE("192.0.2.7:9000/a%20b\n192.0.2.7:9000/c/d\n"
			      "192.0.2.7:9000/e\n"));
		listing_free(&l);
	}
	tap_ok(same, "lines cut in two anywhere are the same");
}

static void
test_malformed(void)
{
	static char text[LINE_MAX_BYTES + 1];
	const size_t most = SIZE_MAX;
	struct listing l;

	begin(&l, &most);
	memset(text, 'x', sizeof text);
	tap_ok(listing_take(&l, slice_of(text, sizeof text - 1)) == 0,
	    "a line may be long");
	tap_ok(listing_take(&l, slice_of(text, sizeof text)) < 0 && l.malformed,
	    "but not longer than lines are");
	listing_free(&l);
	begin(&l, &most);
	tap_ok(listing_take(&l, SLICE("a\0b\n")) < 0 && l.malformed,
	    "a NUL is refused");
	listing_free(&l);
	begin(&l, &most);
	tap_ok(listing_take(&l, SLICE("a\0b")) == 0 && listing_end(&l) < 0 &&
		l.malformed,
	    "in a line without an end, too");
	listing_free(&l);
}

static void
test_end(void)
{
	const size_t most = 1;
	struct listing l;

	begin(&l, &most);
	tap_ok(listing_take(&l, SLICE("a\nb\nc\n")) < 0 && errno == EPIPE &&
		!l.malformed,
	    "who is told may want no more");
	tap_is_slice(
	    buf_slice(&told), SLICE("192.0.2.7:9000/a\n"), "and gets no more");
	listing_free(&l);
}

int
main(void)
{
	buf_init(&told, 65536);
	test_lines();
	test_strange();
	test_pieces();
	test_malformed();
	test_end();
	buf_free(&told);
	return tap_done();
}
