#ifndef NAP_RELOAD_READER_H
#define NAP_RELOAD_READER_H

#include "lib/drop_sandbox.h"
#include "lib/presets.h"

/*
 * A process that can still read the files of presets when indexd, which started
 * it, may open none: it does that when asked, and nothing else. It has the
 * user, the confinement and no descriptor of indexd's, and ends with it.
 */

struct reload_reader_spec {
	const struct presets *presets; /* where the files are */
	const char *user; /* to become; NULL: who we are */
	enum drop_sandbox_mode sandbox;
};

/*
 * Start it: before there are threads, and while the files' directories can be
 * reached. Returns the descriptor to ask it with, whose closing ends it; or -1
 * with errno.
 */
int reload_reader_start(const struct reload_reader_spec *spec);

/*
 * Have it read the files into those of p, which have their paths and no texts.
 * 0, or -1 with p->why; *reader is closed and -1 when the process has ended or
 * does not answer in time.
 */
int reload_reader_ask(int *reader, struct presets *p);

#endif
