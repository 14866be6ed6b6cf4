#ifndef NAP_OPTIONS_H
#define NAP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/drop_sandbox.h"
#include "lib/log.h"
#include "lib/presets.h"
#include "limits.h"
#include "ports.h"

#define OPTIONS_TRUSTED 64

/* What files and the command line say; the trusted networks live in here. */
struct options {
	const char *listen[PORTS_MAX];
	size_t listen_count;
	bool v4, v6; /* these alone; neither, or both: any */
	unsigned threads;
	bool daemon;
	bool inetd; /* descriptor 0 is the socket */
	const char *handoff; /* where the resident is, or NULL */
	int64_t idle_exit; /* seconds without a connection; 0: never */
	const char *pidfile;
	const char *user;
	enum drop_sandbox_mode sandbox;
	struct limits limits;
	struct addr_block trusted[OPTIONS_TRUSTED];
	enum log_level level;
	struct {
		int listen, trust;
	} sources; /* whence these lists come */
	struct presets presets;
	int argc; /* the command line */
	char **argv;
};

/*
 * Read the files of lib/presets.h and the command line, which is kept by
 * reference, into o, which stays in place. What is wrong with them ends the program (lib/opt.h), and so do --help
 * and --version.
 */
void options_take(struct options *o, int argc, char *argv[]);

/*
 * The same for another o, from files that have been read into o->presets and the
 * command line of first. 0, or -1 with o->presets.why.
 */
int options_again(struct options *o, const struct options *first);

/* Texts that o points to are gone. */
void options_free(struct options *o);

#endif
