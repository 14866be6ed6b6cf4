#ifndef NAP_NGET_OPTIONS_H
#define NAP_NGET_OPTIONS_H

#include <stdbool.h>

#include "lib/locator.h"
#include "run.h"
#include "settings.h"

/* What the command line says. */
struct options {
	struct settings settings;
	bool list; /* what the peer at host shares */
	struct locator_host host;
	struct run_operands operands; /* host above is what theirs points to */
};

/*
 * Read it and the environment, and set the level of talk; a usage error ends
 * the program. To be given back; the strings are those of argv.
 */
void options_read(int argc, char **argv, struct options *o);
void options_free(struct options *o);

#endif
