#ifndef NAP_NGET_NAMED_H
#define NAP_NGET_NAMED_H

#include <stddef.h>

#include "outcome.h"

struct digest;
struct job_order;
struct locator;

/* What an operand names, and the others that are the same file. */

/*
 * Read the text of an order, and with -m its others, into as many locators.
 * Returns 0, or -1 with why.
 */
int named_parse(const struct job_order *order, struct locator *locators,
    struct outcome *why);

/*
 * One content has one digest, whoever names it: give all that which is known
 * of any, or wanted. Returns 0, or -1 with why.
 */
int named_agree(struct locator *locators, size_t count,
    const struct digest *wanted, struct outcome *why);

#endif
