#include "lexicon.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* The rough place of a list that is empty. */
#define NEVER UINT8_MAX

void
lexicon_free(struct lexicon *l)
{
	free(l->text);
	free(l->at);
	free(l->lists_at);
	free(l->lists);
	free(l->firsts);
	*l = (struct lexicon){0};
}

static const struct intern_word *
word_of(const struct lexicon_source *from, uint32_t place)
{
	return &from->words->words[from->ids[place]];
}

static void
measure(const struct lexicon_source *from, size_t *text, size_t *lists)
{
	const struct intern_word *w;

	*text = *lists = 0;
	for (uint32_t i = 0; i < from->count; i++) {
		w = word_of(from, i);
		*text += w->len;
		for (int k = 0; k < 2; k++)
			*lists += posting_size(w->seen[k], from->universe);
	}
}

static int
allocate(struct lexicon *l, size_t text, size_t lists)
{
	size_t places = (size_t)l->count + 1;

	if (text > UINT32_MAX || lists > UINT32_MAX) {
		errno = ENOMEM;
		return -1;
	}
	l->bytes = text + lists + POSTING_SLACK + 2 * places +
	    2 * places * sizeof *l->at;
	l->text = malloc(text + 1);
	l->at = calloc(places, sizeof *l->at);
	l->lists_at = calloc(places, sizeof *l->lists_at);
	l->lists = calloc(1, lists + POSTING_SLACK);
	l->firsts = calloc(places, 2);
	if (l->text && l->at && l->lists_at && l->lists && l->firsts)
		return 0;
	lexicon_free(l);
	return -1;
}

static void
fill(struct lexicon *l, const struct lexicon_source *from)
{
	const uint32_t *numbers = from->numbers;
	const struct intern_word *w;
	uint32_t text = 0, lists = 0, i;

	for (i = 0; i < l->count; i++) {
		w = word_of(from, i);
		l->at[i] = text;
		memcpy(l->text + text, from->words->text + w->at, w->len);
		text += w->len;
		l->lists_at[i] = lists;
		for (int k = 0; k < 2; k++) {
			posting_write(
			    l->lists + lists, numbers, w->seen[k], l->universe);
			lists += (uint32_t)posting_size(
			    w->seen[k], l->universe);
			numbers += w->seen[k];
		}
	}
	l->at[i] = text;
	l->lists_at[i] = lists;
}

int
lexicon_build(struct lexicon *l, const struct lexicon_source *from)
{
	size_t text, lists;

	*l = (struct lexicon){.count = from->count, .universe = from->universe};
	measure(from, &text, &lists);
	if (allocate(l, text, lists) < 0)
		return -1;
	fill(l, from);
	return 0;
}

struct posting
lexicon_list(const struct lexicon *l, uint32_t place, enum lexicon_list which)
{
	const uint8_t *at = l->lists + l->lists_at[place];
	struct posting list = posting_read(at, l->universe);

	if (which == LEXICON_BASE)
		return list;
	return posting_read(
	    at + posting_size(list.count, l->universe), l->universe);
}

/* The first word of a range that is not before word, or its end. */
static uint32_t
lower(const struct lexicon *l, struct lexicon_range range, struct slice word)
{
	uint32_t middle;

	while (range.from < range.end) {
		middle = range.from + (range.end - range.from) / 2;
		if (slice_cmp(lexicon_word(l, middle), word) < 0)
			range.from = middle + 1;
		else
			range.end = middle;
	}
	return range.from;
}

struct lexicon_range
lexicon_prefix(
    const struct lexicon *l, struct lexicon_range range, struct slice prefix)
{
	uint32_t first = lower(l, range, prefix), middle;

	range.from = first;
	while (range.from < range.end) {
		middle = range.from + (range.end - range.from) / 2;
		if (slice_starts(lexicon_word(l, middle), prefix))
			range.from = middle + 1;
		else
			range.end = middle;
	}
	return (struct lexicon_range){first, range.end};
}
