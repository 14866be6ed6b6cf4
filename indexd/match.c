#include "match.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

/* Bytes of names, the commonest first; what is not here is rarer. */
static const char common_bytes[] = "aeiontrslcdmuhpg0b1ykf2v3w";

static size_t
commonness(char c)
{
	const char *at = memchr(common_bytes, c, sizeof common_bytes - 1);

	return at ? (size_t)(common_bytes + sizeof common_bytes - at) : 0;
}

static size_t
rarest(struct slice word)
{
	size_t best = 0;

	for (size_t i = 1; i < word.len; i++)
		if (commonness(word.ptr[i]) < commonness(word.ptr[best]))
			best = i;
	return best;
}

/* The longest first: it is the likeliest to be missing. */
static int
word_cmp(const void *a, const void *b)
{
	struct slice x = ((const struct match_word *)a)->text;
	struct slice y = ((const struct match_word *)b)->text;

	if (x.len != y.len)
		return x.len > y.len ? -1 : 1;
	return slice_cmp(x, y);
}

static void
sort_once_each(struct match_words *words)
{
	size_t kept = 0;

	if (words->count > 1)
		qsort(words->list, words->count, sizeof *words->list, word_cmp);
	for (size_t i = 0; i < words->count; i++) {
		if (i > 0 && !word_cmp(&words->list[i], &words->list[kept - 1]))
			continue;
		words->list[kept] = words->list[i];
		words->list[kept++].rare = rarest(words->list[i].text);
	}
	words->count = kept;
}

/* As utf8_word. */
typedef bool part_fn(struct slice *rest, struct slice *part);

static bool
next_ext(struct slice *rest, struct slice *ext)
{
	return slice_token(rest, ",", ext);
}

/* How many parts there are, or -1 with E2BIG when they are too many. */
static ssize_t
count_parts(struct slice rest, part_fn *next)
{
	struct slice part;
	ssize_t count = 0;

	while (next(&rest, &part))
		count++;
	if (count <= MATCH_WORDS_MAX)
		return count;
	errno = E2BIG;
	return -1;
}

/* 0, or -1 with errno. */
static int
split(struct match_words *words, struct slice folded, part_fn *next)
{
	struct slice rest = folded, part;
	ssize_t count = count_parts(folded, next);

	if (count <= 0)
		return (int)count;
	words->list = calloc((size_t)count, sizeof *words->list);
	if (!words->list)
		return -1;
	while (next(&rest, &part))
		words->list[words->count++].text = part;
	sort_once_each(words);
	return 0;
}

static struct slice
fold_at(char **end, struct slice text)
{
	char *start = *end;

	*end += utf8_fold(text, start);
	return slice_of(start, (size_t)(*end - start));
}

/* All of them, with blanks between. */
static struct slice
fold_not_words(char **end, const struct store_query *query)
{
	char *start = *end;

	for (size_t i = 0; i < query->not_count; i++) {
		fold_at(end, query->not_words[i]);
		*(*end)++ = ' ';
	}
	return slice_of(start, (size_t)(*end - start));
}

static size_t
room_for(const struct store_query *query)
{
	size_t bytes = query->words.len + query->ext.len + 1;

	for (size_t i = 0; i < query->not_count; i++)
		bytes += query->not_words[i].len + 1;
	return bytes;
}

int
match_new(struct match *m, const struct store_query *query)
{
	struct slice not_words, exts;
	char *end;

	*m = (struct match){.any_ext = query->ext.len == 0};
	end = m->memory = calloc(room_for(query), UTF8_FOLD_GROWTH);
	if (!m->memory)
		return -1;
	m->whole = fold_at(&end, query->words);
	not_words = fold_not_words(&end, query);
	exts = fold_at(&end, query->ext);
	if (split(&m->words, m->whole, utf8_word) < 0 ||
	    split(&m->not_words, not_words, utf8_word) < 0 ||
	    split(&m->exts, exts, next_ext) < 0) {
		match_free(m);
		return -1;
	}
	if (m->words.count == 0) {
		match_free(m);
		errno = EINVAL;
		return -1;
	}
	return 0;
}

void
match_free(struct match *m)
{
	free(m->memory);
	free(m->words.list);
	free(m->not_words.list);
	free(m->exts.list);
	*m = (struct match){0};
}

/* Places that are tried before the search whose time is linear takes over. */
#define TRIES 16

/* Where the word begins in text first, or NULL. */
static const char *
find(const struct match_word *w, struct slice text)
{
	const char *at, *last;
	struct slice word = w->text;

	if (word.len > text.len)
		return NULL;
	at = text.ptr + w->rare;
	last = text.ptr + text.len - word.len + w->rare;
	for (int i = 0; i < TRIES && at <= last; i++, at++) {
		at = memchr(at, word.ptr[w->rare], (size_t)(last - at) + 1);
		if (!at)
			return NULL;
		if (!memcmp(at - w->rare, word.ptr, word.len))
			return at - w->rare;
	}
	if (at > last)
		return NULL;
	at -= w->rare;
	return memmem(
	    at, text.len - (size_t)(at - text.ptr), word.ptr, word.len);
}

/* As find, on a desk. */
static bool
has(const struct match_word *w, struct slice text, struct match_desk *desk)
{
	desk->bytes += text.len;
	return find(w, text) != NULL;
}

static bool
has_all(
    const struct match_words *words, struct slice text, struct match_desk *desk)
{
	for (size_t i = 0; i < words->count; i++)
		if (!has(&words->list[i], text, desk))
			return false;
	return true;
}

static bool
has_any(
    const struct match_words *words, struct slice text, struct match_desk *desk)
{
	for (size_t i = 0; i < words->count; i++)
		if (has(&words->list[i], text, desk))
			return true;
	return false;
}

/*
 * How well a word stands in base, where it may stand several times. What holds
 * no separator either begins a word of base or stands inside one.
 */
static enum match_class
class_in(const struct match_word *w, struct slice base, struct match_desk *desk)
{
	enum match_class best = MATCH_INSIDE;
	struct slice rest = base, word;

	if (!has(w, base, desk))
		return MATCH_PATH;
	desk->bytes += base.len;
	while (best > MATCH_WORDS && utf8_word(&rest, &word)) {
		if (slice_eq(word, w->text))
			best = MATCH_WORDS;
		else if (slice_starts(word, w->text))
			best = MATCH_PREFIXES;
	}
	return best;
}

static enum match_class
class_of(
    const struct match_words *words, struct slice base, struct match_desk *desk)
{
	enum match_class worst = MATCH_WORDS, class;

	for (size_t i = 0; i < words->count && worst < MATCH_PATH; i++) {
		class = class_in(&words->list[i], base, desk);
		if (class > worst)
			worst = class;
	}
	return worst;
}

static bool
has_ext(const struct match *m, const struct title *t)
{
	if (m->any_ext)
		return true;
	for (size_t i = 0; t->has_ext && i < m->exts.count; i++)
		if (slice_eq(m->exts.list[i].text, t->ext))
			return true;
	return false;
}

enum match_class
match_path(const struct match *m, struct slice path, struct match_desk *desk)
{
	struct title t = title_read(path, desk->room);

	desk->bytes += path.len;
	if (!has_all(&m->words, t.text, desk) ||
	    has_any(&m->not_words, t.text, desk) || !has_ext(m, &t))
		return MATCH_NONE;
	if (slice_eq(t.base, m->whole) || slice_eq(t.stem, m->whole))
		return MATCH_BASENAME;
	return class_of(&m->words, t.base, desk);
}
