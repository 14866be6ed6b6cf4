#include "lib/rune.h"

#include <errno.h>

#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool
is_scalar(uint32_t rune)
{
	return rune < 0x110000 && (rune < 0xd800 || rune > 0xdfff);
}

static void
test_every_rune(void)
{
	bool same = true, cut = true;

	for (uint32_t rune = 0; rune < 0x110000; rune++) {
		uint32_t back = 0;
		char text[4];
		size_t n;

		if (!is_scalar(rune))
			continue;
		n = rune_encode(rune, text);
		same &= rune_decode(slice_of(text, n), &back) == n &&
		    back == rune;
		for (size_t k = 1; k < n; k++)
			cut &= rune_decode(slice_of(text, k), &back) == 0;
	}
	tap_ok(same, "every rune is decoded as it was encoded");
	tap_ok(cut, "none is decoded from a part of its bytes");
}

/* Of all sequences of three bytes, those decoded encode to themselves. */
static void
test_every_sequence(void)
{
	bool canonical = true, scalar = true;

	for (uint32_t bits = 0; bits < 1 << 24; bits++) {
		char in[4] = {
		    (char)(bits >> 16), (char)(bits >> 8), (char)bits, '\x80'};
		char out[4];
		uint32_t rune;
		size_t n = rune_decode(slice_of(in, 4), &rune);

		if (n == 0)
			continue;
		scalar &= is_scalar(rune);
		canonical &= rune_encode(rune, out) == n && !memcmp(in, out, n);
	}
	tap_ok(canonical, "only the shortest form of a rune is decoded");
	tap_ok(scalar, "no surrogate and nothing past U+10FFFF is decoded");
}

static void
test_valid(void)
{
	static const struct {
		struct slice text;
		bool valid;
		const char *sentence;
	} cases[] = {
	    {SLICE(""), true, "nothing is valid"},
	    {SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb5"), true,
		"characters of 1 to 4 bytes are valid"},
	    {SLICE("\0"), true, "so is a NUL"},
	    {SLICE("a\x80"), false, "a lone continuation byte is not"},
	    {SLICE("\xc0\x80"), false, "nor is an overlong NUL"},
	    {SLICE("\xc1\xbf"), false, "nor an overlong letter"},
	    {SLICE("\xe0\x9f\xbf"), false, "nor an overlong form of 3 bytes"},
	    {SLICE("\xf0\x8f\xbf\xbf"), false, "nor one of 4"},
	    {SLICE("\xed\xa0\x80"), false, "nor a surrogate"},
	    {SLICE("\xf4\x90\x80\x80"), false, "nor a value past U+10FFFF"},
	    {SLICE("\xf5\x80\x80\x80"), false, "nor a first byte past F4"},
	    {SLICE("\xff"), false, "nor the byte FF"},
	    {SLICE("ab\xe2\x82"), false, "nor a character cut off"},
	    {SLICE("\xe2\x82x"), false, "nor one that another interrupts"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tap_ok(rune_valid(cases[i].text) == cases[i].valid, "%s",
		    cases[i].sentence);
}

static void
shows(struct slice in, const char *want, const char *sentence)
{
	struct buf out = {.cap = 1000};

	rune_visible(&out, in);
	tap_is_slice(buf_slice(&out), slice_str(want), sentence);
	buf_free(&out);
}

static void
test_visible(void)
{
	shows(SLICE("Bj\xc3\xb6rk \xe2\x82\xac"), "Bj\xc3\xb6rk \xe2\x82\xac",
	    "letters are shown as they are");
	shows(SLICE("a\\b"), "a\\\\b", "a backslash is doubled");
	shows(SLICE("\0\x1b[2J\r\n\x7f"), "\\x00\\x1b[2J\\x0d\\x0a\\x7f",
	    "controls of ASCII are escaped");
	shows(SLICE("\xc2\x9b"), "\\xc2\\x9b", "controls of C1 are escaped");
	shows(SLICE("\xc2\xa0"), "\xc2\xa0", "what follows C1 is not");
	shows(SLICE("\x9b\xff\xe2\x82"), "\\x9b\\xff\\xe2\\x82",
	    "bytes that are not UTF-8 are escaped");
	shows(SLICE("\xe2\x80\xa8\xe2\x80\xa9"),
	    "\\xe2\\x80\\xa8\\xe2\\x80\\xa9", "separators are escaped");
	shows(SLICE("\xe2\x80\xaa\xe2\x80\xae"),
	    "\\xe2\\x80\\xaa\\xe2\\x80\\xae", "overrides are escaped");
	shows(SLICE("\xe2\x81\xa6\xe2\x81\xa9"),
	    "\\xe2\\x81\\xa6\\xe2\\x81\\xa9", "isolates are escaped");
	shows(SLICE("\xe2\x80\x8e\xe2\x80\x8f"),
	    "\\xe2\\x80\\x8e\\xe2\\x80\\x8f", "direction marks are escaped");
	shows(SLICE("\xef\xbb\xbf"), "\\xef\\xbb\\xbf",
	    "a byte order mark is escaped");
	shows(SLICE("\xe2\x80\xa7\xe2\x80\xaf"), "\xe2\x80\xa7\xe2\x80\xaf",
	    "what stands beside them is not");
}

static void
test_room(void)
{
	struct buf out = {.cap = 5};

	errno = 0;
	tap_ok(rune_visible(&out, SLICE("abc\xe2\x82\xac")) < 0 &&
		errno == ENOBUFS,
	    "without room the error is told");
	tap_is_slice(buf_slice(&out), SLICE("abc"),
	    "and the text is cut at a character");
	buf_truncate(&out, 2);
	rune_visible(&out, SLICE("\x1b"));
	tap_is_slice(buf_slice(&out), SLICE("ab"), "never within an escape");
	buf_free(&out);
}

int
main(void)
{
	test_every_rune();
	test_every_sequence();
	test_valid();
	test_visible();
	test_room();
	return tap_done();
}
