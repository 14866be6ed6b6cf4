#ifndef NAP_RULE_H
#define NAP_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/slice.h"

/*
 * Which paths below DIR are shared at all: no dotfiles, no unfinished
 * downloads, nothing that a glob excludes, no path that the protocols cannot
 * carry. The scan and the server ask the same rule.
 */
struct rule {
	bool hidden; /* share dotfiles too */
	const char *const *excludes; /* globs, fnmatch(3) */
	size_t exclude_count;
};

/*
 * Whether a directory (a file) may be shared, as far as its last component
 * tells: the directories above it have been asked about. path is relative and
 * followed by a NUL.
 */
bool rule_enters(const struct rule *rule, struct slice path);
bool rule_shares(const struct rule *rule, struct slice path);

/* Whether a scan would come to the file path, whatever it is: all of it. */
bool rule_reaches(const struct rule *rule, struct slice path);

#endif
