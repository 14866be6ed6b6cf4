#include "naive_match.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/utf8.h"

#define TEXT_MAX 1024
#define WORDS_MAX (TEXT_MAX / 2 + 1)

/* A text, folded and split. */
struct text {
	char bytes[TEXT_MAX * UTF8_FOLD_GROWTH];
	struct slice folded;
	struct slice words[WORDS_MAX];
	size_t count;
};

static void
take(struct text *t, struct slice s)
{
	struct slice rest;

	if (s.len > TEXT_MAX)
		abort();
	t->folded = slice_of(t->bytes, utf8_fold(s, t->bytes));
	rest = t->folded;
	t->count = 0;
	while (utf8_word(&rest, &t->words[t->count]))
		t->count++;
}

struct slice
naive_basename(struct slice path)
{
	while (slice_find(path, '/') >= 0)
		path = slice_skip(path, 1);
	return path;
}

static bool
contains(struct slice word, struct slice part)
{
	for (; word.len >= part.len; word = slice_skip(word, 1))
		if (slice_starts(word, part))
			return true;
	return false;
}

static bool
equals(struct slice word, struct slice part)
{
	return slice_eq(word, part);
}

/* Whether a word of t is, begins with or contains (same says) the word. */
static bool
any(const struct text *t, bool (*same)(struct slice, struct slice),
    struct slice word)
{
	for (size_t i = 0; i < t->count; i++)
		if (same(t->words[i], word))
			return true;
	return false;
}

static bool
every(const struct text *t, bool (*same)(struct slice, struct slice),
    const struct text *query)
{
	for (size_t i = 0; i < query->count; i++)
		if (!any(t, same, query->words[i]))
			return false;
	return true;
}

static bool
is_excluded(const struct store_query *query, const struct text *path)
{
	struct text not_words;

	for (size_t i = 0; i < query->not_count; i++) {
		take(&not_words, query->not_words[i]);
		for (size_t j = 0; j < not_words.count; j++)
			if (any(path, contains, not_words.words[j]))
				return true;
	}
	return false;
}

/* Split base at the dot of its extension; false when it has none. */
static bool
split_ext(struct slice base, struct slice *stem, struct slice *ext)
{
	ptrdiff_t dot = slice_rfind(base, '.');

	if (dot < 0)
		return false;
	*stem = slice_of(base.ptr, (size_t)dot);
	*ext = slice_skip(base, (size_t)dot + 1);
	return ext->len <= 16;
}

static bool
ext_fits(struct slice list, struct slice base)
{
	struct text wanted, had;
	struct slice stem, ext, one;

	if (list.len == 0)
		return true;
	if (!split_ext(base, &stem, &ext))
		return false;
	take(&had, ext);
	while (slice_token(&list, ",", &one)) {
		take(&wanted, one);
		if (slice_eq(wanted.folded, had.folded))
			return true;
	}
	return false;
}

static bool
is_named(const struct text *query, struct slice base)
{
	struct text name;
	struct slice stem, ext;

	take(&name, base);
	if (slice_eq(name.folded, query->folded))
		return true;
	if (!split_ext(base, &stem, &ext))
		return false;
	take(&name, stem);
	return slice_eq(name.folded, query->folded);
}

unsigned
naive_class(const struct store_query *query, struct slice path)
{
	struct text whole, base, words;

	take(&whole, path);
	take(&words, query->words);
	if (!every(&whole, contains, &words) || is_excluded(query, &whole))
		return 0;
	if (!ext_fits(query->ext, naive_basename(path)))
		return 0;
	if (is_named(&words, naive_basename(path)))
		return 1;
	take(&base, naive_basename(path));
	if (every(&base, equals, &words))
		return 2;
	if (every(&base, slice_starts, &words))
		return 3;
	return every(&base, contains, &words) ? 4 : 5;
}
