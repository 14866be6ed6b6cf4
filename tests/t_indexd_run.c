#include "indexd/run.h"

#include <stdint.h>

#include "dice.h"
#include "indexd/segment.h"
#include "odd_names.h"
#include "tap.h"

/*
 * Runs, held against lists that are made of the same names without a thought
 * for speed.
 */

/* Indexes of names need not follow each other. */
#define INDEX_STEP 3u
#define INDEX_FIRST 7u

static const struct hash_key hash_key = {{20010911, 19690720}};

struct sample {
	struct odd_names names;
	struct slice *drafted; /* their paths, as they came to the draft */
	struct run *run;
	struct run *sketched; /* the same names, in haste */
	uint32_t *numbers; /* room for any list */
	uint64_t seed;
};

/* The names come to the draft in any order. */
static void
make_drafted(struct sample *s)
{
	uint32_t count = (uint32_t)s->names.ranks.count, other;

	s->drafted = calloc(count + 1, sizeof *s->drafted);
	if (!s->drafted)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		other = dice_draw(&s->seed, i + 1);
		s->drafted[i] = s->drafted[other];
		s->drafted[other] = odd_names_path(&s->names, i);
	}
}

static struct run *
make_run(const struct sample *s,
    struct run *make(struct draft *, const struct hash_key *))
{
	struct draft d = {0};
	struct run *r;

	for (uint32_t i = 0; i < s->names.ranks.count; i++)
		if (draft_add(&d, INDEX_FIRST + i * INDEX_STEP, s->drafted[i]) <
		    0)
			abort();
	r = make(&d, &hash_key);
	if (!r || d.count > 0)
		abort();
	return r;
}

static void
sample_make(struct sample *s, enum odd_names_kind kind, uint32_t count)
{
	*s = (struct sample){.seed = count, .names.seed = count};
	odd_names_make(&s->names, kind, count);
	make_drafted(s);
	s->run = make_run(s, run_new);
	s->sketched = make_run(s, run_sketch);
	s->numbers = calloc((size_t)s->run->count + s->run->words.count + 1,
	    sizeof *s->numbers);
	if (!s->numbers)
		abort();
}

static void
sample_free(struct sample *s)
{
	odd_names_free(&s->names);
	run_free(s->run);
	run_free(s->sketched);
	free(s->drafted);
	free(s->numbers);
}

static bool
in_order(const struct sample *s, const struct run *r)
{
	uint32_t i;

	if (r->count != s->names.ranks.count)
		return false;
	for (uint32_t number = 0; number < r->count; number++) {
		if (r->indexes[number] % INDEX_STEP != INDEX_FIRST % INDEX_STEP)
			return false;
		i = (r->indexes[number] - INDEX_FIRST) / INDEX_STEP;
		if (i >= r->count ||
		    !slice_eq(s->drafted[i], odd_names_path(&s->names, number)))
			return false;
	}
	return true;
}

static bool
lengths_are_right(const struct sample *s, const struct run *r)
{
	uint32_t end = 0, count = (uint32_t)s->names.ranks.count;

	for (size_t len = 0; len <= NAMES_PATH_MAX + 1; len++) {
		while (end < count && odd_names_base(&s->names, end).len <= len)
			end++;
		if (run_length_end(r, len) != end)
			return false;
	}
	return end == count &&
	    r->longest == odd_names_base(&s->names, count - 1).len;
}

/* A list is the names of the uses that are of its kind. */
static bool
list_is(const struct sample *s, const struct posting *list,
    const struct odd_names_use *uses, size_t count, bool dirs)
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
word_is_listed(
    const struct sample *s, const struct odd_names_use *uses, size_t count)
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
	uint32_t from = dice_draw(&s->seed, len);
	struct slice part = slice_skip(word, from);
	struct slice prefix = slice_of(word.ptr, 1 + dice_draw(&s->seed, len));

	part.len = 1 + dice_draw(&s->seed, (uint32_t)part.len);
	if (!finds(s, g, word, GRAM_WHOLE, number))
		return false;
	/* Short parts have very many lists. */
	if (dice_draw(&s->seed, 16) > 0)
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
judge_word(struct sample *s, struct verdict *v,
    const struct odd_names_use *uses, size_t count)
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

	for (from = 0; from < s->names.use_count; from = to) {
		to = from + 1;
		while (to < s->names.use_count &&
		    slice_eq(s->names.uses[to].word, s->names.uses[from].word))
			to++;
		judge_word(s, &v, s->names.uses + from, to - from);
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
		prefix = lexicon_word(l, dice_draw(&s->seed, l->count));
		prefix.len = dice_draw(&s->seed, (uint32_t)prefix.len + 1);
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
stems_are_found(struct sample *s, const struct run *r)
{
	uint32_t step = r->count / 2000 + 1;
	struct run_bucket bucket;

	for (uint32_t i = 0; i < r->count; i += step) {
		bucket = run_stems(r, odd_names_stem(&s->names, i));
		if (!bucket_has(&bucket, i))
			return false;
	}
	return true;
}

/* Asking for what is not there gives numbers all the same, or none. */
static bool
strange_stems_are_safe(const struct run *r)
{
	struct run_bucket bucket;
	char stem[8];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(stem, sizeof stem, "no %u", i);
		bucket = run_stems(r, slice_str(stem));
		for (uint32_t k = 0; k < bucket.count; k++)
			if (bucket.numbers[k] >= r->count)
				return false;
	}
	bucket = run_stems(r, slice_of(NULL, 0));
	return bucket.count <= r->count;
}

static bool
has_no_lists(const struct run *r)
{
	return r->words.count == 0 && r->spelling.count == 0 &&
	    r->once.count == 0 && r->near.count == 0;
}

/* What any run has. */
static void
check_names(struct sample *s, const struct run *r)
{
	tap_ok(in_order(s, r), "%u names are numbered in the order of ranks",
	    r->count);
	tap_ok(lengths_are_right(s, r), "numbers are right by length");
	tap_ok(stems_are_found(s, r), "each name is in the bucket of its stem");
	tap_ok(strange_stems_are_safe(r), "buckets of other stems are sound");
	tap_ok(r->bytes > r->count * sizeof(uint32_t) + r->sketch.bytes,
	    "a run tells how much memory it takes");
}

static void
check_words(struct sample *s)
{
	struct verdict v = judge_words(s);

	tap_ok(v.unlisted == 0 && s->run->words.count == v.several,
	    "each of %u words that occur in several names is in the lexicon, "
	    "no other, with exactly the names that have it",
	    v.several);
	tap_ok(v.misspelt == 0, "and is found by its parts");
	tap_ok(v.lost == 0, "each of %u words of one name is found by parts",
	    v.once);
	tap_ok(prefixes_are_right(s), "words with a prefix stand together");
}

static void
test_names(enum odd_names_kind kind, uint32_t count)
{
	struct sample s;

	sample_make(&s, kind, count);
	check_names(&s, s.run);
	check_words(&s);
	tap_ok(!s.run->sketch.rows, "where there are lists is no sketch");
	printf("# the same in haste\n");
	check_names(&s, s.sketched);
	tap_ok(s.sketched->sketch.rows && has_no_lists(s.sketched),
	    "where there is a sketch are no lists");
	sample_free(&s);
}

static void
test_random(void)
{
	static const uint32_t counts[] = {
	    1, 2, 3, 15, 16, 17, 63, 64, 65, 100, 511, 512, 513, 5000, 20000};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		test_names(ODD_NAMES_MIXED, counts[i]);
}

/* Names of one kind alone meet what a mixture hides. */
static void
test_one_kind(void)
{
	static const struct {
		enum odd_names_kind kind;
		uint32_t count;
		const char *what;
	} kinds[] = {
	    {ODD_NAMES_SAME_BASE, 6000, "names with two basenames"},
	    {ODD_NAMES_SAME_START, 6000, "names that begin alike"},
	    {ODD_NAMES_WORDLESS, 3000, "names without words"},
	    {ODD_NAMES_LONG, 60, "long names"},
	    {ODD_NAMES_WORDY, 30, "names of very many words"},
	    {ODD_NAMES_ANY, 3000, "names of any bytes"},
	};

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		printf("# %s\n", kinds[k].what);
		test_names(kinds[k].kind, kinds[k].count);
	}
}

static void
test_empty(void)
{
	struct draft d = {0};
	uint32_t *order = draft_order(&d);
	struct run *r = run_new(&d, &hash_key);

	tap_ok(order != NULL, "nothing can be put in order");
	tap_ok(r && r->count == 0, "nothing becomes an empty run");
	run_free(r);
	r = run_sketch(&d, &hash_key);
	tap_ok(r && r->count == 0 && !r->sketch.rows, "in haste too");
	tap_is_num(d.count, 0, "what was empty stays empty");
	free(order);
	run_free(r);
	run_free(NULL);
	draft_free(&d);
}

/* A run takes its names out of the draft. */
static void
test_emptied(void)
{
	struct draft d = {0};
	struct run *lists, *sketch;

	draft_add(&d, 1, SLICE("a/b"));
	draft_add(&d, 2, SLICE("c"));
	lists = run_new(&d, &hash_key);
	tap_ok(lists && lists->count == 2, "two names become a run");
	tap_ok(d.count == 0 && !d.names && !d.text,
	    "after that their draft is empty");
	draft_add(&d, 3, SLICE("d"));
	sketch = run_sketch(&d, &hash_key);
	tap_ok(sketch && sketch->count == 1 && sketch->indexes[0] == 3,
	    "it takes names again, for a run that is made in haste");
	tap_ok(d.count == 0 && !d.names && !d.text,
	    "after that it is empty again");
	tap_ok(lists->indexes[0] == 1 || lists->indexes[0] == 2,
	    "the run before does not need it");
	run_free(lists);
	run_free(sketch);
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
	test_emptied();
	test_draft_again();
	test_random();
	test_one_kind();
	return tap_done();
}
