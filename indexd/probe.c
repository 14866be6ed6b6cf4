#include "probe.h"

#include <stdlib.h>

/* So many numbers are looked at, one by one, rather than walked by class. */
#define FEW 512u

/* The numbers that are walked at first; then so many times as many. */
#define WINDOW_MIN 4096u
#define WINDOW_GROWTH 16u

/* Work for each list, and for each number of it. */
#define LIST_WORK 4u
#define NUMBERS_PER_WORK 8u

/* A word of the query in one run. */
struct probe_term {
	struct slice text;
	uint32_t place; /* of the words that begin with it, up to */
	uint32_t prefix_end; /* but without, in the lexicon */
	bool whole; /* it is itself the first of them */
	struct window inside; /* the places of words that hold it */
};

void
probe_free(struct probe *p)
{
	for (size_t i = 0; i < p->count; i++)
		window_free(&p->terms[i].inside);
	free(p->terms);
	window_free(&p->found);
	window_free(&p->one);
	free(p->numbers);
	*p = (struct probe){0};
}

static int
begin(struct probe *p, const struct match_words *words)
{
	if (p->terms)
		return 0;
	p->terms = calloc(words->count, sizeof *p->terms);
	if (!p->terms)
		return -1;
	p->count = words->count;
	for (size_t i = 0; i < p->count; i++)
		p->terms[i].text = words->list[i].text;
	return 0;
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

/* Look a term up in the lexicon of a run. */
static enum seek_end
look_up(struct probe_term *t, struct seek *s, const struct run *r)
{
	const struct lexicon *words = &r->words;
	struct window *w = &t->inside;
	enum seek_end end;

	if (window_open(w, 0, words->count) < 0)
		return SEEK_FAILED;
	t->place = lexicon_lower(words, t->text);
	t->prefix_end = lexicon_prefix_end(words, t->place, t->text);
	t->whole = t->place < t->prefix_end &&
	    lexicon_word(words, t->place).len == t->text.len;
	end = mark_grams(
	    s, &r->spelling, grams_find(&r->spelling, t->text, GRAM_INSIDE), w);
	if (end != SEEK_ON || t->text.len <= 3)
		return end;
	for (uint32_t n = window_next(w, 0); n < w->to;
	     n = window_next(w, n + 1))
		if (!holds(lexicon_word(words, n), t->text))
			w->bits[n / 64] &= ~((uint64_t)1 << n % 64);
	return SEEK_ON;
}

/* A list of a term, and the next. */
struct lists {
	const struct run *run;
	const struct probe_term *term;
	enum match_class class;
	uint32_t place;
	bool dirs; /* those of the place come next */
};

/* The lists of the lexicon whose names may be of the class, or a better one. */
static struct lists
lists_of(
    const struct run *r, const struct probe_term *t, enum match_class class)
{
	struct lists l = {r, t, class, t->place, false};

	if (class >= MATCH_INSIDE)
		l.place = window_next(&t->inside, 0);
	return l;
}

static uint32_t
lists_end(const struct lists *l)
{
	const struct probe_term *t = l->term;

	if (l->class == MATCH_WORDS)
		return t->place + t->whole;
	return l->class == MATCH_PREFIXES ? t->prefix_end : t->inside.to;
}

static bool
lists_next(struct lists *l, struct posting *list)
{
	if (l->place >= lists_end(l))
		return false;
	*list = lexicon_list(
	    &l->run->words, l->place, l->dirs ? LEXICON_DIRS : LEXICON_BASE);
	l->dirs = l->class == MATCH_PATH && !l->dirs;
	if (l->dirs)
		return true;
	l->place = l->class >= MATCH_INSIDE
	    ? window_next(&l->term->inside, l->place + 1)
	    : l->place + 1;
	return true;
}

/* How the words of a class hold the term. */
static enum gram_part part_of(enum match_class class)
{
	if (class == MATCH_WORDS)
		return GRAM_WHOLE;
	return class == MATCH_PREFIXES ? GRAM_PREFIX : GRAM_INSIDE;
}

static struct gram_lists
once_of(const struct run *r, const struct probe_term *t, enum match_class class)
{
	return grams_find(&r->once, t->text, part_of(class));
}

/* How many numbers the lists of a term hold, or at least most. */
static uint32_t
weigh(const struct run *r, const struct probe_term *t, uint32_t most)
{
	struct lists l = lists_of(r, t, MATCH_PATH);
	struct gram_lists once = once_of(r, t, MATCH_PATH);
	struct posting list;
	uint32_t sum = 0;

	while (sum < most && lists_next(&l, &list))
		sum += list.count;
	while (sum < most && grams_next(&r->once, &once, &list))
		sum += list.count;
	return sum;
}

static int
reserve_numbers(struct probe *p, size_t room)
{
	uint32_t *numbers;

	if (room <= p->numbers_room)
		return 0;
	numbers = reallocarray(p->numbers, room, sizeof *numbers);
	if (!numbers)
		return -1;
	p->numbers = numbers;
	p->numbers_room = room;
	return 0;
}

static int
number_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Look at all names of a term that has few. */
static enum seek_end
look_at_few(struct probe *p, struct seek *s, const struct run *r,
    const struct probe_term *t)
{
	struct lists l = lists_of(r, t, MATCH_PATH);
	struct gram_lists once = once_of(r, t, MATCH_PATH);
	enum seek_end end = SEEK_ON;
	struct posting list;
	uint32_t n = 0;

	if (reserve_numbers(p, FEW) < 0)
		return SEEK_FAILED;
	while (lists_next(&l, &list))
		n += posting_copy(&list, r->count, p->numbers + n, FEW - n);
	while (grams_next(&r->once, &once, &list))
		n += posting_copy(&list, r->count, p->numbers + n, FEW - n);
	qsort(p->numbers, n, sizeof *p->numbers, number_cmp);
	for (uint32_t i = 0; i < n && end >= SEEK_ON && end != SEEK_STALE;
	     i++) {
		if (i > 0 && p->numbers[i] == p->numbers[i - 1])
			continue;
		end = seek_name(s, r->indexes[p->numbers[i]], MATCH_NONE);
		if (end == SEEK_ENOUGH)
			end = SEEK_ON;
	}
	return end == SEEK_ON ? seek_rest(s, 0) : end;
}

/* Names of which some have the query for a basename. */
static enum seek_end
look_at_bucket(struct seek *s, const struct run *r, struct run_bucket bucket)
{
	enum seek_end end = SEEK_ON;

	for (uint32_t i = 0; i < bucket.count && end == SEEK_ON; i++) {
		end = seek_name(
		    s, r->indexes[bucket.numbers[i]], MATCH_BASENAME);
		if (end == SEEK_ON)
			end = seek_rest(s, 0);
	}
	if (end != SEEK_ENOUGH)
		return end;
	s->skipped = true;
	return SEEK_ON;
}

/* The query may be a stem, or a stem with its extension. */
static enum seek_end
look_at_stems(struct seek *s, const struct run *r)
{
	struct slice whole = s->match->whole;
	ptrdiff_t dot = slice_rfind(whole, '.');
	struct run_bucket first = run_stems(r, whole), second;
	enum seek_end end = look_at_bucket(s, r, first);

	if (end != SEEK_ON || dot < 0)
		return end;
	second = run_stems(r, slice_of(whole.ptr, (size_t)dot));
	if (second.numbers == first.numbers)
		return end;
	return look_at_bucket(s, r, second);
}

/* The names that one term may find in a class, within the window. */
static enum seek_end
mark_term(struct seek *s, const struct run *r, const struct probe_term *t,
    enum match_class class, struct window *w)
{
	struct lists l = lists_of(r, t, class);
	enum seek_end end = SEEK_ON;
	struct posting list;

	while (end == SEEK_ON && lists_next(&l, &list)) {
		posting_mark(&list, w);
		end = rest_for(s, &list);
	}
	if (end != SEEK_ON)
		return end;
	return mark_grams(s, &r->once, once_of(r, t, class), w);
}

/* The names that all terms may find in a class, from from up to to. */
static enum seek_end
mark_all(struct probe *p, struct seek *s, const struct run *r,
    enum match_class class)
{
	struct window *found = &p->found;
	enum seek_end end = mark_term(s, r, &p->terms[0], class, found);

	for (size_t i = 1; i < p->count && end == SEEK_ON; i++) {
		if (window_open(&p->one, found->from, found->to) < 0)
			return SEEK_FAILED;
		end = mark_term(s, r, &p->terms[i], class, &p->one);
		if (end == SEEK_ON && !window_and(found, &p->one))
			break;
	}
	return end;
}

/* Look at what is in the window, in the order of ranks. */
static enum seek_end
look_at_found(struct probe *p, struct seek *s, const struct run *r,
    enum match_class wanted)
{
	const struct window *w = &p->found;
	enum seek_end end = SEEK_ON;

	for (uint32_t n = window_next(w, w->from); n < w->to && end == SEEK_ON;
	     n = window_next(w, n + 1)) {
		end = seek_name(s, r->indexes[n], wanted);
		if (end == SEEK_ON)
			end = seek_rest(s, 0);
	}
	return end;
}

/* Up to which number names of a class may be better than what there is. */
static uint32_t
end_of_use(const struct seek *s, const struct run *r, enum match_class class)
{
	uint64_t bound = top_bound(&s->top);
	struct rank worst = {.key = bound};

	if (s->top.limit == 0 || bound == UINT64_MAX ||
	    rank_class(&worst) > class)
		return r->count;
	if (rank_class(&worst) < class)
		return 0;
	return run_length_end(r, rank_length(&worst));
}

/* Walk the names of a class; any, of those that all terms find, for NONE. */
static enum seek_end
walk_class(struct probe *p, struct seek *s, const struct run *r,
    enum match_class class, enum match_class wanted)
{
	uint32_t stop = end_of_use(s, r, class), from = 0, to;
	enum seek_end end = SEEK_ON;

	for (; from < stop && end == SEEK_ON; from = to) {
		to = from == 0 ? WINDOW_MIN : from * WINDOW_GROWTH;
		to = to < stop ? to : stop;
		if (window_open(&p->found, from, to) < 0)
			return SEEK_FAILED;
		end = mark_all(p, s, r, class);
		if (end == SEEK_ON)
			end = look_at_found(p, s, r, wanted);
	}
	if (end == SEEK_ENOUGH || stop < r->count)
		s->skipped = true;
	return end == SEEK_ENOUGH ? SEEK_ON : end;
}

static enum seek_end
walk_classes(struct probe *p, struct seek *s, const struct run *r)
{
	enum seek_end end = look_at_stems(s, r);

	for (enum match_class class = MATCH_WORDS;
	     class <= MATCH_PATH && end == SEEK_ON; class ++)
		end = walk_class(p, s, r, class, class);
	return end;
}

/* The term with fewest names, and how many, or at least FEW. */
static const struct probe_term *
lightest(const struct probe *p, const struct run *r, uint32_t *weight)
{
	const struct probe_term *best = &p->terms[0];
	uint32_t other;

	*weight = weigh(r, best, FEW);
	for (size_t i = 1; i < p->count; i++) {
		other = weigh(r, &p->terms[i], *weight);
		if (other < *weight) {
			*weight = other;
			best = &p->terms[i];
		}
	}
	return best;
}

enum seek_end
probe_run(struct probe *p, struct seek *s, const struct run *r)
{
	const struct probe_term *term;
	enum seek_end end = SEEK_ON;
	uint32_t weight;

	if (r->count == 0)
		return SEEK_ON;
	if (begin(p, &s->match->words) < 0)
		return SEEK_FAILED;
	for (size_t i = 0; i < p->count && end == SEEK_ON; i++)
		end = look_up(&p->terms[i], s, r);
	if (end != SEEK_ON)
		return end;
	term = lightest(p, r, &weight);
	if (weight < FEW)
		return look_at_few(p, s, r, term);
	if (s->top.limit == 0)
		return walk_class(p, s, r, MATCH_PATH, MATCH_NONE);
	return walk_classes(p, s, r);
}
