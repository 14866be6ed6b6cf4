#ifndef NAP_TERM_H
#define NAP_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "run.h"
#include "seek.h"
#include "window.h"

/*
 * A word of a query, as it is found in one run after the other. What may be of
 * a class (match.h) is what may be of a better one too.
 */
struct term {
	struct slice text; /* the caller's to set, the rest beginning zeroed */
	const struct run *run; /* where it was looked up last */
	struct lexicon_range prefix; /* the words that begin with it */
	bool whole; /* it is itself the first of them */
	struct window inside; /* the words that hold it, or names of a sketch */
	uint32_t inside_count;
	bool sifted; /* what may have it in a word of its own is in numbers */
	uint32_t *numbers;
	uint32_t numbers_count;
	uint32_t numbers_room;
};

void term_free(struct term *t);

/* What is asked below is asked of this run. */
enum seek_end term_look_up(struct term *t, struct seek *s, const struct run *r);

/* The same of a sketch, of which only term_mark will be asked, and term_has. */
void term_take_up(struct term *t, const struct run *r);

/*
 * How many numbers its lists hold, some twice; at least most when there are so
 * many, or too many lists to know.
 */
uint32_t term_weight(const struct term *t, uint32_t most);

/* Copy those of a term that weighs less than room. Returns how many. */
uint32_t term_copy(const struct term *t, uint32_t *numbers, uint32_t room);

/* Whether any name may be of a class. */
bool term_has(const struct term *t, enum match_class level);

/* Put the names that may be of a class into the window. */
enum seek_end term_mark(const struct term *t, struct seek *s,
    enum match_class level, struct window *w);

#endif
