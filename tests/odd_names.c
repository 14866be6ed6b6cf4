#include "odd_names.h"

#include <stdio.h>
#include <stdlib.h>

#include "dice.h"
#include "indexd/segment.h"
#include "lib/utf8.h"

struct text {
	char bytes[NAMES_PATH_MAX];
	size_t len;
};

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
	put(t, slice_str(list[dice_draw(seed, (uint32_t)count)]));
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
	for (uint32_t n = dice_draw(seed, 3); n > 0; n--) {
		PUT_ONE(t, seed, words);
		PUT_ONE(t, seed, gaps);
		PUT_ONE(t, seed, words);
		put(t, SLICE("/"));
	}
	for (uint32_t n = dice_draw(seed, 4); n > 0; n--) {
		PUT_ONE(t, seed, words);
		PUT_ONE(t, seed, gaps);
	}
	if (dice_draw(seed, 2))
		put_number(t, dice_draw(seed, 100000));
	PUT_ONE(t, seed, exts);
}

static void
make_same_base(struct text *t, uint64_t *seed)
{
	put_number(t, dice_draw(seed, 5000));
	put(t, SLICE("/sub/"));
	put(t, dice_draw(seed, 2) ? SLICE("Cover.jpg") : SLICE("01 intro.mp3"));
}

/* Basenames that differ late, some of them just behind what a sort sees. */
static void
make_same_start(struct text *t, uint64_t *seed)
{
	char byte = (char)(1 + dice_draw(seed, 255));

	if (dice_draw(seed, 2))
		put(t, SLICE("dir/"));
	put(t, slice_of("equal", dice_draw(seed, 6)));
	put(t, slice_of(&byte, 1));
	if (dice_draw(seed, 2))
		put_number(t, dice_draw(seed, 1000));
}

static void
make_wordless(struct text *t, uint64_t *seed)
{
	static const char bytes[] = "-_. /!~";

	for (uint32_t n = dice_draw(seed, 10); n > 0; n--)
		put(t, slice_of(bytes + dice_draw(seed, sizeof bytes - 1), 1));
}

static void
make_any(struct text *t, uint64_t *seed)
{
	char byte;

	for (uint32_t n = dice_draw(seed, 80); n > 0; n--) {
		byte = (char)(1 + dice_draw(seed, 255));
		put(t, slice_of(&byte, 1));
	}
}

/* Of one word, of many, of what folds to more. */
static void
make_long(struct text *t, uint64_t *seed)
{
	static const char *const parts[] = {
	    "x", "y ", "\xce\x90", "z/", "Ab1", "\xea\xb0\x81-"};
	const char *part = parts[dice_draw(seed, sizeof parts / sizeof *parts)];
	size_t len = dice_draw(seed, 2) ? NAMES_PATH_MAX : dice_draw(seed, 600);

	put_number(t, dice_draw(seed, 10));
	while (t->len < len)
		put(t, slice_str(part));
}

/* As many words as a name can have. */
static void
make_wordy(struct text *t, uint64_t *seed)
{
	uint32_t n = dice_draw(seed, 1000);

	while (t->len + 8 < NAMES_PATH_MAX) {
		put_number(t, n++);
		put(t, dice_draw(seed, 9) ? SLICE(" ") : SLICE("/"));
	}
}

static void
make_mixed(struct text *t, uint64_t *seed)
{
	static void (*const kinds[])(struct text *, uint64_t *) = {make_usual,
	    make_usual, make_same_base, make_same_start, make_wordless,
	    make_any};

	if (dice_draw(seed, 300) == 0)
		make_long(t, seed);
	else if (dice_draw(seed, 3000) == 0)
		make_wordy(t, seed);
	else
		kinds[dice_draw(seed, sizeof kinds / sizeof *kinds)](t, seed);
}

static void (*const makers[])(struct text *, uint64_t *) = {
    [ODD_NAMES_MIXED] = make_mixed,
    [ODD_NAMES_SAME_BASE] = make_same_base,
    [ODD_NAMES_SAME_START] = make_same_start,
    [ODD_NAMES_WORDLESS] = make_wordless,
    [ODD_NAMES_LONG] = make_long,
    [ODD_NAMES_WORDY] = make_wordy,
    [ODD_NAMES_ANY] = make_any,
};

static void
keep(struct odd_names *n, struct slice *bytes)
{
	if (arena_keep(&n->arena, bytes) < 0)
		abort();
}

static void
make_names(struct odd_names *n, enum odd_names_kind kind, uint32_t count)
{
	struct text t;
	struct slice path;

	for (uint32_t i = 0; i < count; i++) {
		t.len = 0;
		makers[kind](&t, &n->seed);
		if (t.len == 0)
			put(&t, SLICE("/"));
		path = slice_of(t.bytes, t.len);
		keep(n, &path);
		if (ranks_add(&n->ranks, rank_of(1, path)) < 0)
			abort();
	}
	ranks_sort(&n->ranks);
}

struct slice
odd_names_path(const struct odd_names *n, uint32_t number)
{
	return n->ranks.list[number].path;
}

static struct slice
basename_of(struct slice path)
{
	return slice_skip(path, (size_t)(slice_rfind(path, '/') + 1));
}

struct slice
odd_names_base(const struct odd_names *n, uint32_t number)
{
	return basename_of(odd_names_path(n, number));
}

static struct slice
folded(struct odd_names *n, struct slice text)
{
	static char room[NAMES_PATH_MAX * UTF8_FOLD_GROWTH];
	struct slice result = slice_of(room, utf8_fold(text, room));

	keep(n, &result);
	return result;
}

struct slice
odd_names_stem(struct odd_names *n, uint32_t number)
{
	struct slice base = odd_names_base(n, number);
	ptrdiff_t dot = slice_rfind(base, '.');

	if (dot >= 0 && base.len - (size_t)dot - 1 <= 16)
		base.len = (size_t)dot;
	return folded(n, base);
}

static void
use_word(struct odd_names *n, size_t first, struct odd_names_use use)
{
	for (size_t i = first; i < n->use_count; i++)
		if (slice_eq(n->uses[i].word, use.word))
			return;
	if (n->use_count == n->use_room) {
		n->use_room = n->use_room ? 2 * n->use_room : 1024;
		n->uses = reallocarray(n->uses, n->use_room, sizeof use);
		if (!n->uses)
			abort();
	}
	n->uses[n->use_count++] = use;
}

/* The words of a name: those of the basename, and what others there are. */
static void
use_name(struct odd_names *n, uint32_t number)
{
	struct slice path = folded(n, odd_names_path(n, number));
	struct slice base = basename_of(path), word;
	struct slice dirs = slice_of(path.ptr, path.len - base.len);
	size_t first = n->use_count;

	while (utf8_word(&base, &word))
		use_word(n, first, (struct odd_names_use){word, number, false});
	while (utf8_word(&dirs, &word))
		use_word(n, first, (struct odd_names_use){word, number, true});
}

static int
use_cmp(const void *a, const void *b)
{
	const struct odd_names_use *x = a, *y = b;
	int order = slice_cmp(x->word, y->word);

	return order ? order
		     : (x->number > y->number) - (x->number < y->number);
}

void
odd_names_make(struct odd_names *n, enum odd_names_kind kind, uint32_t count)
{
	make_names(n, kind, count);
	for (uint32_t number = 0; number < n->ranks.count; number++)
		use_name(n, number);
	if (n->use_count > 1)
		qsort(n->uses, n->use_count, sizeof *n->uses, use_cmp);
}

void
odd_names_free(struct odd_names *n)
{
	arena_free(&n->arena);
	ranks_free(&n->ranks);
	free(n->uses);
}
