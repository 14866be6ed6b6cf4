#ifndef NAP_NGET_SETTINGS_H
#define NAP_NGET_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/digest.h"
#include "lib/indexes.h"

/* What the options say. */
struct settings {
	const char *directory; /* NULL: the current one */
	const char *output; /* of -o; NULL: the basename of each locator */
	struct indexes indexes; /* to ask for other sources; perhaps none */
	struct digest digest; /* of the one file */
	uint64_t rate; /* bytes a second, 0: no limit */
	int64_t timeout_ms;
	unsigned files; /* at a time */
	bool multiple; /* the locators are sources of one file */
	bool replace;
	bool no_continue;
	bool quiet;
};

#endif
