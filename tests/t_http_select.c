#include "lib/http_select.h"

#include "tap.h"

#define MODIFIED 784111777
#define NOW (MODIFIED + 1000000)
#define THEN "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"

/* Select from 100 bytes for a request of these field lines. */
static struct http_selection
select_for(const char *method, const char *lines, uint64_t size)
{
	struct http_resource resource = {
	    .etag = SLICE("\"v1\""), .modified = MODIFIED, .size = size};
	struct http_request r;
	char text[1024];

	snprintf(text, sizeof text, "%s / HTTP/1.0\r\n%s\r\n", method, lines);
	if (http_request_parse(slice_str(text), &r) <= 0)
		tap_note("refused with %d: %s", r.error, lines);
	return http_select(&r, &resource, NOW);
}

static void
gives(const char *lines, int status, const char *sentence)
{
	tap_is_num(select_for("GET", lines, 100).status, status, sentence);
}

/* What a Range selects of size bytes. */
static void
ranges(const char *range, uint64_t size, struct http_selection want,
    const char *sentence)
{
	struct http_selection got;
	char line[256];

	snprintf(line, sizeof line, "Range: %s\r\n", range);
	got = select_for("GET", line, size);
	if (!tap_ok(got.status == want.status && got.first == want.first &&
		    got.length == want.length,
		"%s", sentence))
		tap_note("got %d, %llu bytes at %llu", got.status,
		    (unsigned long long)got.length,
		    (unsigned long long)got.first);
}

#define PART(first, length) ((struct http_selection){206, first, length})
#define ALL(length) ((struct http_selection){200, 0, length})
#define NONE ((struct http_selection){416, 0, 0})

static void
test_if_match(void)
{
	gives("", 200, "without conditions all is sent");
	gives("If-Match: \"v1\"\r\n", 200, "If-Match holds for the tag");
	gives("If-Match: \"v2\"\r\n", 412, "and fails for another");
	gives("If-Match: *\r\n", 200, "an asterisk holds");
	gives("If-Match: \"v0\" ,, \"v1\"\r\n", 200, "any of a list will do");
	gives("If-Match: \"a,b\", \"v1\"\r\n", 200, "a tag may hold commas");
	gives("If-Match: \"a\\\", \"v1\"\r\n", 200,
	    "a backslash in a tag escapes nothing");
	gives("If-Match: W/\"v1\"\r\n", 412, "a weak tag does not match");
	gives("If-Match: w/\"v1\"\r\n", 412, "nor does a malformed one");
	gives("If-Match: v1\r\n", 412, "nor one without quotes");
	gives("If-Match: \"v1\r\n", 412, "nor one with half of them");
	gives("If-Match: \"v1\"x\r\n", 412, "nor one with something after it");
	gives("If-Match:\r\n", 412, "nor an empty list");
	gives("If-Match: \"v0\"\r\nIf-Match: \"v1\"\r\n", 200,
	    "a list may come in several lines");
	gives("If-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n", 412,
	    "and no other line is of it");
}

static void
test_if_unmodified_since(void)
{
	gives("If-Unmodified-Since: " THEN "\r\n", 200,
	    "If-Unmodified-Since holds at the time of the change");
	gives("If-Unmodified-Since: " AFTER "\r\n", 200, "and after it");
	gives(
	    "If-Unmodified-Since: " BEFORE "\r\n", 412, "and fails before it");
	gives("If-Unmodified-Since: yesterday\r\n", 200,
	    "an invalid date is ignored");
	gives("If-Match: \"v1\"\r\nIf-Unmodified-Since: " BEFORE "\r\n", 200,
	    "it is ignored where If-Match holds");
	gives("If-Match: \"v2\"\r\nIf-Unmodified-Since: " AFTER "\r\n", 412,
	    "and where it fails");
}

static void
test_if_none_match(void)
{
	gives("If-None-Match: \"v1\"\r\n", 304, "a known tag is not sent");
	gives("If-None-Match: W/\"v1\"\r\n", 304, "a weak one neither");
	gives("If-None-Match: *\r\n", 304, "an asterisk is any");
	gives("If-None-Match: \"v0\",W/\"v1\"\r\n", 304, "a list is searched");
	gives("If-None-Match: \"v0\"\r\nIf-None-Match: \"v1\"\r\n", 304,
	    "through all its lines");
	gives("If-None-Match: \"v2\"\r\n", 200, "another tag is sent");
	gives("If-None-Match: v1\r\n", 200, "a malformed one is none");
	gives("If-Match: \"v2\"\r\nIf-None-Match: \"v1\"\r\n", 412,
	    "If-Match goes before If-None-Match");
	gives("If-Unmodified-Since: " BEFORE "\r\nIf-None-Match: \"v1\"\r\n",
	    412, "so does If-Unmodified-Since");
	gives("If-Match: \"v1\"\r\nIf-None-Match: \"v1\"\r\n", 304,
	    "both are evaluated");
}

static void
test_if_modified_since(void)
{
	gives("If-Modified-Since: " THEN "\r\n", 304,
	    "what has not changed since is not sent");
	gives("If-Modified-Since: " AFTER "\r\n", 304, "nor when long since");
	gives("If-Modified-Since: " BEFORE "\r\n", 200, "what has is");
	gives("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304,
	    "dates of old forms count");
	gives("If-Modified-Since: soon\r\n", 200, "invalid dates do not");
	gives("If-Modified-Since: " THEN "\r\nIf-None-Match: \"v2\"\r\n", 200,
	    "it is ignored beside If-None-Match");
	gives("If-Modified-Since: " BEFORE "\r\nIf-None-Match: \"v1\"\r\n", 304,
	    "whichever way that goes");
}

static void
test_ranges(void)
{
	ranges("bytes=0-9", 100, PART(0, 10), "the first ten bytes");
	ranges("bytes=99-99", 100, PART(99, 1), "the last byte");
	ranges("bytes=0-99", 100, PART(0, 100), "all bytes are a part");
	ranges("bytes=50-", 100, PART(50, 50), "all from byte 50 on");
	ranges("bytes=-10", 100, PART(90, 10), "the last ten bytes");
	ranges("bytes=-100", 100, PART(0, 100), "the last hundred");
	ranges("bytes=-101", 100, PART(0, 100), "a suffix is clamped");
	ranges("bytes=90-100", 100, PART(90, 10), "so is an end");
	ranges("bytes=0-99999999999999999999", 100, PART(0, 100),
	    "even when it overflows");
	ranges("bytes=-99999999999999999999", 100, PART(0, 100),
	    "and so is a suffix that does");
	ranges("Bytes=0-0", 100, PART(0, 1), "the unit is case-blind");
	ranges("bytes= , 0-0 ,", 100, PART(0, 1),
	    "empty members of the list do not count");
	ranges("bytes=100-", 100, NONE, "past the end is unsatisfiable");
	ranges("bytes=100-200", 100, NONE, "with an end too");
	ranges(
	    "bytes=99999999999999999999-", 100, NONE, "and where it overflows");
	ranges("bytes=99999999999999999999-99999999999999999999", 100, NONE,
	    "in both places");
	ranges("bytes=-0", 100, NONE, "so is a suffix of nothing");
	ranges("bytes=18446744073709551614-", UINT64_MAX,
	    PART(UINT64_MAX - 1, 1), "positions have 64 bits");
	ranges("bytes=0-18446744073709551615", UINT64_MAX, PART(0, UINT64_MAX),
	    "and sizes too");
}

static void
test_empty_file(void)
{
	ranges("bytes=0-", 0, NONE, "an empty file has no first byte");
	ranges("bytes=0-0", 0, NONE, "under any end");
	ranges("bytes=-0", 0, NONE, "nor a suffix of nothing");
	ranges("bytes=-5", 0, ALL(0), "its last bytes are all of it");
}

static void
test_ignored_ranges(void)
{
	ranges("bytes=0-1,5-6", 100, ALL(100), "several ranges are the whole");
	ranges("bytes=0-1,x", 100, ALL(100), "also when one is malformed");
	ranges("bytes=200-,300-", 100, ALL(100), "or none is satisfiable");
	ranges("bytes=9-8", 100, ALL(100), "a range that ends early is none");
	ranges("bytes=-", 100, ALL(100), "nor is a dash");
	ranges("bytes=", 100, ALL(100), "nor nothing");
	ranges("bytes=,", 100, ALL(100), "nor an empty list");
	ranges("bytes=5", 100, ALL(100), "nor a number");
	ranges("bytes=a-b", 100, ALL(100), "nor letters");
	ranges("bytes=0x1-2", 100, ALL(100), "in any place");
	ranges("bytes=1-2x", 100, ALL(100), "in the other too");
	ranges("bytes=1--2", 100, ALL(100), "nor a negative end");
	ranges("bytes=--2", 100, ALL(100), "nor a negative suffix");
	ranges("bytes=+1-2", 100, ALL(100), "nor a sign");
	ranges("bytes=1 - 2", 100, ALL(100), "nor blanks within");
	ranges("bytes =1-2", 100, ALL(100), "nor before the equals sign");
	ranges("bytes 1-2", 100, ALL(100), "nor without it");
	ranges("lines=1-2", 100, ALL(100), "another unit is the whole");
	ranges("", 100, ALL(100), "nothing is the whole");
	tap_is_num(select_for("HEAD", "Range: bytes=0-1\r\n", 100).status, 200,
	    "HEAD ignores Range");
	tap_is_num(select_for("HEAD", "Range: bytes=200-\r\n", 100).status, 200,
	    "even where it is unsatisfiable");
	tap_is_num(select_for("HEAD", "If-None-Match: *\r\n", 100).status, 304,
	    "but not conditions");
}

#define RANGE "Range: bytes=0-1\r\n"

static void
test_if_range(void)
{
	gives(RANGE "If-Range: \"v1\"\r\n", 206, "the same tag goes on");
	gives(RANGE "If-Range: \"v2\"\r\n", 200, "another starts again");
	gives(RANGE "If-Range: W/\"v1\"\r\n", 200, "so does a weak one");
	gives(RANGE "If-Range: \"v1\", \"v1\"\r\n", 200, "so does a list");
	gives(RANGE "If-Range: *\r\n", 200, "so does an asterisk");
	gives(RANGE "If-Range:\r\n", 200, "so does nothing");
	gives(RANGE "If-Range: " THEN "\r\n", 206, "the exact date goes on");
	gives(RANGE "If-Range: " AFTER "\r\n", 200, "a later one does not");
	gives(RANGE "If-Range: " BEFORE "\r\n", 200, "nor an earlier one");
	gives(RANGE "If-Range: soon\r\n", 200, "nor an invalid one");
	gives("If-Range: \"v2\"\r\n", 200,
	    "without a Range there is nothing to hold");
	gives("Range: bytes=200-\r\nIf-Range: \"v2\"\r\n", 200,
	    "a failed If-Range goes before an unsatisfiable Range");
	gives("Range: bytes=200-\r\nIf-Range: \"v1\"\r\n", 416,
	    "one that holds does not");
}

static void
test_range_order(void)
{
	gives(RANGE "If-None-Match: \"v1\"\r\n", 304,
	    "conditions go before Range");
	gives("Range: bytes=200-\r\nIf-Match: \"v2\"\r\n", 412,
	    "whether it is satisfiable or not");
	gives(RANGE "If-Match: \"v1\"\r\n", 206,
	    "where they hold the range is sent");
}

static void
likes(const char *accept, bool html, const char *sentence)
{
	tap_ok(http_prefers_html(slice_str(accept)) == html, "%s", sentence);
}

static void
test_accept(void)
{
	tap_ok(!http_prefers_html(slice_of(NULL, 0)),
	    "who says nothing gets text");
	likes("text/html,application/xhtml+xml,application/xml;q=0.9,"
	      "image/avif,*/*;q=0.8",
	    true, "a browser gets HTML");
	likes("*/*", false, "who takes anything gets text");
	likes("text/*", false, "so does who takes any text");
	likes("text/html", true, "who names HTML alone gets it");
	likes("TEXT/HTML", true, "in either case");
	likes("text/html, */*", false, "equal likings are text");
	likes("text/html;q=0.5, text/plain;q=0.4", true,
	    "the larger weight decides");
	likes("text/html;q=0.5, text/plain", false, "either way");
	likes("text/html;q=0.501,text/plain;q=0.5", true, "to thousandths");
	likes("text/html; Q=0.9 , */*; q=0.1", true,
	    "blanks and case do not matter");
	likes("text/html;level=1;q=0.2,text/plain;q=0.1", true,
	    "other parameters are passed over");
	likes("text/plain;q=0, */*", true,
	    "a narrow range goes before a wide one");
	likes("text/html;q=0, */*", false, "also where it excludes");
	likes("text/*;q=0.2, */*;q=0.9, text/html;q=0.3", true, "in any order");
	likes("text/html;q=0", false, "a weight of 0 is a refusal");
	likes("text/html;q=2", false, "a weight above 1 is none");
	likes("text/html;q=0.1234", false, "nor has one four places");
	likes("text/html;q=", false, "nor is nothing one");
	likes("text/html;q=-1", false, "nor a negative one");
	likes("text/html;q=1.000", true, "1.000 is one");
	likes("text/html;q=1.001", false, "1.001 is none");
	likes("text/htmlx, xtext/html, html", false, "other types are others");
	likes(",,text/html,,", true, "empty members do not count");
	likes("application/json;x=\"a,text/html\"", false,
	    "a comma in a quoted string separates nothing");
}

int
main(void)
{
	test_if_match();
	test_if_unmodified_since();
	test_if_none_match();
	test_if_modified_since();
	test_ranges();
	test_empty_file();
	test_ignored_ranges();
	test_if_range();
	test_range_order();
	test_accept();
	return tap_done();
}
