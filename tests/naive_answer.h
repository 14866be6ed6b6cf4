#ifndef NAP_TESTS_NAIVE_ANSWER_H
#define NAP_TESTS_NAIVE_ANSWER_H

#include <stdbool.h>

#include "indexd/store.h"
#include "lib/locator.h"
#include "lib/slice.h"

/*
 * The text of an answer, turned back into what the store had said. Memory that
 * runs out ends the test.
 */
struct naive_answer {
	struct store_hits hits; /* with room for one a line */
	struct locator *locators; /* what their paths point into */
};

/* Empty, of a text that is to be read. */
struct naive_answer naive_answer_new(struct slice answers);
void naive_answer_free(struct naive_answer *a);

/* Take the next line off the front of answers; false when none is left. */
bool naive_answer_line(struct slice *answers, struct slice *line);

/*
 * Take rows, and the "END <rows> <matches>" behind them. Whether that is what
 * stands there; a sentence on standard output if not.
 */
bool naive_answer_rows(struct naive_answer *a, struct slice *answers);

#endif
