#include "lib/utf8.h"

#include <stdint.h>

#include "lib/rune.h"
#include "tap.h"

#define RUNES 0x110000u
#define TEXT_MAX 64
#define ROOM (TEXT_MAX * UTF8_FOLD_GROWTH * UTF8_FOLD_GROWTH)

static struct slice
fold(const char *text)
{
	static char out[512 * UTF8_FOLD_GROWTH];

	return slice_of(out, utf8_fold(slice_str(text), out));
}

static void
test_examples(void)
{
	static const struct {
		const char *text;
		const char *folded;
		const char *sentence;
	} examples[] = {
	    {"", "", "nothing folds to nothing"},
	    {"My SONG_09.Mp3", "my song_09.mp3", "ASCII loses its case"},
	    {"@[`{/:", "@[`{/:", "the neighbours of letters and digits stay"},
	    {"\xc3\x89t\xc3\xa9", "e\xcc\x81te\xcc\x81",
		"composed accents come apart"},
	    {"E\xcc\x81", "e\xcc\x81", "decomposed accents stay apart"},
	    {"\xe1\xbb\xa4\xcc\x88", "u\xcc\xa3\xcc\x88",
		"a composed letter takes a further mark"},
	    {"u\xcc\x88\xcc\xa3", "u\xcc\xa3\xcc\x88",
		"marks are sorted by combining class"},
	    {"u\xcc\x88\xcc\x81", "u\xcc\x88\xcc\x81",
		"marks of one class keep their order"},
	    {"\xcc\x88\xcc\xa3", "\xcc\xa3\xcc\x88",
		"marks are sorted where no letter precedes them"},
	    {"\xce\xa3\xcf\x83\xcf\x82", "\xcf\x83\xcf\x83\xcf\x83",
		"all three sigmas are one"},
	    {"\xc5\xbf", "s", "a long s is an s"},
	    {"\xc2\xb5", "\xce\xbc", "the micro sign is a mu"},
	    {"\xcf\x90\xcf\x91\xcf\xb4\xcf\x95\xcf\xb0\xcf\xb1\xcf\xb5",
		"\xce\xb2\xce\xb8\xce\xb8\xcf\x86\xce\xba\xcf\x81\xce\xb5",
		"the Greek symbol variants are their letters"},
	    {"\xe2\x84\xaa\xe2\x84\xab\xe2\x84\xa6", "ka\xcc\x8a\xcf\x89",
		"Kelvin, Angstrom and Ohm signs are their letters"},
	    {"\xd0\x96\xd0\x99\xd1\x91",
		"\xd0\xb6\xd0\xb8\xcc\x86\xd0\xb5\xcc\x88",
		"Cyrillic loses its case and comes apart"},
	    {"\xc7\x85", "\xc7\x86", "title case is no case of its own"},
	    {"\xc4\xb0\xc4\xb1", "i\xcc\x87i",
		"i is found with and without dot"},
	    {"\xe1\xba\x9e\xc3\x9f", "\xc3\x9f\xc3\x9f",
		"both sharp s are one letter, not two s"},
	    {"\xef\xbc\xa1", "\xef\xbd\x81",
		"a fullwidth A loses its case, not its width"},
	    {"\xef\xac\x81", "\xef\xac\x81", "a ligature stays"},
	    {"\xce\x90", "\xce\xb9\xcc\x88\xcc\x81",
		"two bytes may become six"},
	    {"\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8",
		"a Hangul syllable becomes its three letters"},
	    {"\xed\x9e\x88", "\xe1\x84\x92\xe1\x85\xb5",
		"a Hangul syllable without a final becomes two"},
	    {"\xf0\xaf\xa8\x9d", "\xf0\xaa\x98\x80",
		"the last compatibility ideograph becomes the unified one"},
	    {"\xd4\xb1", "\xd4\xb1", "Armenian keeps its case"},
	    {"\xe2\x89\xa0\xcd\xbe", "\xe2\x89\xa0\xcd\xbe",
		"what would become a separator stays"},
	    {"\xe6\x97\xa5\xf0\x9f\x8e\xb5", "\xe6\x97\xa5\xf0\x9f\x8e\xb5",
		"ideographs and pictures stay"},
	};

	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
		tap_is_slice(fold(examples[i].text),
		    slice_str(examples[i].folded), examples[i].sentence);
}

static void
test_stray_bytes(void)
{
	char out[8 * UTF8_FOLD_GROWTH];

	tap_is_slice(fold("A\xff\x80Z"), SLICE("a\xff\x80z"),
	    "bytes that are not UTF-8 stay amid what folds");
	tap_is_slice(fold("\xc3"), SLICE("\xc3"), "a cut character stays");
	tap_is_slice(fold("\xe1\xbb"
			  "A"),
	    SLICE("\xe1\xbb"
		  "a"),
	    "a letter after a cut character folds");
	tap_is_slice(
	    fold("\xc1\x81"), SLICE("\xc1\x81"), "an overlong letter stays");
	tap_is_slice(
	    fold("\xed\xa0\x80"), SLICE("\xed\xa0\x80"), "a surrogate stays");
	tap_is_slice(fold("u\xcc\x88\xff\xcc\xa3"),
	    SLICE("u\xcc\x88\xff\xcc\xa3"), "no mark moves past a stray byte");
	tap_is_num((long long)utf8_fold(SLICE("A\0B"), out), 3,
	    "a NUL is a byte like others");
	tap_ok(!memcmp(out, "a\0b", 3), "what follows a NUL is folded");
}

static void
test_many_marks(void)
{
	char text[2 * 500 + 2] = "u";
	struct slice folded;
	bool sound = true;

	for (size_t i = 0; i < 500; i++)
		memcpy(text + 1 + 2 * i, i % 2 ? "\xcc\xa3" : "\xcc\x88", 3);
	folded = fold(text);
	tap_is_num((long long)folded.len, 1001, "no mark of many is lost");
	tap_ok(rune_valid(folded), "many marks stay well-formed");
	for (size_t i = 0; i < 16; i++)
		sound &= !memcmp(folded.ptr + 1 + 2 * i, "\xcc\xa3", 2);
	tap_ok(sound, "many marks are sorted at least by sixteens");
}

static bool
is_valid_rune(uint32_t rune)
{
	return rune < 0xd800 || rune > 0xdfff;
}

/* Each byte on one side of the line between words and what splits them. */
static bool
is_all(struct slice s, bool of_word)
{
	for (size_t i = 0; i < s.len; i++)
		if (utf8_is_word((unsigned char)s.ptr[i]) != of_word)
			return false;
	return true;
}

static void
test_every_rune(void)
{
	char text[4], once[ROOM], twice[ROOM];
	bool bounded = true, stable = true, kept = true, valid = true;
	bool whole = true;
	struct slice s, folded;
	size_t n;

	for (uint32_t rune = 0; rune < RUNES; rune++) {
		if (!is_valid_rune(rune))
			continue;
		s = slice_of(text, rune_encode(rune, text));
		folded = slice_of(once, utf8_fold(s, once));
		n = utf8_fold(folded, twice);
		bounded &= folded.len <= s.len * UTF8_FOLD_GROWTH;
		whole &= s.len <= folded.len * UTF8_FOLD_SHRINK;
		stable &= slice_eq(folded, slice_of(twice, n));
		valid &= rune_valid(folded);
		kept &= is_all(folded, utf8_is_word((unsigned char)*text));
	}
	tap_ok(bounded, "no character grows by more than UTF8_FOLD_GROWTH");
	tap_ok(whole, "no character shrinks by more than UTF8_FOLD_SHRINK");
	tap_ok(stable, "every character folded stays when folded again");
	tap_ok(valid, "every character folds to well-formed ones");
	tap_ok(kept, "no character changes between word and separator");
}

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Characters of the scripts that fold, marks, ASCII, and any byte at all. */
static size_t
put_random(uint32_t *state, char out[4])
{
	uint32_t n = next_random(state) >> 3;

	switch (next_random(state) >> 8 & 7) {
	case 0:
		*out = (char)n;
		return 1;
	case 1:
		*out = (char)(n & 0x7f);
		return 1;
	case 2:
	case 3:
		return rune_encode(0x300 + n % 0x70, out);
	case 4:
		return rune_encode(0x1e00 + n % 0x200, out);
	case 5:
		n %= RUNES;
		return rune_encode(is_valid_rune(n) ? n : 0xac00, out);
	default:
		return rune_encode(0x80 + n % 0x4b0, out);
	}
}

static size_t
random_text(uint32_t *state, char out[TEXT_MAX])
{
	size_t want = next_random(state) % (TEXT_MAX - 3), n = 0;

	while (n < want)
		n += put_random(state, out + n);
	return n;
}

/* Whether the words of the folded text are the folded words of the text. */
static bool
same_words(struct slice text, struct slice folded)
{
	char out[ROOM];
	struct slice a, b;
	size_t n;

	while (utf8_word(&text, &a)) {
		n = utf8_fold(a, out);
		if (!utf8_word(&folded, &b) || !slice_eq(b, slice_of(out, n)))
			return false;
	}
	return !utf8_word(&folded, &b);
}

static void
test_random_text(void)
{
	char text[TEXT_MAX], once[ROOM], twice[ROOM];
	bool bounded = true, stable = true, words = true, valid = true;
	uint32_t state = 20010911;
	struct slice s, folded;
	size_t n;

	for (int i = 0; i < 100000; i++) {
		s = slice_of(text, random_text(&state, text));
		folded = slice_of(once, utf8_fold(s, once));
		n = utf8_fold(folded, twice);
		bounded &= folded.len <= s.len * UTF8_FOLD_GROWTH;
		stable &= slice_eq(folded, slice_of(twice, n));
		valid &= rune_valid(folded) == rune_valid(s);
		words &= same_words(s, folded);
	}
	tap_ok(bounded, "no bytes grow by more than UTF8_FOLD_GROWTH");
	tap_ok(stable, "any bytes folded stay when folded again");
	tap_ok(valid, "folding makes well-formed text of such text alone");
	tap_ok(words, "the words of folded text are the folded words");
}

static void
test_words(void)
{
	struct slice rest = SLICE("--My_Song (2).mp3\tna\xc3\xafve\xff/");
	struct slice word;
	static const char *const words[] = {
	    "My", "Song", "2", "mp3", "na\xc3\xafve\xff"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		utf8_word(&rest, &word);
		tap_is_slice(word, slice_str(words[i]),
		    "words come in order, without what splits them");
	}
	tap_ok(!utf8_word(&rest, &word), "after the last word there is none");
	tap_is_num((long long)word.len, 0, "no word is an empty one");
	tap_is_num((long long)rest.len, 0, "what holds no word is used up");
	tap_ok(!utf8_word(&rest, &word), "nothing holds no word");
	rest = slice_of(NULL, 0);
	tap_ok(!utf8_word(&rest, &word), "a null slice holds no word");
	rest = SLICE("end");
	tap_ok(utf8_word(&rest, &word), "a word may be all there is");
	tap_is_str(rest.ptr, "", "the rest begins where the word ends");
}

static void
test_word_bytes(void)
{
	bool letters = true, others = true;

	for (int c = 0; c < 0x80; c++) {
		bool in = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

		if (in)
			letters &= utf8_is_word((unsigned char)c);
		else
			others &= !utf8_is_word((unsigned char)c);
	}
	tap_ok(letters, "ASCII letters and digits are of words");
	tap_ok(others, "no other ASCII is");
	tap_ok(utf8_is_word(0x80) && utf8_is_word(0xff),
	    "every byte from 0x80 up is");
}

int
main(void)
{
	test_examples();
	test_stray_bytes();
	test_many_marks();
	test_every_rune();
	test_random_text();
	test_words();
	test_word_bytes();
	return tap_done();
}
