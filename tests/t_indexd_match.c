#include "indexd/match.h"

#include <errno.h>
#include <stdint.h>

#include "tap.h"

#define O_ACUTE "\xc3\xb3"
#define O_ACUTE_SPLIT "o\xcc\x81"

static enum match_class
class_of_query(const struct store_query *query, const char *path)
{
	static struct match_desk desk;
	struct match m;
	enum match_class class;

	if (match_new(&m, query) < 0)
		return MATCH_NONE;
	class = match_path(&m, slice_str(path), &desk);
	match_free(&m);
	return class;
}

static enum match_class
class_of(const char *words, const char *path)
{
	struct store_query query = {.words = slice_str(words)};

	return class_of_query(&query, path);
}

static const struct {
	const char *words;
	const char *path;
	enum match_class class;
	const char *sentence;
} facts[] = {
    {"song.mp3", "Song.mp3", 1, "a basename is matched case-blind"},
    {"song", "a/b/Song.mp3", 1, "a basename matches without its extension"},
    {"song", "song", 1, "a path may be one word"},
    {"my song", "My Song.flac", 1, "the blanks of the query count in class 1"},
    {"song my", "My Song.flac", 2, "the order of words does not in class 2"},
    {"my  song", "My Song.flac", 2, "two blanks are not one"},
    {" song", "song", 2, "nor is an outer blank dropped"},
    {"song", "song.", 1, "an extension may be empty"},
    {"song", "song.0123456789abcdef", 1, "or have 16 bytes"},
    {"song", "song.0123456789abcdefg", 2, "but no more"},
    {"song", "song.tar.gz", 2, "only the last dot begins an extension"},
    {"song.tar", "song.tar.gz", 1, "and what is before it may have dots"},
    {"mp3", ".mp3", 2, "what is all extension is matched as such"},
    {"song", "my song.mp3", 2, "a whole word of the basename is class 2"},
    {"song", "songs/my-song_2.mp3", 2, "whatever is around the word"},
    {"son my", "my song.mp3", 3, "words that begin words are class 3"},
    {"ong my", "my song.mp3", 4, "words inside of words are class 4"},
    {"son", "person song.mp3", 3, "the best place of a word decides"},
    {"on", "person on.mp3", 2, "even the last one"},
    {"aa", "aaa.mp3", 3, "overlapping places are all looked at"},
    {"song live", "Live/song.mp3", 5, "a word of a directory alone is class 5"},
    {"song live", "song.mp3", 0, "every word must be there"},
    {"gs on", "songs.mp3", 4, "words may overlap"},
    {"ab", "a-b.mp3", 0, "a word does not reach across a gap"},
    {"a-b", "ab.mp3", 4, "and a query is split at its gaps"},
    {"a-b", "a-b.mp3", 1, "though not in class 1"},
    {"song song", "song", 2, "a word twice is a word once"},
    {"s" O_ACUTE "ng", "s" O_ACUTE_SPLIT "ng.mp3", 1,
	"composed and decomposed accents are alike"},
    {"S" O_ACUTE_SPLIT "NG", "my S" O_ACUTE "ng", 2, "both ways"},
    {"song", "s" O_ACUTE "ng", 0, "an accent is a difference"},
    {"\xce\xb1\xce\xb2", "\xce\x91\xce\x92.mp3", 1, "Greek folds"},
    {"\xd0\x9f\xd0\xa0", "x \xd0\xbf\xd1\x80", 2, "Cyrillic folds"},
    {"\xff", "a\xff\xfe.mp3", 4, "bytes that are no UTF-8 are word bytes"},
    {"song", "SONGS OF A LONG NAME, WHICH FOLDS EIGHT BYTES AT A TIME.MP3", 3,
	"long ASCII names fold"},
    {"time@[`{", "a TIME@[`{", 2, "and what lies beside the letters does not"},
    {"0", "dir/0", 1, "digits are words"},
};

static void
test_classes(void)
{
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		tap_is_num(class_of(facts[i].words, facts[i].path),
		    facts[i].class, facts[i].sentence);
}

static void
test_not_words(void)
{
	const struct slice list[] = {SLICE("live REMIX"), SLICE("--")};
	struct store_query query = {
	    .words = SLICE("song"), .not_words = list, .not_count = 2};

	tap_is_num(class_of_query(&query, "song.mp3"), 1,
	    "what has no unwanted word matches");
	tap_is_num(class_of_query(&query, "Live/song.mp3"), 0,
	    "an unwanted word excludes, in directories too");
	tap_is_num(class_of_query(&query, "song remixed.mp3"), 0,
	    "each word of an unwanted text, inside of words too");
	query.not_words = &list[1];
	query.not_count = 1;
	tap_is_num(class_of_query(&query, "song--.mp3"), 2,
	    "an unwanted text without words excludes nothing");
}

static void
test_extensions(void)
{
	struct store_query query = {
	    .words = SLICE("song"), .ext = SLICE("flac,MP3,,\xc3\x84")};

	tap_is_num(class_of_query(&query, "song.Mp3"), 1,
	    "one extension of the list suffices, case-blind");
	tap_is_num(
	    class_of_query(&query, "song.\xc3\xa4"), 1, "beyond ASCII too");
	tap_is_num(
	    class_of_query(&query, "song.ogg"), 0, "another one does not");
	tap_is_num(class_of_query(&query, "song.mp3.ogg"), 0,
	    "only the last extension is one");
	tap_is_num(class_of_query(&query, "song"), 0, "nor does none");
	tap_is_num(
	    class_of_query(&query, "x.mp3/song"), 0, "nor that of a directory");
	tap_is_num(class_of_query(&query, "song."), 0, "nor an empty one");
	query.ext = SLICE("0123456789abcdefg");
	tap_is_num(class_of_query(&query, "song.0123456789abcdefg"), 0,
	    "nor what is too long to be one");
}

static void
test_refusals(void)
{
	struct store_query query = {.words = SLICE(" -/. ")};
	struct match m;

	errno = 0;
	tap_ok(match_new(&m, &query) < 0 && errno == EINVAL,
	    "a query without words is refused");
	query.words = slice_of(NULL, 0);
	tap_ok(
	    match_new(&m, &query) < 0 && errno == EINVAL, "an empty one too");
}

static void
test_many_words(void)
{
	char words[2 * (MATCH_WORDS_MAX + 1)];
	struct store_query query = {.words = slice_of(words, sizeof words)};
	struct match m;

	memset(words, 'a', sizeof words);
	for (size_t i = 1; i < sizeof words; i += 2)
		words[i] = ' ';
	errno = 0;
	tap_ok(match_new(&m, &query) < 0 && errno == E2BIG,
	    "a query of more than MATCH_WORDS_MAX words is refused");
	query.words = SLICE("a");
	query.not_words = &(struct slice){words, sizeof words};
	query.not_count = 1;
	errno = 0;
	tap_ok(match_new(&m, &query) < 0 && errno == E2BIG,
	    "so is one that excludes more");
	for (size_t i = 1; i < sizeof words; i += 2)
		words[i] = ',';
	query.not_count = 0;
	query.ext = slice_of(words, sizeof words);
	errno = 0;
	tap_ok(match_new(&m, &query) < 0 && errno == E2BIG,
	    "so is one of more extensions");
}

/* A name in which the rare byte of a word is everywhere, and the word late. */
static void
test_misleading(void)
{
	static char path[NAMES_PATH_MAX];
	static struct match_desk desk;
	struct store_query query = {.words = SLICE("zq")};
	struct match m;

	if (match_new(&m, &query) < 0)
		abort();
	memset(path, 'q', sizeof path);
	tap_is_num(match_path(&m, slice_of(path, sizeof path), &desk),
	    MATCH_NONE, "a word that seems to be everywhere may be nowhere");
	path[sizeof path - 2] = 'z';
	tap_is_num(match_path(&m, slice_of(path, sizeof path), &desk),
	    MATCH_INSIDE, "or stand at the end");
	match_free(&m);
}

static void
test_sizes(void)
{
	static char path[NAMES_PATH_MAX + 1];
	static struct match_desk desk;
	char words[2 * MATCH_WORDS_MAX];
	struct store_query query = {.words = slice_of(words, sizeof words)};
	struct match m;
	unsigned wrong = 0;

	memset(words, 'a', sizeof words);
	for (size_t i = 1; i < sizeof words; i += 2)
		words[i] = ' ';
	wrong += match_new(&m, &query) < 0 || m.words.count != 1;
	for (size_t len = 1; len < NAMES_PATH_MAX; len++) {
		memset(path, 'Z', len);
		path[len - 1] = 'A';
		wrong += !match_path(&m, slice_of(path, len), &desk);
		path[len - 1] = 'Z';
		wrong += match_path(&m, slice_of(path, len), &desk) != 0;
	}
	tap_is_num(wrong, 0, "names of every length fold to their last byte");
	memset(path, 0xff, NAMES_PATH_MAX);
	tap_is_num(match_path(&m, slice_of(path, NAMES_PATH_MAX), &desk), 0,
	    "the longest one of other bytes fits");
	match_free(&m);
}

int
main(void)
{
	test_classes();
	test_not_words();
	test_extensions();
	test_refusals();
	test_many_words();
	test_misleading();
	test_sizes();
	return tap_done();
}
