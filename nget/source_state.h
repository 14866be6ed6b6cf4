#ifndef NAP_NGET_SOURCE_STATE_H
#define NAP_NGET_SOURCE_STATE_H

#include "source.h"

/*
 * What source.c, source_take.c and source_end.c share; nobody else looks inside.
 */

/* The digest that its content must have; perhaps unknown. */
const struct digest *source_wanted(const struct source *s);

/* Whether nothing would be lost if it began the file anew. */
bool source_may_restart(const struct source *s);

/* What to ask for, if what the sink has is of the file that is wanted. */
struct answer_asked source_plan(const struct source *s);

/* Ask for its range. */
void source_attempt(struct source *s);

/* What becomes of it; with fail, *text says why. */
void source_go_idle(struct source *s);
void source_go_out(struct source *s);
void source_fail(struct source *s, enum status status, const char *text);

/* It is idle again in so many milliseconds; why is said. */
void source_rest(struct source *s, const char *why, int64_t ms);

/*
 * Whether all of the file, from its first byte on, is sent in place of a range
 * of what is known to be the same file: then the range is taken out of it.
 */
bool source_can_join(const struct source *s, const struct digest *stated);

/* What a fetch calls: source_take.c's, and source_end.c's. */
bool source_answer(void *owner, const struct http_response *r);
bool source_data(void *owner, struct slice data);
void source_ended(void *owner, enum fetch_end end, int error, const char *why);

#endif
