#ifndef NAP_NGET_RUN_H
#define NAP_NGET_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/locator.h"
#include "outcome.h"

struct settings;

/* What is to be fetched. */
struct run_operands {
	char **list;
	size_t count;
	const struct locator_host *host; /* with it they are raw names of it */
	bool from_stdin; /* the locators come from there */
};

/*
 * Fetch everything, so many at a time. Returns the status of the first operand
 * that failed; what went wrong has been said. A signal ends the process.
 */
enum status run(
    const struct settings *settings, const struct run_operands *operands);

#endif
