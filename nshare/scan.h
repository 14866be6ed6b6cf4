#ifndef NAP_SCAN_H
#define NAP_SCAN_H

#include <stdint.h>

struct catalogue;
struct hashes;
struct rule;

/* What a scan could not take. */
struct scan_report {
	uint64_t unnameable; /* names that the protocols cannot carry */
	uint64_t unreadable; /* directories, or what could not be looked at */
};

/* Each is warned of, until it is this many; then they are only counted. */
#define SCAN_WARNINGS 20

/*
 * Add every regular file below the directory root that the rule shares, to a
 * catalogue, without sorting it, and with its digest where hashes, which may be
 * NULL, know it. Symbolic links are not followed, one directory
 * is open at a time. 0, or -1 with errno when root itself cannot be read or
 * memory is short; what is wrong below is warned of and counted.
 */
int scan_tree(int root, const struct rule *rule, struct hashes *hashes,
    struct catalogue *files, struct scan_report *report);

#endif
