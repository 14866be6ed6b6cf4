#include "indexd/run.h"

#include <stdint.h>

#include "indexd/arena.h"
#include "indexd/rank.h"
#include "indexd/segment.h"
#include "lib/utf8.h"
#include "tap.h"

/*
 * A run, held against lists that are made of the same names without a thought
 * for speed.
 */

#define NAMES_MOST 20000u

/* Indexes of names need not follow each other. */
#define INDEX_STEP 3u
#define INDEX_FIRST 7u

/* A word of a name, by the number that the name should have. */
struct use {
	struct slice word;
	uint32_t number;
	bool dirs; /* it is in the directories alone */
};

struct sample {
	uint64_t seed;
	struct arena arena;
	struct ranks names; /* by number */
	struct draft draft;
	struct run *run;
	struct use *uses; /* by word and number */
	size_t use_count;
	size_t use_room;
	uint32_t *numbers; /* room for any list */
};

struct text {
	char bytes[NAMES_PATH_MAX];
	size_t len;
};

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 32) * below >> 32);
}

static void
put(struct text *t, struct slice s)
{
	size_t room = sizeof t->bytes - t->len;
	size_t n = s.len < room ? s.len : room;

	memcpy(t->bytes + t->len, s.ptr, n);
	t->len += n;
}

static void
put_number(struct text *t, uint32_t n)
{
	char digits[16];

	snprintf(digits, sizeof digits, "%u", n);
	put(t, slice_str(digits));
}

static void
put_one(struct text *t, uint64_t *seed, const char *const *list, size_t count)
{
	put(t, slice_str(list[draw(seed, (uint32_t)count)]));
}

#define PUT_ONE(t, seed, list) \
	put_one(t, seed, list, sizeof(list) / sizeof *(list))

static const char *const words[] = {"song", "Song", "a", "B", "live", "LIVE",
    "\xc3\x89t\xc3\xa9", "e\xcc\x81te\xcc\x81", "\xe2\x84\xaa",
    "\xce\x91\xce\xb2", "2001", "remix", "intermission", "\xff\xfe", "ab", "x",
    "of the", "s", "\xc5\xbf"};
static const char *const gaps[] = {" ", "-", "_", ".", "", "  "};
static const char *const exts[] = {"", ".mp3", ".MP3", ".", ".fifteen_letters",
    ".sixteen__letters", ".seventeen_letters", ".\xc3\xa4", ".tar.gz"};

/* Words that repeat, in directories and basenames, and some that do not. */
static void
make_usual(struct text *t, uint64_t *seed)
{
	for (uint32_t n = draw(seed, 3); n > 0; n--) {
		PUT_ONE(t, seed, words);
		PUT_ONE(t, seed, gaps);
		PUT_ONE(t, seed, words);
		put(t, SLICE("/"));
	}
	for (uint32_t n = draw(seed, 4); n > 0; n--) {
		PUT_ONE(t, seed, words);
		PUT_ONE(t, seed, gaps);
	}
	if (draw(seed, 2))
		put_number(t, draw(seed, 100000));
	PUT_ONE(t, seed, exts);
}

static void
make_same_base(struct text *t, uint64_t *seed)
{
	put_number(t, draw(seed, 5000));
	put(t, SLICE("/sub/"));
	put(t, draw(seed, 2) ? SLICE("Cover.jpg") : SLICE("01 intro.mp3"));
}

/* Basenames that differ late, some of them just behind what a sort sees. */
static void
make_same_start(struct text *t, uint64_t *seed)
{
	char byte = (char)(1 + draw(seed, 255));

	if (draw(seed, 2))
		put(t, SLICE("dir/"));
	put(t, slice_of("equal", draw(seed, 6)));
	put(t, slice_of(&byte, 1));
	if (draw(seed, 2))
		put_number(t, draw(seed, 1000));
}

static void
make_wordless(struct text *t, uint64_t *seed)
{
	static const char bytes[] = "-_. /!~";

	for (uint32_t n = draw(seed, 10); n > 0; n--)
		put(t, slice_of(bytes + draw(seed, sizeof bytes - 1), 1));
}

static void
make_any(struct text *t, uint64_t *seed)
{
	char byte;

	for (uint32_t n = draw(seed, 80); n > 0; n--) {
		byte = (char)(1 + draw(seed, 255));
		put(t, slice_of(&byte, 1));
	}
}

/* Of one word, of many, of what folds to more. */
static void
make_long(struct text *t, uint64_t *seed)
{
	static const char *const parts[] = {
	    "x", "y ", "\xce\x90", "z/", "Ab1", "\xea\xb0\x81-"};
	const char *part = parts[draw(seed, sizeof parts / sizeof *parts)];
	size_t len = draw(seed, 2) ? NAMES_PATH_MAX : draw(seed, 600);

	put_number(t, draw(seed, 10));
	while (t->len < len)
		put(t, slice_str(part));
}

/* As many words as a name can have. */
static void
make_wordy(struct text *t, uint64_t *seed)
{
	uint32_t n = draw(seed, 1000);

	while (t->len + 8 < NAMES_PATH_MAX) {
		put_number(t, n++);
		put(t, draw(seed, 9) ? SLICE(" ") : SLICE("/"));
	}
}

static void
make(struct text *t, uint64_t *seed)
{
	static void (*const kinds[])(struct text *, uint64_t *) = {make_usual,
	    make_usual, make_same_base, make_same_start, make_wordless,
	    make_any};

	t->len = 0;
	if (draw(seed, 300) == 0)
		make_long(t, seed);
	else if (draw(seed, 3000) == 0)
		make_wordy(t, seed);
	else
		kinds[draw(seed, sizeof kinds / sizeof *kinds)](t, seed);
	if (t->len == 0)
		put(t, SLICE("/"));
}

static void
keep(struct sample *s, struct slice *bytes)
{
	if (arena_keep(&s->arena, bytes) < 0)
		abort();
}

static void
make_names(struct sample *s, uint32_t count)
{
	struct text t;
	struct slice path;

	for (uint32_t i = 0; i < count; i++) {
		make(&t, &s->seed);
		path = slice_of(t.bytes, t.len);
		keep(s, &path);
		if (ranks_add(&s->names, rank_of(1, path)) < 0)
			abort();
	}
	ranks_sort(&s->names);
}

/* The names come to the draft in any order. */
static void
make_run(struct sample *s)
{
	static const struct hash_key key = {{20010911, 19690720}};
	size_t count = s->names.count;
	uint32_t *order = calloc(count + 1, sizeof *order), other;

	for (uint32_t i = 0; order && i < count; i++) {
		other = draw(&s->seed, i + 1);
		order[i] = order[other];
		order[other] = i;
	}
	for (uint32_t i = 0; order && i < count; i++)
		if (draft_add(&s->draft, INDEX_FIRST + i * INDEX_STEP,
			s->names.list[order[i]].path) < 0)
			abort();
	s->run = run_new(&s->draft, &key);
	if (!order || !s->run)
		abort();
	count += s->run->words.count;
	s->numbers = calloc(count + 1, sizeof *s->numbers);
	if (!s->numbers)
		abort();
	free(order);
}

static void
use_word(struct sample *s, size_t first, struct use use)
{
	for (size_t i = first; i < s->use_count; i++)
		if (slice_eq(s->uses[i].word, use.word))
			return;
	if (s->use_count == s->use_room) {
		s->use_room = s->use_room ? 2 * s->use_room : 1024;
		s->uses = reallocarray(s->uses, s->use_room, sizeof use);
		if (!s->uses)
			abort();
	}
	s->uses[s->use_count++] = use;
}

static struct slice
folded(struct sample *s, struct slice text)
{
	static char room[NAMES_PATH_MAX * UTF8_FOLD_GROWTH];
	struct slice result = slice_of(room, utf8_fold(text, room));

	keep(s, &result);
	return result;
}

static struct slice
basename_of(struct slice path)
{
	return slice_skip(path, (size_t)(slice_rfind(path, '/') + 1));
}

/* The words of a name: those of the basename, and what others there are. */
static void
use_name(struct sample *s, uint32_t number)
{
	struct slice path = folded(s, s->names.list[number].path);
	struct slice base = basename_of(path), word;
	struct slice dirs = slice_of(path.ptr, path.len - base.len);
	size_t first = s->use_count;

	while (utf8_word(&base, &word))
		use_word(s, first, (struct use){word, number, false});
	while (utf8_word(&dirs, &word))
		use_word(s, first, (struct use){word, number, true});
}

static int
use_cmp(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = slice_cmp(x->word, y->word);

	return order ? order
		     : (x->number > y->number) - (x->number < y->number);
}

static void
make_uses(struct sample *s)
{
	for (uint32_t number = 0; number < s->names.count; number++)
		use_name(s, number);
	if (s->use_count > 1)
		qsort(s->uses, s->use_count, sizeof *s->uses, use_cmp);
}

static void
sample_free(struct sample *s)
{
	arena_free(&s->arena);
	ranks_free(&s->names);
	draft_free(&s->draft);
	run_free(s->run);
	free(s->uses);
	free(s->numbers);
}

static bool
in_order(const struct sample *s)
{
	const struct run *r = s->run;
	uint32_t i;

	if (r->count != s->names.count)
		return false;
	for (uint32_t number = 0; number < r->count; number++) {
		if (r->indexes[number] % INDEX_STEP != INDEX_FIRST % INDEX_STEP)
			return false;
		i = (r->indexes[number] - INDEX_FIRST) / INDEX_STEP;
		if (i >= r->count ||
		    !slice_eq(
			draft_path(&s->draft, i), s->names.list[number].path))
			return false;
	}
	return true;
}

static bool
lengths_are_right(const struct sample *s)
{
	const struct rank *names = s->names.list;
	uint32_t end = 0;

	for (size_t len = 0; len <= NAMES_PATH_MAX + 1; len++) {
		while (end < s->names.count &&
		    basename_of(names[end].path).len <= len)
			end++;
		if (run_length_end(s->run, len) != end)
			return false;
	}
	return end == s->names.count &&
	    s->run->longest == basename_of(names[end - 1].path).len;
}

/* A list is the names of the uses that are of its kind. */
static bool
list_is(const struct sample *s, const struct posting *list,
    const struct use *uses, size_t count, bool dirs)
{
	uint32_t room = s->run->count, n = 0;
	uint32_t had = posting_copy(list, room, s->numbers, room);

	for (size_t i = 0; i < count; i++) {
		if (uses[i].dirs != dirs)
			continue;
		if (n == had || s->numbers[n++] != uses[i].number)
			return false;
	}
	return n == had && list->count == had;
}

/* The words of a lexicon that begin with a prefix. */
static struct lexicon_range
beginning_with(const struct lexicon *l, struct slice prefix)
{
	return lexicon_prefix(l, (struct lexicon_range){0, l->count}, prefix);
}

static bool
word_is_listed(const struct sample *s, const struct use *uses, size_t count)
{
	const struct lexicon *l = &s->run->words;
	uint32_t place = beginning_with(l, uses->word).from;
	struct posting base, dirs;

	if (place == l->count || !slice_eq(lexicon_word(l, place), uses->word))
		return false;
	base = lexicon_list(l, place, LEXICON_BASE);
	dirs = lexicon_list(l, place, LEXICON_DIRS);
	return list_is(s, &base, uses, count, false) &&
	    list_is(s, &dirs, uses, count, true);
}

/* Whether one of the lists of a part holds a number. */
static bool
finds(const struct sample *s, const struct grams *g, struct slice part,
    enum gram_part how, uint32_t number)
{
	struct gram_lists lists = grams_find(g, part, how);
	struct posting list;
	uint32_t n;

	while (grams_next(g, &lists, &list)) {
		n = posting_copy(&list, number + 1, s->numbers, list.count);
		if (n > 0 && s->numbers[n - 1] == number)
			return true;
	}
	return false;
}

/* By itself, by its beginning, and by a part of it. */
static bool
is_spelt(
    struct sample *s, const struct grams *g, struct slice word, uint32_t number)
{
	uint32_t len = (uint32_t)word.len;
	uint32_t from = draw(&s->seed, len);
	struct slice part = slice_skip(word, from);
	struct slice prefix = slice_of(word.ptr, 1 + draw(&s->seed, len));

	part.len = 1 + draw(&s->seed, (uint32_t)part.len);
	if (!finds(s, g, word, GRAM_WHOLE, number))
		return false;
	/* Short parts have very many lists. */
	if (draw(&s->seed, 16) > 0)
		return true;
	return finds(s, g, prefix, GRAM_PREFIX, number) &&
	    finds(s, g, part, GRAM_INSIDE, number);
}

/* What was found wrong with the words, and how many of each kind there were. */
struct verdict {
	uint32_t several;
	uint32_t once;
	uint32_t unlisted;
	uint32_t lost;
	uint32_t misspelt;
};

static void
judge_word(
    struct sample *s, struct verdict *v, const struct use *uses, size_t count)
{
	const struct lexicon *l = &s->run->words;
	uint32_t place = beginning_with(l, uses->word).from;

	if (count == 1) {
		v->once++;
		v->lost += !is_spelt(
		    s, &s->run->once, uses->word, uses->number);
		v->unlisted += place < l->count &&
		    slice_eq(lexicon_word(l, place), uses->word);
		return;
	}
	if (place != v->several++ || !word_is_listed(s, uses, count))
		v->unlisted++;
	else
		v->misspelt += !is_spelt(
		    s, &s->run->spelling, uses->word, place);
}

static struct verdict
judge_words(struct sample *s)
{
	struct verdict v = {0};
	size_t from, to;

	for (from = 0; from < s->use_count; from = to) {
		to = from + 1;
		while (to < s->use_count &&
		    slice_eq(s->uses[to].word, s->uses[from].word))
			to++;
		judge_word(s, &v, s->uses + from, to - from);
	}
	return v;
}

/* The words from a prefix on, and up to where they end to begin with it. */
static bool
prefixes_are_right(struct sample *s)
{
	const struct lexicon *l = &s->run->words;
	uint32_t from = 0, to;
	struct lexicon_range range;
	struct slice prefix;

	for (uint32_t i = 0; i < l->count && i < 500; i++) {
		prefix = lexicon_word(l, draw(&s->seed, l->count));
		prefix.len = draw(&s->seed, (uint32_t)prefix.len + 1);
		for (from = 0; from < l->count; from++)
			if (slice_cmp(lexicon_word(l, from), prefix) >= 0)
				break;
		for (to = from; to < l->count; to++)
			if (!slice_starts(lexicon_word(l, to), prefix))
				break;
		range = beginning_with(l, prefix);
		if (range.from != from || range.end != to)
			return false;
	}
	range = beginning_with(l, SLICE("\xff\xff\xff\xff"));
	return range.from == l->count && range.end == l->count;
}

/* What stands before the last dot of a basename and a short extension. */
static struct slice
stem_of(struct slice path)
{
	struct slice base = basename_of(path);
	ptrdiff_t dot = slice_rfind(base, '.');

	if (dot < 0 || base.len - (size_t)dot - 1 > 16)
		return base;
	return slice_of(base.ptr, (size_t)dot);
}

static bool
bucket_has(const struct run_bucket *b, uint32_t number)
{
	bool found = false;

	for (uint32_t i = 0; i < b->count; i++) {
		if (i > 0 && b->numbers[i] <= b->numbers[i - 1])
			return false;
		found |= b->numbers[i] == number;
	}
	return found;
}

static bool
stems_are_found(struct sample *s)
{
	uint32_t step = s->run->count / 2000 + 1, i = 0;
	struct run_bucket bucket;

	for (; i < s->run->count; i += step) {
		bucket = run_stems(
		    s->run, folded(s, stem_of(s->names.list[i].path)));
		if (!bucket_has(&bucket, i))
			return false;
	}
	return true;
}

/* Asking for what is not there gives numbers all the same, or none. */
static bool
strange_stems_are_safe(const struct sample *s)
{
	struct run_bucket bucket;
	char stem[8];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(stem, sizeof stem, "no %u", i);
		bucket = run_stems(s->run, slice_str(stem));
		for (uint32_t k = 0; k < bucket.count; k++)
			if (bucket.numbers[k] >= s->run->count)
				return false;
	}
	bucket = run_stems(s->run, slice_of(NULL, 0));
	return bucket.count <= s->run->count;
}

static void
check(struct sample *s)
{
	struct verdict v;

	make_run(s);
	make_uses(s);
	tap_ok(in_order(s), "%zu names are numbered in the order of ranks",
	    s->names.count);
	tap_ok(lengths_are_right(s), "numbers by length of basename are right");
	v = judge_words(s);
	tap_ok(v.unlisted == 0 && s->run->words.count == v.several,
	    "each of %u words that occur in several names is in the lexicon, "
	    "no other, with exactly the names that have it",
	    v.several);
	tap_ok(v.misspelt == 0, "and is found by its parts");
	tap_ok(v.lost == 0, "each of %u words of one name is found by parts",
	    v.once);
	tap_ok(prefixes_are_right(s), "words with a prefix stand together");
	tap_ok(stems_are_found(s), "each name is in the bucket of its stem");
	tap_ok(strange_stems_are_safe(s), "buckets of other stems are sound");
	tap_ok(s->run->bytes > s->run->count * sizeof(uint32_t),
	    "a run tells how much memory it takes");
}

static void
test_random(void)
{
	static const uint32_t counts[] = {
	    1, 2, 3, 15, 16, 17, 100, 1000, 5000, NAMES_MOST};
	struct sample s;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		s = (struct sample){.seed = counts[i]};
		make_names(&s, counts[i]);
		check(&s);
		sample_free(&s);
	}
}

/* Names of one kind alone meet what a mixture hides. */
static void
test_one_kind(void)
{
	static const struct {
		void (*make)(struct text *, uint64_t *);
		uint32_t count;
		const char *what;
	} kinds[] = {
	    {make_same_base, 6000, "names with two basenames"},
	    {make_same_start, 6000, "names that begin alike"},
	    {make_wordless, 3000, "names without words"},
	    {make_long, 60, "long names"},
	    {make_wordy, 30, "names of very many words"},
	    {make_any, 3000, "names of any bytes"},
	};
	struct sample s;
	struct text t;
	struct slice path;

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		printf("# %s\n", kinds[k].what);
		s = (struct sample){.seed = k};
		for (uint32_t i = 0; i < kinds[k].count; i++) {
			t.len = 0;
			kinds[k].make(&t, &s.seed);
			path = slice_of(t.bytes, t.len);
			keep(&s, &path);
			if (t.len > 0 &&
			    ranks_add(&s.names, rank_of(1, path)) < 0)
				abort();
		}
		ranks_sort(&s.names);
		check(&s);
		sample_free(&s);
	}
}

static void
test_empty(void)
{
	static const struct hash_key key = {{1, 2}};
	struct draft d = {0};
	uint32_t *order = draft_order(&d);
	struct run *r = run_new(&d, &key);

	tap_ok(order != NULL, "nothing can be put in order");
	tap_ok(r && r->count == 0, "nothing becomes an empty run");
	free(order);
	run_free(r);
	run_free(NULL);
	draft_free(&d);
}

static void
test_draft_again(void)
{
	struct draft d = {0};

	draft_add(&d, 1, SLICE("a/b"));
	draft_free(&d);
	tap_is_num(d.count, 0, "a draft that was freed is empty");
	draft_add(&d, 5, SLICE("dir/base.ext"));
	tap_is_num(d.count, 1, "and takes names again");
	tap_is_slice(draft_path(&d, 0), SLICE("dir/base.ext"),
	    "a draft keeps a copy of the path");
	tap_is_slice(draft_base(&d, 0), SLICE("base.ext"), "and its basename");
	tap_is_num(d.names[0].index, 5, "and its index");
	draft_free(&d);
	draft_free(&d);
}

int
main(void)
{
	test_empty();
	test_draft_again();
	test_random();
	test_one_kind();
	return tap_done();
}
