#include "indexd/store.h"

#include <stdint.h>

#include "dice.h"
#include "lib/utf8.h"
#include "naive_match.h"
#include "tap.h"

/*
 * The same names in stores that have indexed none of them, that have but
 * sketches, small runs or a large one: each gives the same answers.
 */
#define STORES 5
#define PEERS 6
#define SHARDS 2
#define NAMES 10000u
#define QUERIES 480u
#define TEXT_MAX 1024

static const struct {
	const char *what;
	struct store_shape shape;
} shapes[STORES] = {
    {"none indexed", {1 << 20, 1 << 19, 1 << 20, false}},
    {"small sketches", {64, 1, 1 << 20, true}},
    {"one sketch", {1 << 20, 800, 1 << 20, true}},
    {"small runs", {64, 1, 1 << 20, false}},
    {"one run", {1 << 20, 1, 1 << 20, false}},
};

struct name {
	char text[TEXT_MAX];
	uint64_t size;
	bool here;
};

struct sample {
	struct store *stores[STORES];
	struct store_peer *peers[STORES][PEERS];
	struct store_hits hits[STORES];
	struct name *names;
	uint32_t count;
	uint64_t seed;
};

static struct store_peer *
join(struct store *s, unsigned number)
{
	struct store_peer_spec spec = {.max_files = UINT64_MAX};
	struct store_peer *peer;

	addr_parse_ip(SLICE("192.0.2.0"), &spec.at);
	spec.at.ip[15] = (uint8_t)(number + 1);
	spec.at.port = 9000;
	peer = store_join(s, number % SHARDS, &spec);
	if (!peer)
		abort();
	/* Nothing about the order of peers is left to chance. */
	store_set_load(peer, number, 100);
	return peer;
}

static void
sample_init(struct sample *s)
{
	*s = (struct sample){.seed = 19};
	s->names = calloc(NAMES, sizeof *s->names);
	if (!s->names)
		abort();
	for (unsigned i = 0; i < STORES; i++) {
		s->stores[i] = store_new_shaped(SHARDS, &shapes[i].shape);
		if (!s->stores[i])
			abort();
		for (unsigned k = 0; k < PEERS; k++)
			s->peers[i][k] = join(s->stores[i], k);
	}
}

static void
sample_free(struct sample *s)
{
	for (unsigned i = 0; i < STORES; i++) {
		for (unsigned k = 0; k < PEERS; k++)
			store_leave(s->peers[i][k]);
		store_hits_free(&s->hits[i]);
		store_free(s->stores[i]);
	}
	free(s->names);
}

static void
settle(struct sample *s)
{
	for (unsigned i = 0; i < STORES; i++)
		store_settle(s->stores[i]);
}

static void
change(struct sample *s, uint32_t number, bool adds)
{
	struct name *name = &s->names[number];
	struct store_change change = {
	    .add = adds, .path = slice_str(name->text), .size = name->size};

	name->here = adds;
	for (unsigned i = 0; i < STORES; i++)
		if (store_apply(s->peers[i][number % PEERS], &change, 1) > 0)
			abort();
}

static void
share(struct sample *s, const char *text)
{
	struct name *name = &s->names[s->count];

	snprintf(name->text, sizeof name->text, "%s", text);
	name->size = dice_draw(&s->seed, 5) ? dice_draw(&s->seed, 1000)
					    : STORE_NO_SIZE;
	change(s, s->count++, true);
}

/* What is known of each name, without a store. */
static uint64_t
count_matches(const struct sample *s, const struct store_query *query)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		const struct name *n = &s->names[i];

		if (!n->here ||
		    (n->size == STORE_NO_SIZE &&
			(query->over > 0 || query->under < UINT64_MAX)))
			continue;
		if (n->size != STORE_NO_SIZE &&
		    (n->size < query->over || n->size > query->under))
			continue;
		count += naive_class(query, slice_str(n->text)) > 0;
	}
	return count;
}

static bool
same_hits(const struct store_hits *a, const struct store_hits *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!slice_eq(a->list[i].path, b->list[i].path) ||
		    !addr_eq(&a->list[i].at, &b->list[i].at) ||
		    a->list[i].size != b->list[i].size ||
		    a->list[i].rank != b->list[i].rank)
			return false;
	return true;
}

static bool
counts_hold(const struct store_hits *hits, uint64_t matches, size_t limit)
{
	size_t want = matches < limit ? (size_t)matches : limit;

	if (hits->count != want || (hits->more && limit == 0))
		return false;
	return hits->more ? hits->matches <= matches : hits->matches == matches;
}

static void
complain(const struct store_query *query, unsigned i,
    const struct store_hits *hits, uint64_t matches)
{
	tap_note("'%.*s' limit %zu, %s: %zu rows, %llu%s matches of %llu",
	    (int)query->words.len, query->words.ptr, query->limit,
	    shapes[i].what, hits->count, (unsigned long long)hits->matches,
	    hits->more ? "+" : "", (unsigned long long)matches);
}

/* Whether all stores give one answer, the right one as far as numbers go. */
static bool
asks_with(struct sample *s, const struct store_query *query, uint64_t matches)
{
	static const struct store_view view = {.client = {.ip = {1}}};
	bool same = true;

	for (unsigned i = 0; i < STORES; i++) {
		if (store_find(s->stores[i], query, &view, &s->hits[i]) < 0)
			return false;
		if (same_hits(&s->hits[i], &s->hits[0]) &&
		    counts_hold(&s->hits[i], matches, query->limit))
			continue;
		complain(query, i, &s->hits[i], matches);
		same = false;
	}
	return same;
}

static bool
asks(struct sample *s, struct store_query *query)
{
	static const size_t limits[] = {0, 1, 2, 100, 10000};
	uint64_t matches = count_matches(s, query);

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		query->limit = limits[i];
		if (!asks_with(s, query, matches))
			return false;
		/* Only some of the long answers. */
		if (limits[i] >= 100 && matches > 500 &&
		    dice_draw(&s->seed, 10) > 0)
			break;
	}
	return true;
}

/* How many files of the names all stores find, or -1 when they differ. */
static long long
found(struct sample *s, const char *words)
{
	struct store_query query = {
	    .words = slice_str(words), .under = UINT64_MAX};

	if (!asks(s, &query))
		return -1;
	return (long long)s->hits[0].count;
}

static void
test_folded_away(struct sample *s)
{
	static const struct {
		const char *words;
		long long found;
		const char *sentence;
	} queries[] = {
	    {"kq1", 2, "a Kelvin sign is found as a k"},
	    {"\xe2\x84\xaaq1", 2, "and a k as a Kelvin sign"},
	    {"sq2", 2, "a long s is found as an s"},
	    {"\xc5\xbfq2", 2, "and an s as a long s"},
	    {"q3e\xcc\x81", 2, "composed accents are found decomposed"},
	    {"q3\xc3\x89", 2, "and decomposed ones composed"},
	    {"q3", 2, "what stands before an accent is found"},
	    {"q3e", 2, "its letter too, when it comes apart"},
	    {"\xcc\x81", 3, "and the accent alone"},
	    {"\xe2\x84\xaa", 3, "a query may be one sign alone"},
	    {"\xce\x93\xce\x93", 1, "letters that have no ASCII are found"},
	    {"\xce\xb3", 1, "even one of them"},
	    {"\xce\x93 q4", 1, "with ASCII that stands beside them"},
	    {"q4 \xce\x93", 1, "before or after"},
	    {"\xce\x93 q3", 0, "but not with other names'"},
	    {"\x84", 1, "a byte of a folded letter is found"},
	    {"\xff\xfe", 1, "as are bytes that are not UTF-8"},
	    {"\xff", 1, "even one of them"},
	    {"ipq5", 1, "a dotless i is found as an i"},
	};
	static const char *const names[] = {"a/\xe2\x84\xaaq1.mp3", "a/Kq1.mp3",
	    "\xc5\xbfQ2", "dir/Sq2.ogg", "Q3\xc3\xa9.mp3", "q3E\xcc\x81.mp3",
	    "\xce\x93\xce\xb3/q4 \xe2\x84\xaa", "\xc3\xa4 \xff\xfe z.mp3",
	    "\xc4\xb1pq5", "\xcc\x81", "\xd0\xa4\xd0\xa4.ogg"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		share(s, names[i]);
	settle(s);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
		tap_is_num(found(s, queries[i].words), queries[i].found,
		    queries[i].sentence);
}

/* Of one shard, so that the names are neighbours. */
static void
share_neighbours(struct sample *s, const char *a, const char *b)
{
	char filler[32];

	while (s->count % SHARDS != 0) {
		snprintf(filler, sizeof filler, "filler %u", s->count);
		share(s, filler);
	}
	share(s, a);
	snprintf(filler, sizeof filler, "filler %u", s->count);
	share(s, filler);
	share(s, b);
}

static void
test_neighbours(struct sample *s)
{
	share_neighbours(s, "one/begin qxw", "zvq end");
	share_neighbours(s, "two/begin q\xce\x93", "\xce\x94q end");
	share_neighbours(s, "cut \xce", "\x93 cut");
	settle(s);
	tap_is_num(found(s, "qxwzvq"), 0,
	    "no match begins in one name and "
	    "ends in the next");
	tap_is_num(found(s, "wz"), 0, "not even one of two bytes");
	tap_is_num(found(s, "qxw"), 1, "the end of the one is found");
	tap_is_num(found(s, "zvq"), 1, "and the beginning of the other");
	tap_is_num(found(s, "\xce\x93\xce\x94"), 0,
	    "nor does one of letters "
	    "that are not ASCII");
	tap_is_num(found(s, "q\xce\x93"), 1, "whose ends are found as well");
	tap_is_num(found(s, "\xce\x94q"), 1, "and their beginnings");
	tap_is_num(found(s, "begin qxw zvq"), 0,
	    "words of two names are not "
	    "together");
}

/* One more name each time, the match at its very end. */
static void
test_last(struct sample *s)
{
	char text[TEXT_MAX], word[16];
	unsigned lost = 0, fresh = 0;

	for (unsigned i = 0; i < 200; i++) {
		snprintf(word, sizeof word, "j%uvw", i * 7919);
		snprintf(
		    text, sizeof text, "%*s%s", (int)(i % 70) + 1, "-", word);
		share(s, text);
		fresh += found(s, word) != 1;
		snprintf(text, sizeof text, "%u/%s", i, word + 1);
		share(s, text);
		lost += found(s, word + 1) != 2;
	}
	tap_is_num(fresh, 0, "the end of the last name is found");
	tap_is_num(lost, 0, "though it is all of its basename, too");
	share(s, "z");
	share(s, "/z");
	settle(s);
	tap_ok(found(s, "z") >= 2, "a name of one byte is found");
}

static const char *const words[] = {"song", "Song", "live", "LIVE", "a",
    "s\xc3\xb3ng", "so\xcc\x81ng", "\xe2\x84\xaa", "\xc5\xbf", "of", "the",
    "remix", "\xce\x91\xce\xb2\xce\xb3", "\xce\xb1\xce\x92\xce\x93",
    "\xd0\x9f\xd1\x80\xd0\xb8", "b", "ab", "abc", "\xff\xfe", "2001",
    "intermission", "averyveryverylongwordthatisnotfoundelsewhereatall", "x1",
    "\xc4\xb0", "\xea\xb0\x81"};
static const char *const gaps[] = {" ", "-", "_", ".", "", "/", " - "};
static const char *const exts[] = {
    "", ".mp3", ".MP3", ".flac", ".", ".t\xc3\xa4r", ".\xe2\x84\xaa"};

#define PICK(s, list) \
	(list)[dice_draw(&(s)->seed, sizeof(list) / sizeof *(list))]

static void
put(char text[TEXT_MAX], const char *more)
{
	size_t len = strlen(text);

	snprintf(text + len, TEXT_MAX - len, "%s", more);
}

static void
put_words(struct sample *s, char text[TEXT_MAX], uint32_t most)
{
	put(text, PICK(s, words));
	for (uint32_t n = dice_draw(&s->seed, most); n > 0; n--) {
		put(text, PICK(s, gaps));
		put(text, PICK(s, words));
	}
}

/* Names that are different, of all lengths. */
static void
share_many(struct sample *s, uint32_t count)
{
	char text[TEXT_MAX], number[16];

	while (s->count < count) {
		text[0] = '\0';
		put_words(s, text, 8);
		snprintf(
		    number, sizeof number, "%s%u", PICK(s, gaps), s->count);
		put(text, number);
		if (dice_draw(&s->seed, 3) > 0) {
			put(text, "/");
			put_words(s, text, 3);
		}
		put(text, PICK(s, exts));
		share(s, text);
	}
}

/* A piece of a name, cut anywhere, or a few words. */
static void
some_query(struct sample *s, char text[TEXT_MAX])
{
	const char *name = s->names[dice_draw(&s->seed, s->count)].text;
	size_t len = strlen(name), from = dice_draw(&s->seed, (uint32_t)len);

	text[0] = '\0';
	if (dice_draw(&s->seed, 3) == 0) {
		put_words(s, text, 3);
		return;
	}
	put(text, name + from);
	if (dice_draw(&s->seed, 3) > 0)
		text[dice_draw(&s->seed, 6) + 1] = '\0';
}

/* Whether the stores agree on a query with all that may go with it. */
static bool
agrees_on_any(struct sample *s)
{
	static const char *const lists[] = {
	    "mp3", "FLAC,Mp3", "T\xc3\x84R", "k", "\xe2\x84\xaa"};
	char text[TEXT_MAX], without[TEXT_MAX] = "";
	struct slice not_words[1], rest, word;
	struct store_query query = {.under = UINT64_MAX};

	some_query(s, text);
	put_words(s, without, 1);
	not_words[0] = slice_str(without);
	rest = query.words = slice_str(text);
	if (!utf8_word(&rest, &word))
		return true;
	if (dice_draw(&s->seed, 4) == 0) {
		query.not_words = not_words;
		query.not_count = 1;
	}
	if (dice_draw(&s->seed, 4) == 0)
		query.ext = slice_str(PICK(s, lists));
	if (dice_draw(&s->seed, 4) == 0)
		query.over = dice_draw(&s->seed, 800);
	if (dice_draw(&s->seed, 4) == 0)
		query.under = dice_draw(&s->seed, 1000);
	return asks(s, &query);
}

static unsigned
count_disagreements(struct sample *s, uint32_t queries)
{
	unsigned wrong = 0;

	for (uint32_t i = 0; i < queries && wrong < 10; i++)
		wrong += !agrees_on_any(s);
	return wrong;
}

static void
test_random(struct sample *s)
{
	share_many(s, 2000);
	settle(s);
	tap_is_num(count_disagreements(s, tap_times(QUERIES)), 0,
	    "any query has one answer, indexed or not");
	share_many(s, NAMES);
	settle(s);
	tap_is_num(count_disagreements(s, tap_times(QUERIES) / 16), 0,
	    "however many names there are");
	for (uint32_t i = 0; i < s->count; i += 7)
		change(s, i, false);
	settle(s);
	tap_is_num(count_disagreements(s, tap_times(QUERIES) / 16), 0,
	    "names that died meanwhile are not found");
	for (uint32_t i = 0; i < s->count; i += 7)
		change(s, i, true);
	tap_is_num(count_disagreements(s, tap_times(QUERIES) / 16), 0,
	    "and those that return are found at once");
}

static void
test_bytes(struct sample *s)
{
	char text[2] = "";
	unsigned wrong = 0;

	for (int c = 1; c < 256; c += c < 0x80 ? 3 : 17) {
		text[0] = (char)c;
		if (utf8_is_word((unsigned char)c))
			wrong += found(s, text) < 0;
	}
	tap_is_num(wrong, 0, "any byte that is of words may be asked for");
}

/*
 * Very many names of one stem, which fills one bucket: the query without its
 * extension is looked for in another, an empty one, which begins where that
 * does half of the time.
 */
static void
test_one_stem(void)
{
	static const char *const queries[] = {
	    "folder.jpg", "Folder", "folder.jpg.", "jpg.folder"};
	struct sample s;
	char text[TEXT_MAX];
	unsigned wrong = 0;

	for (unsigned round = 0; round < 12; round++) {
		sample_init(&s);
		for (unsigned i = 0; i < 1500; i++) {
			snprintf(text, sizeof text, "%u/folder.jpg", i);
			share(&s, text);
		}
		settle(&s);
		for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
			wrong += found(&s, queries[i]) < 0;
		sample_free(&s);
	}
	tap_is_num(wrong, 0, "of very many files of one name, each is found");
}

int
main(void)
{
	static struct sample s;

	sample_init(&s);
	test_folded_away(&s);
	test_neighbours(&s);
	test_last(&s);
	test_random(&s);
	test_bytes(&s);
	sample_free(&s);
	test_one_stem();
	return tap_done();
}
