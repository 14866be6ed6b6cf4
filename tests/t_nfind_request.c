#include "nfind/request.h"

#include <stdlib.h>

#include "lib/line.h"
#include "tests/tap.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX_UPPER \
	"0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

static struct request_options
plain(void)
{
	return (struct request_options){.under = UINT64_MAX, .limit = 1000};
}

static struct request_options
with_words(char **words, size_t count)
{
	struct request_options o = plain();

	o.words = words;
	o.word_count = count;
	return o;
}

static void
expect(const struct request_options *o, const char *line, const char *name,
    const char *sentence)
{
	const char *why = "";
	struct request r;

	if (!tap_ok(!request_make(o, &r, &why), "%s", sentence)) {
		tap_note("refused: %s", why);
	} else {
		tap_is_slice(buf_slice(&r.line), slice_str(line), "the line");
		tap_is_slice(r.name, slice_str(name), "the name for SEARCH");
	}
	request_free(&r);
}

static void
refused(const struct request_options *o, const char *sentence)
{
	const char *why = NULL;
	struct request r;

	tap_ok(request_make(o, &r, &why) < 0 && why, "%s", sentence);
	if (why)
		tap_note("%s", why);
	request_free(&r);
}

static void
test_words(void)
{
	char a[] = "my song", b[] = "live", lf[] = "a\nb", none[] = " -?",
	     empty[] = "", slash[] = "/etc/passwd";
	char *words[] = {a, b};
	struct request_options o = with_words(words, 2);

	expect(&o, "FIND limit=1000 -- my song live\n", "my song live",
	    "words are joined by single blanks");
	words[1] = lf;
	refused(&o, "a line end in a word is refused");
	words[0] = none;
	o.word_count = 1;
	refused(&o, "words without a letter or digit are refused");
	words[0] = empty;
	refused(&o, "an empty word too");
	o.word_count = 0;
	refused(&o, "no word at all too");
	words[0] = slash;
	o.word_count = 1;
	expect(&o, "FIND limit=1000 -- /etc/passwd\n", "",
	    "words that are no path have no name for SEARCH");
}

static void
test_long_words(void)
{
	char *word = malloc(LINE_MAX_BYTES + 1);
	struct request_options o = with_words(&word, 1);
	struct request r;
	const char *why;

	memset(word, 'a', LINE_MAX_BYTES);
	word[LINE_MAX_BYTES] = '\0';
	refused(&o, "words that no line holds are refused");
	word[LINE_MAX_BYTES - strlen("FIND limit=1000 -- ")] = '\0';
	tap_ok(!request_make(&o, &r, &why) &&
		buf_len(&r.line) == LINE_MAX_BYTES + 1,
	    "a line of just the allowed length is sent");
	request_free(&r);
	free(word);
}

static void
test_filters(void)
{
	static const char *const bad_ext[] = {"", ",", "a,", ",a", "a,,b",
	    "a b", ".mp3", "a\tb", "a/b", "a\n", "seventeen-letters"};
	char a[] = "song";
	char *words[] = {a};
	struct request_options o = with_words(words, 1);

	o.ext = "flac,mp3";
	o.over = 10;
	o.under = 2048;
	o.not_words[0] = "live";
	o.not_words[1] = "demo";
	o.not_count = 2;
	o.limit = 7;
	expect(&o,
	    "FIND limit=7 over=10 under=2048 ext=flac,mp3 not=live not=demo -- "
	    "song\n",
	    "", "filters are settings, which no seed server knows");
	o.not_words[1] = "a b";
	refused(&o, "a blank in -x is refused");
	o.not_words[1] = "-";
	refused(&o, "-x without a letter or digit is refused");
	o.not_count = 0;
	o.over = 4096;
	refused(&o, "bounds that cross are refused");
	o.over = 0;
	for (size_t i = 0; i < sizeof bad_ext / sizeof *bad_ext; i++) {
		o.ext = bad_ext[i];
		refused(&o, "an odd --ext is refused");
	}
}

static void
test_exact(void)
{
	struct request_options o = plain();

	o.exact = "Album/My Song.mp3";
	expect(&o, "FIND limit=10000 -- My Song.mp3\n", "Album/My Song.mp3",
	    "an exact name is looked for by its basename");
	o.ext = "mp3";
	expect(&o, "FIND limit=10000 ext=mp3 -- My Song.mp3\n", "",
	    "and filters go with it");
	o.exact = "a/--";
	refused(&o, "but not when the basename has no word");
	o.ext = NULL;
	expect(&o, "SEARCH a/--\n", "a/--",
	    "a basename without a word is left to SEARCH");
	o.exact = "/a";
	refused(&o, "an absolute path is refused");
	o.exact = "a/../b";
	refused(&o, "dots are refused");
	o.exact = "a\nb";
	refused(&o, "control bytes are refused");
	o.exact = "";
	refused(&o, "no name is refused");
}

static void
test_hash(void)
{
	struct request_options o = plain();

	o.hash = HEX;
	expect(&o, "HASH " HEX "\n", "", "a digest is asked for with HASH");
	o.hash = "sha256:" HEX_UPPER;
	expect(&o, "HASH " HEX "\n", "", "also with its scheme, in any case");
	o.over = 1;
	refused(&o, "filters do not go with it");
	o.over = 0;
	o.hash = HEX "0";
	refused(&o, "65 digits are refused");
	o.hash = "md5:" HEX;
	refused(&o, "another scheme is refused");
	o.hash = "";
	refused(&o, "no digest is refused");
}

static void
test_stat(void)
{
	char a[] = "song";
	char *words[] = {a};
	struct request_options o = plain();

	o.stat = true;
	expect(&o, "STAT\n", "", "--stat is STAT");
	o.words = words;
	o.word_count = 1;
	refused(&o, "words do not go with it");
	o.word_count = 0;
	o.hash = HEX;
	refused(&o, "nor does a digest");
	o.stat = false;
	o.exact = "x";
	refused(&o, "nor an exact name with a digest");
}

int
main(void)
{
	test_words();
	test_long_words();
	test_filters();
	test_exact();
	test_hash();
	test_stat();
	return tap_done();
}
