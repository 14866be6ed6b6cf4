#ifndef NAP_SITE_H
#define NAP_SITE_H

#include <stdint.h>

#include "lib/slice.h"

struct catalogue;
struct hashes;
struct pace;
struct rule;
struct slots;
struct stat;

/* What is served, and how much of it at a time. All threads share one. */
struct site {
	int root; /* DIR */
	const struct rule *rule;
	struct catalogue *files; /* what listings show */
	struct slots *slots;
	struct pace *pace;
	struct hashes *hashes; /* what digests are known; NULL: none */
	int64_t stall_ms; /* that a reader may take nothing; 0: for ever */
};

/*
 * Open the regular file that path names, as a peer asked for it. The
 * descriptor, and what fstat says of it; or -1 with errno, which is EMFILE,
 * ENFILE, ENOMEM, EINTR or EIO when it may be there at another time, and
 * anything else (ENOENT for what the rule does not share) when there is nothing
 * to serve.
 */
int site_open(const struct site *site, struct slice path, struct stat *st);

#endif
