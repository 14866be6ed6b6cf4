#include "lib/line.h"

#include <errno.h>

#include "tests/tap.h"

static char long_text[LINE_MAX_BYTES + 8];

/* A text of n bytes 'x' and what follows. */
static struct slice
long_line(size_t n, const char *end)
{
	memset(long_text, 'x', n);
	memcpy(long_text + n, end, strlen(end));
	return slice_of(long_text, n + strlen(end));
}

static void
test_next(void)
{
	struct slice line;

	tap_is_num(line_next(SLICE("SEARCH a b\nX"), &line), 11,
	    "a line is consumed with its LF");
	tap_is_slice(line, SLICE("SEARCH a b"), "and given without it");
	tap_is_num(line_next(SLICE("a\r\n"), &line), 3,
	    "a CR before the LF is consumed");
	tap_is_slice(line, SLICE("a"), "and not given");
	line_next(SLICE("a\r\r\n"), &line);
	tap_is_slice(line, SLICE("a\r"), "but one alone");
	line_next(SLICE("a\rb\n"), &line);
	tap_is_slice(line, SLICE("a\rb"), "a CR elsewhere stays");
	tap_is_num(line_next(SLICE("\nx\n"), &line), 1, "a line may be empty");
	tap_is_num((long long)line.len, 0, "and is given as such");
	tap_is_num(line_next(SLICE("\r\n"), &line), 2, "with a CR too");
	tap_is_num((long long)line.len, 0, "and is as empty");
	tap_is_num(line_next(SLICE("abc"), &line), 0,
	    "a line without LF is not complete");
	tap_is_num(line_next(SLICE("abc\r"), &line), 0,
	    "nor is one whose CR has come");
	tap_is_num(
	    line_next(slice_of(NULL, 0), &line), 0, "nothing holds no line");
}

static bool
fails(ssize_t (*read_line)(struct slice, struct slice *), struct slice in,
    int error)
{
	struct slice line;

	errno = 0;
	return read_line(in, &line) == -1 && errno == error;
}

static void
test_refusals(void)
{
	tap_ok(fails(line_next, SLICE("a\0b\n"), EINVAL), "a NUL is refused");
	tap_ok(fails(line_next, SLICE("\0\n"), EINVAL), "even alone");
	tap_ok(fails(line_last, SLICE("a\0b"), EINVAL),
	    "even in a last line without LF");
}

static void
test_nul_elsewhere(void)
{
	struct slice line;

	tap_is_num(line_next(SLICE("a\n\0\n"), &line), 2,
	    "a NUL in the next line does not hurt this one");
}

static void
test_length(void)
{
	static const struct {
		size_t n;
		const char *end;
		ssize_t want;
		const char *sentence;
	} cases[] = {
	    {LINE_MAX_BYTES, "\n", LINE_MAX_BYTES + 1,
		"the longest line is taken"},
	    {LINE_MAX_BYTES, "\r\n", LINE_MAX_BYTES + 2, "with a CR too"},
	    {LINE_MAX_BYTES, "", 0, "it may still be waiting for its LF"},
	    {LINE_MAX_BYTES, "\r", 0, "or for that alone"},
	    {LINE_MAX_BYTES + 1, "\n", -1, "one byte more is refused"},
	    {LINE_MAX_BYTES + 1, "\r\n", -1, "with a CR too"},
	    {LINE_MAX_BYTES + 1, "", -1, "without waiting for an end"},
	    {LINE_MAX_BYTES + 1, "\r", -1, "whatever comes then"},
	    {LINE_MAX_BYTES, "\rx", -1, "a CR within counts"},
	    {LINE_MAX_BYTES, "\r\r\n", -1, "so does one before another"},
	};
	struct slice line;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice in = long_line(cases[i].n, cases[i].end);

		errno = EMSGSIZE;
		tap_ok(
		    line_next(in, &line) == cases[i].want && errno == EMSGSIZE,
		    "%s", cases[i].sentence);
	}
}

static void
test_last(void)
{
	struct slice line;

	tap_is_num(line_last(SLICE("a\nb"), &line), 2,
	    "at the end complete lines come first");
	tap_is_num(line_last(SLICE("b"), &line), 1, "then what is left");
	tap_is_slice(line, SLICE("b"), "is a line");
	tap_is_num(line_last(SLICE("b\r"), &line), 2, "a CR at its end");
	tap_is_slice(line, SLICE("b"), "is dropped");
	tap_is_num(
	    line_last(slice_of(NULL, 0), &line), 0, "and then nothing is");
	tap_is_num(line_last(long_line(LINE_MAX_BYTES, ""), &line),
	    LINE_MAX_BYTES, "the last line may be the longest");
	tap_ok(fails(line_last, long_line(LINE_MAX_BYTES + 1, ""), EMSGSIZE),
	    "but no longer");
}

/* However the bytes arrive, line_next has the same line at the same byte. */
static void
test_splits(void)
{
	struct slice stream = SLICE("HELLO 9000\r\n\nFILE a\rb \r\n\r\nDONE\n");
	struct slice want[] = {SLICE("HELLO 9000"), SLICE(""),
	    SLICE("FILE a\rb "), SLICE(""), SLICE("DONE")};
	size_t at = 0, seen = 0;
	bool same = true;

	for (size_t have = 0; have <= stream.len; have++) {
		struct slice line;
		ssize_t n = line_next(
		    slice_of(stream.ptr + at, have - at), &line);

		same &= n == 0 || stream.ptr[have - 1] == '\n';
		if (n <= 0)
			continue;
		same &= seen < 5 && slice_eq(line, want[seen++]);
		at += (size_t)n;
		same &= at == have;
	}
	tap_ok(same, "a line is there with its LF and not before");
	tap_is_num((long long)seen, 5, "every line comes of single bytes");
}

int
main(void)
{
	test_next();
	test_refusals();
	test_nul_elsewhere();
	test_length();
	test_last();
	test_splits();
	return tap_done();
}
