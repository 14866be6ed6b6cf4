#ifndef NAP_TESTS_NAIVE_MATCH_H
#define NAP_TESTS_NAIVE_MATCH_H

#include "indexd/store.h"
#include "lib/slice.h"

/* The class of a path under a query, 0 when it does not match. */
unsigned naive_class(const struct store_query *query, struct slice path);

/* The part of a path behind its last slash. */
struct slice naive_basename(struct slice path);

#endif
