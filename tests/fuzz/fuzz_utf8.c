#include "lib/utf8.h"

#include "lib/rune.h"
#include "tests/fuzz/fuzz.h"

/* Text, as it is. */

/* To be freed. */
static struct slice
fold(struct slice s)
{
	char *out = malloc(UTF8_FOLD_GROWTH * s.len);
	size_t len;

	if (s.len > 0 && !out)
		abort();
	len = utf8_fold(s, out);
	FUZZ_ASSERT(len <= UTF8_FOLD_GROWTH * s.len);
	FUZZ_ASSERT(len * UTF8_FOLD_SHRINK >= s.len);
	return slice_of(out, len);
}

static void
check_fold(struct slice s, struct slice folded)
{
	struct slice again = fold(folded);

	FUZZ_ASSERT(slice_eq(again, folded));
	FUZZ_ASSERT(!rune_valid(s) || rune_valid(folded));
	for (size_t i = 0; i < folded.len; i++)
		FUZZ_ASSERT(folded.ptr[i] < 'A' || folded.ptr[i] > 'Z');
	fuzz_free(again);
}

/* What stands before an ASCII byte and what follows fold by themselves. */
static void
check_parts(struct slice s, struct slice folded)
{
	struct slice head, tail, one, rest = folded;

	if (!slice_cut(s, '/', &head, &tail))
		return;
	one = fold(head);
	FUZZ_ASSERT(slice_starts(rest, one));
	rest = slice_skip(rest, one.len);
	fuzz_free(one);
	FUZZ_ASSERT(slice_starts(rest, SLICE("/")));
	one = fold(tail);
	FUZZ_ASSERT(slice_eq(slice_skip(rest, 1), one));
	fuzz_free(one);
}

static size_t
count_word_bytes(struct slice s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.len; i++)
		count += utf8_is_word((unsigned char)s.ptr[i]);
	return count;
}

static void
check_words(struct slice s)
{
	struct slice rest = s, word;
	const char *end = s.ptr;
	size_t bytes = 0;

	while (utf8_word(&rest, &word)) {
		FUZZ_ASSERT(fuzz_is_within(word, s) && word.ptr >= end);
		FUZZ_ASSERT(word.len > 0 && count_word_bytes(word) == word.len);
		end = word.ptr + word.len + (rest.len > 0);
		bytes += word.len;
	}
	FUZZ_ASSERT(rest.len == 0 && bytes == count_word_bytes(s));
}

static void
check_runes(struct slice s)
{
	bool valid = true;
	char text[4];
	uint32_t rune;
	size_t n;

	for (; s.len > 0; s = slice_skip(s, n ? n : 1)) {
		n = rune_decode(s, &rune);
		valid = valid && n > 0;
		FUZZ_ASSERT(n <= 4 && n <= s.len);
		FUZZ_ASSERT(n == 0 || rune <= 0x10ffff);
		FUZZ_ASSERT(n == 0 || rune < 0xd800 || rune > 0xdfff);
		FUZZ_ASSERT(n == 0 ||
		    (rune_encode(rune, text) == n && !memcmp(text, s.ptr, n)));
	}
}

static void
check_visible(struct slice s)
{
	struct buf out;

	buf_init(&out, 8 * s.len);
	FUZZ_ASSERT(rune_visible(&out, s) == 0);
	FUZZ_ASSERT(rune_valid(buf_slice(&out)));
	FUZZ_ASSERT(!fuzz_has_control(buf_slice(&out)));
	buf_free(&out);
	buf_init(&out, s.len / 2);
	if (rune_visible(&out, s) < 0)
		FUZZ_ASSERT(rune_valid(buf_slice(&out)));
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = fuzz_input(data, size), folded = fold(s);

	check_fold(s, folded);
	check_parts(s, folded);
	check_words(s);
	check_words(folded);
	check_runes(s);
	check_visible(s);
	fuzz_free(folded);
	return 0;
}
