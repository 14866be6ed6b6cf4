#ifndef NAP_NGET_OPTIONS_H
#define NAP_NGET_OPTIONS_H

#include <stdbool.h>

#include "lib/locator.h"
#include "lib/presets.h"
#include "run.h"
#include "settings.h"

/* What files and the command line say. */
struct options {
	struct settings settings;
	bool list; /* what the peer at host shares */
	struct locator_host host;
	struct run_operands operands; /* host above is what theirs points to */
	struct presets presets;
};

/*
 * Read them and the environment, and set the level of talk; a usage error ends
 * the program. To be given back; strings are those of argv and of presets.
 */
void options_read(int argc, char **argv, struct options *o);
void options_free(struct options *o);

#endif
