#include "lib/path.h"

#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void
test_valid(void)
{
	static const struct slice good[] = {SLICE("a"), SLICE("a/b/c"),
	    SLICE(".hidden"), SLICE("..."), SLICE("a/..b/c.."), SLICE("a b"),
	    SLICE(" "), SLICE("\\"), SLICE("\xff\xfe"), SLICE("a/\x80"),
	    SLICE("-n"), SLICE("a:b")};
	static const struct slice bad[] = {SLICE(""), SLICE("/"), SLICE("/a"),
	    SLICE("a/"), SLICE("a//b"), SLICE("."), SLICE(".."), SLICE("./a"),
	    SLICE("a/./b"), SLICE("a/.."), SLICE("../a"), SLICE("a/../b"),
	    SLICE("a\nb"), SLICE("a\0b"), SLICE("\x1f"), SLICE("\x7f"),
	    SLICE("a/b\t")};

	for (size_t i = 0; i < COUNT(good); i++)
		tap_ok(path_valid(good[i]), "good path %zu is one", i + 1);
	for (size_t i = 0; i < COUNT(bad); i++)
		tap_ok(!path_valid(bad[i]), "bad path %zu is none", i + 1);
	tap_ok(!path_valid(slice_of(NULL, 0)), "nothing is no path");
}

static void
test_controls(void)
{
	bool as_told = true;

	for (int c = 0; c < 256; c++) {
		char text[3] = {'a', (char)c, 'b'};
		bool control = c < 0x20 || c == 0x7f;

		as_told &= path_valid(slice_of(text, 3)) == !control;
	}
	tap_ok(as_told, "of all bytes only 00 to 1f and 7f are refused");
}

static void
test_length(void)
{
	static char text[PATH_MAX_BYTES + 1];

	memset(text, 'x', sizeof text);
	tap_ok(path_valid(slice_of(text, PATH_MAX_BYTES)),
	    "a path may have %d bytes", PATH_MAX_BYTES);
	tap_ok(!path_valid(slice_of(text, PATH_MAX_BYTES + 1)),
	    "but not one more");
}

static void
test_base(void)
{
	tap_is_slice(path_base(SLICE("a/b/c.mp3")), SLICE("c.mp3"),
	    "the basename follows the last slash");
	tap_is_slice(path_base(SLICE("c.mp3")), SLICE("c.mp3"),
	    "without a slash it is the path");
	tap_is_slice(path_base(SLICE("a/")), SLICE(""),
	    "behind a slash at the end it is empty");
	tap_is_slice(
	    path_base(slice_of(NULL, 0)), SLICE(""), "of nothing it is empty");
	tap_is_slice(path_above(SLICE("a/b/c.mp3")), SLICE("a/b"),
	    "the directory is what stands before that slash");
	tap_is_slice(
	    path_above(SLICE("c.mp3")), SLICE(""), "and empty without one");
}

static void
test_extension(void)
{
	static const struct {
		const char *path, *extension, *sentence;
	} cases[] = {
	    {"a.mp3", "mp3", "an extension follows the dot"},
	    {"a.tar.gz", "gz", "the last of several dots"},
	    {"a.b/c", "", "a dot of a directory makes none"},
	    {"a/c", "", "without a dot there is none"},
	    {"a/.profile", "", "with nothing before the dot there is none"},
	    {"a.", "", "with nothing behind it neither"},
	    {"..x", "x", "a dot before the dot is something"},
	    {"a.0123456789abcdef", "0123456789abcdef", "it may have 16 bytes"},
	    {"a.0123456789abcdefg", "", "but not 17"},
	    {"", "", "nothing has none"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tap_is_slice(path_extension(slice_str(cases[i].path)),
		    slice_str(cases[i].extension), cases[i].sentence);
}

static void
test_hidden(void)
{
	tap_ok(path_has_hidden(SLICE(".a")), "a leading dot hides a file");
	tap_ok(path_has_hidden(SLICE("a/.b/c")), "and a directory");
	tap_ok(path_has_hidden(SLICE("a/.b")), "and what lies in one");
	tap_ok(!path_has_hidden(SLICE("a.b/c.d")), "other dots hide nothing");
	tap_ok(!path_has_hidden(SLICE("")), "nothing is not hidden");
}

int
main(void)
{
	test_valid();
	test_controls();
	test_length();
	test_base();
	test_extension();
	test_hidden();
	return tap_done();
}
