#ifndef NAP_SHARE_H
#define NAP_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/drop_sandbox.h"
#include "lib/indexes.h"
#include "listeners.h"
#include "rule.h"
#include "silence.h"

/* What the command line says. */
struct share_options {
	const char *dir;
	struct indexes indexes; /* at least one */
	struct listeners_spec listen;
	struct rule rule;
	uint32_t slots; /* transfers at the same time */
	uint64_t rate; /* bytes a second for all of them; 0: no limit */
	uint32_t max_conns; /* from one address */
	struct silence_times times; /* of indexes */
	int64_t stall_ms; /* that a reader may take nothing */
	uint32_t timeout; /* seconds until a daemon must be registered */
	bool daemon;
	bool no_hash; /* no digest is to be computed */
	bool no_watch; /* what changes later is of no interest */
	const char *user; /* to become; NULL: who we are */
	enum drop_sandbox_mode sandbox;
};

#define SHARE_SLOTS 256
#define SHARE_MAX_CONNS 64
#define SHARE_STALL_MS 30000
/* Connections in all, as far as there are descriptors. */
#define SHARE_CONNS_MAX 4096
#define SHARE_TIMEOUT 30

/*
 * Share a directory until a signal ends it. Returns the exit status: 0, 1 (said
 * why), or 3 when a daemon could not register in time.
 */
int share_run(const struct share_options *options);

#endif
