#ifndef NAP_OPTIONS_H
#define NAP_OPTIONS_H

#include "lib/locator.h"
#include "lib/log.h"
#include "lib/presets.h"
#include "share.h"

#define OPTIONS_EXCLUDES 256

/* What files and the command line say; the globs live in here. */
struct options {
	struct share_options share;
	const char *excludes[OPTIONS_EXCLUDES];
	struct locator_host listen; /* what share points to */
	enum log_level level;
	int indexes; /* whence those of share come */
	struct presets presets;
};

/*
 * Read the files of lib/presets.h, NAP_INDEX and the command line into o, which
 * stays in place. What is wrong with them ends the program (lib/opt.h), and so
 * do --help and --version.
 */
void options_take(struct options *o, int argc, char *argv[]);

/* Give back what it holds. */
void options_free(struct options *o);

#endif
