#ifndef NAP_NGET_SETTINGS_H
#define NAP_NGET_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/digest.h"

/* What the options say. */
struct settings {
	const char *directory; /* NULL: the current one */
	const char *output; /* of -o; NULL: the basename of each locator */
	struct digest digest; /* of the one file */
	uint64_t rate; /* bytes a second, 0: no limit */
	int64_t timeout_ms;
	unsigned files; /* at a time */
	bool replace;
	bool no_continue;
	bool quiet;
};

#endif
