#include "term.h"

#include <stdlib.h>
#include <string.h>

/* A list of so many is not sifted, and one of so few no further. */
#define SIFT_MAX 65536u
#define SIFT_MIN 16u

/* Lists that are gone through for an answer that may be a guess. */
#define STEPS_MAX 4096u

/* What it costs to go through a list, and how many numbers of it cost one. */
#define LIST_WORK 4u
#define NUMBERS_PER_WORK 8u

/* What it costs to look up a part whose grams are all to be found. */
#define GRAM_WORK 10u
#define FIND_WORK(part) ((unsigned)(part).len * GRAM_WORK)

/* What it costs to go through a window. */
#define WINDOW_WORK(w) (((w)->to - (w)->from) / 2048)

void
term_free(struct term *t)
{
	window_free(&t->inside);
	free(t->numbers);
	*t = (struct term){.run = NULL};
}

static enum seek_end
rest_for(struct seek *s, const struct posting *list)
{
	return seek_rest(s, LIST_WORK + list->count / NUMBERS_PER_WORK);
}

/* Put the lists of grams into a window. */
static enum seek_end
mark_grams(struct seek *s, const struct grams *g, struct gram_lists lists,
    struct window *w)
{
	enum seek_end end = SEEK_ON;
	struct posting list;

	while (end == SEEK_ON && grams_next(g, &lists, &list)) {
		posting_mark(&list, w);
		end = rest_for(s, &list);
	}
	return end;
}

static bool
holds(struct slice word, struct slice part)
{
	return memmem(word.ptr, word.len, part.ptr, part.len) != NULL;
}

/* Leave the words that hold the part. */
static enum seek_end
sift(struct window *w, struct seek *s, const struct lexicon *words,
    struct slice part)
{
	enum seek_end end = SEEK_ON;
	struct slice word;

	/* A gram is all of a part that is no longer. */
	if (part.len <= 3)
		return SEEK_ON;
	for (uint32_t n = window_next(w, 0); n < w->to && end == SEEK_ON;
	     n = window_next(w, n + 1)) {
		word = lexicon_word(words, n);
		if (!holds(word, part))
			window_clear(w, n);
		end = seek_rest(s, 1 + SEEK_BYTES_WORK(word.len));
	}
	return end;
}

/*
 * The words that begin with text. Those that begin with the first two bytes of
 * it follow each other, and their grams tell which these are.
 */
static struct lexicon_range
words_with_prefix(const struct run *r, struct slice text)
{
	struct slice two = slice_of(text.ptr, text.len < 2 ? text.len : 2);
	struct gram_lists lists = grams_find(&r->spelling, two, GRAM_PREFIX);
	struct lexicon_range range = {0, 0};
	struct posting list;
	uint32_t first;

	while (grams_next(&r->spelling, &lists, &list)) {
		if (range.end == 0 &&
		    posting_copy(&list, UINT32_MAX, &first, 1) == 1)
			range.from = range.end = first;
		range.end += list.count;
	}
	if (text.len <= 2)
		return range;
	return lexicon_prefix(&r->words, range, text);
}

/* Look a term up in the lexicon of a run. */
static enum seek_end
look_up_words(struct term *t, struct seek *s, const struct run *r)
{
	const struct lexicon *words = &r->words;
	struct gram_lists lists = grams_find(
	    &r->spelling, t->text, GRAM_INSIDE);
	enum seek_end end;

	t->prefix = (struct lexicon_range){0, 0};
	t->inside_count = 0;
	t->whole = false;
	if (window_open(&t->inside, 0, words->count) < 0)
		return SEEK_FAILED;
	if (lists.first == lists.end)
		return SEEK_ON;
	end = mark_grams(s, &r->spelling, lists, &t->inside);
	if (end != SEEK_ON)
		return end;
	end = sift(&t->inside, s, words, t->text);
	if (end != SEEK_ON)
		return end;
	t->inside_count = window_count(&t->inside);
	if (t->inside_count == 0)
		return SEEK_ON;
	t->prefix = words_with_prefix(r, t->text);
	t->whole = t->prefix.from < t->prefix.end &&
	    lexicon_word(words, t->prefix.from).len == t->text.len;
	return SEEK_ON;
}

static int
reserve_numbers(struct term *t, uint32_t room)
{
	uint32_t *numbers;

	if (room <= t->numbers_room)
		return 0;
	numbers = reallocarray(t->numbers, room, sizeof *numbers);
	if (!numbers)
		return -1;
	t->numbers = numbers;
	t->numbers_room = room;
	return 0;
}

/* Leave those of the numbers that have all grams of a long term. */
static enum seek_end
sift_numbers(struct term *t, struct seek *s, const struct run *r)
{
	enum seek_end end = SEEK_ON;
	uint32_t work;

	for (size_t i = 1; i + 1 < t->text.len && end == SEEK_ON &&
	     t->numbers_count > SIFT_MIN;
	     i++) {
		t->numbers_count = grams_sift(
		    &r->once, t->text, i, t->numbers, t->numbers_count, &work);
		end = seek_rest(s, LIST_WORK + work / NUMBERS_PER_WORK);
	}
	return end;
}

/*
 * Find the names that hold a term in a word that occurs once. A long term has
 * many grams, and all of them tell much more than the rarest.
 */
static enum seek_end
look_up_once(struct term *t, struct seek *s, const struct run *r)
{
	struct gram_lists lists = grams_find(&r->once, t->text, GRAM_INSIDE);
	struct posting list;
	enum seek_end end;

	t->sifted = false;
	if (t->text.len <= 3 || !grams_next(&r->once, &lists, &list))
		return SEEK_ON;
	if (list.count > SIFT_MAX)
		return SEEK_ON;
	if (reserve_numbers(t, list.count) < 0)
		return SEEK_FAILED;
	t->numbers_count = posting_copy(
	    &list, r->count, t->numbers, list.count);
	t->sifted = true;
	end = rest_for(s, &list);
	return end == SEEK_ON ? sift_numbers(t, s, r) : end;
}

/* How the words of a class hold the term. */
static enum gram_part
part_of(enum match_class level)
{
	if (level == MATCH_WORDS)
		return GRAM_WHOLE;
	return level == MATCH_PREFIXES ? GRAM_PREFIX : GRAM_INSIDE;
}

/* A list of a term, and the next. */
struct lists {
	const struct term *term;
	enum match_class level;
	uint32_t place;
	uint32_t below; /* lists without a number below may be left out */
	bool dirs; /* those of the place come next */
	uint32_t steps; /* that have been taken */
};

/* The lists of the lexicon whose names may be of the class, or a better one. */
static struct lists
lists_of(const struct term *t, enum match_class level, uint32_t below)
{
	struct lists l = {t, level, t->prefix.from, below, false, 0};

	if (level >= MATCH_INSIDE)
		l.place = window_next(&t->inside, 0);
	return l;
}

static uint32_t
lists_end(const struct lists *l)
{
	const struct term *t = l->term;

	if (l->level == MATCH_WORDS)
		return t->prefix.from + t->whole;
	return l->level == MATCH_PREFIXES ? t->prefix.end : t->inside.to;
}

/* Pass on to the place after, or to the other list of this one. */
static void
lists_step(struct lists *l)
{
	l->dirs = l->level == MATCH_PATH && !l->dirs;
	if (l->dirs)
		return;
	l->place = l->level >= MATCH_INSIDE
	    ? window_next(&l->term->inside, l->place + 1)
	    : l->place + 1;
}

/* A list of the lexicon. */
struct entry {
	uint32_t place;
	enum lexicon_list which;
};

static bool
lists_tired(const struct lists *l)
{
	return l->steps == STEPS_MAX;
}

/* False at the end, and when it is tired. */
static bool
lists_next(struct lists *l, struct entry *entry)
{
	for (; l->place < lists_end(l) && !lists_tired(l); l->steps++) {
		entry->place = l->place;
		entry->which = l->dirs ? LEXICON_DIRS : LEXICON_BASE;
		lists_step(l);
		if (lexicon_reaches(&l->term->run->words, entry->place,
			entry->which, l->below))
			return true;
	}
	return false;
}

static struct posting
read_list(const struct term *t, const struct entry *entry)
{
	return lexicon_list(&t->run->words, entry->place, entry->which);
}

/* Lists whose memory is fetched at once. */
#define BATCH 16

static enum seek_end
mark_lists(
    const struct term *t, struct seek *s, struct lists l, struct window *w)
{
	struct entry batch[BATCH];
	enum seek_end end = SEEK_ON;
	struct posting list;
	bool more;
	size_t count;

	do {
		l.steps = 0;
		for (count = 0; count < BATCH; count++) {
			if (!lists_next(&l, &batch[count]))
				break;
			lexicon_approach(&t->run->words, batch[count].place);
		}
		more = count == BATCH || lists_tired(&l);
		end = seek_rest(s, l.steps);
		for (size_t i = 0; i < count && end == SEEK_ON; i++) {
			list = read_list(t, &batch[i]);
			posting_mark(&list, w);
			end = rest_for(s, &list);
		}
	} while (more && end == SEEK_ON);
	return end;
}

/* The lists of grams to look at, unless they have been sifted. */
static struct gram_lists
once_of(const struct term *t, enum match_class level)
{
	if (t->sifted)
		return (struct gram_lists){0};
	return grams_find(&t->run->once, t->text, part_of(level));
}

static uint32_t
weigh_lists(const struct term *t, uint32_t most)
{
	struct lists l = lists_of(t, MATCH_PATH, UINT32_MAX);
	struct gram_lists once = once_of(t, MATCH_PATH);
	struct posting list;
	struct entry entry;
	uint32_t sum = t->sifted ? t->numbers_count : 0;

	while (sum < most && lists_next(&l, &entry))
		sum += read_list(t, &entry).count;
	for (; sum < most && !lists_tired(&l); l.steps++) {
		if (!grams_next(&t->run->once, &once, &list))
			return sum;
		sum += list.count;
	}
	return most;
}

static uint32_t
copy_lists(const struct term *t, uint32_t *numbers, uint32_t room)
{
	struct lists l = lists_of(t, MATCH_PATH, UINT32_MAX);
	struct gram_lists once = once_of(t, MATCH_PATH);
	uint32_t n = t->sifted ? t->numbers_count : 0;
	struct posting list;
	struct entry entry;

	if (n > 0)
		memcpy(numbers, t->numbers, n * sizeof *numbers);
	while (lists_next(&l, &entry)) {
		list = read_list(t, &entry);
		n += posting_copy(&list, UINT32_MAX, numbers + n, room - n);
	}
	while (grams_next(&t->run->once, &once, &list))
		n += posting_copy(&list, UINT32_MAX, numbers + n, room - n);
	return n;
}

static bool
have_lists(const struct term *t, enum match_class level)
{
	struct lists l = lists_of(t, level, UINT32_MAX);
	struct gram_lists once = once_of(t, level);
	struct posting list;
	struct entry entry;

	return (t->sifted && t->numbers_count > 0) || lists_next(&l, &entry) ||
	    lists_tired(&l) || grams_next(&t->run->once, &once, &list);
}

/* The names that have one or two letters, of those of which that is known. */
static enum seek_end
mark_near(const struct term *t, struct seek *s, struct window *w)
{
	struct posting list;

	if (!grams_exact(&t->run->near, gram_short(t->text), &list))
		return SEEK_ON;
	posting_mark(&list, w);
	return rest_for(s, &list);
}

static enum seek_end
mark_listed(const struct term *t, struct seek *s, enum match_class level,
    struct window *w)
{
	enum seek_end end = seek_rest(s,
	    FIND_WORK(t->text) + WINDOW_WORK(w) +
		(t->sifted ? t->numbers_count / NUMBERS_PER_WORK : 0));

	if (end == SEEK_ON)
		end = mark_lists(t, s, lists_of(t, level, w->to), w);
	if (end != SEEK_ON)
		return end;
	for (uint32_t i = 0; t->sifted && i < t->numbers_count; i++)
		if (t->numbers[i] >= w->from && t->numbers[i] < w->to)
			window_set(w, t->numbers[i]);
	return mark_grams(s, &t->run->once, once_of(t, level), w);
}

/* What it costs to ask a sketch for so many names. */
#define SKETCH_WORK(count) ((count) / 128u + 1)

/* Put the names of a sketch that may be of a class into the window. */
static enum seek_end
mark_sketch(const struct term *t, struct seek *s, enum match_class level,
    struct window *w)
{
	const struct sketch *sketch = &t->run->sketch;

	sketch_mark(sketch, t->text, part_of(level), SKETCH_BASE, w);
	if (level == MATCH_PATH)
		sketch_mark(sketch, t->text, GRAM_INSIDE, SKETCH_DIRS, w);
	return seek_rest(s, SKETCH_WORK(w->to - w->from));
}

/* Find the names of a sketch that may have the term anywhere. */
static enum seek_end
look_up_sketch(struct term *t, struct seek *s)
{
	enum seek_end end;

	if (window_open(&t->inside, 0, t->run->count) < 0)
		return SEEK_FAILED;
	end = mark_sketch(t, s, MATCH_PATH, &t->inside);
	t->inside_count = window_count(&t->inside);
	return end;
}

static uint32_t
copy_window(const struct window *w, uint32_t *numbers)
{
	uint32_t count = 0;

	for (uint32_t n = window_next(w, 0); n < w->to;
	     n = window_next(w, n + 1))
		numbers[count++] = n;
	return count;
}

static bool
is_sketched(const struct term *t)
{
	return t->run->sketch.rows != NULL;
}

enum seek_end
term_look_up(struct term *t, struct seek *s, const struct run *r)
{
	enum seek_end end;

	t->run = r;
	if (is_sketched(t))
		return look_up_sketch(t, s);
	end = seek_rest(s, FIND_WORK(t->text));
	if (end == SEEK_ON)
		end = look_up_words(t, s, r);
	return end == SEEK_ON ? look_up_once(t, s, r) : end;
}

void
term_take_up(struct term *t, const struct run *r)
{
	t->run = r;
	t->inside_count = UINT32_MAX;
}

uint32_t
term_weight(const struct term *t, uint32_t most)
{
	return is_sketched(t) ? t->inside_count : weigh_lists(t, most);
}

uint32_t
term_copy(const struct term *t, uint32_t *numbers, uint32_t room)
{
	if (is_sketched(t))
		return copy_window(&t->inside, numbers);
	return copy_lists(t, numbers, room);
}

bool
term_has(const struct term *t, enum match_class level)
{
	return is_sketched(t) ? t->inside_count > 0 : have_lists(t, level);
}

enum seek_end
term_mark(const struct term *t, struct seek *s, enum match_class level,
    struct window *w)
{
	if (is_sketched(t))
		return mark_sketch(t, s, level, w);
	if (level == MATCH_INSIDE && t->text.len <= 2 && w->to <= RUN_NEAR)
		return mark_near(t, s, w);
	return mark_listed(t, s, level, w);
}
