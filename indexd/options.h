#ifndef NAP_OPTIONS_H
#define NAP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/drop_sandbox.h"
#include "lib/log.h"
#include "limits.h"
#include "ports.h"

#define OPTIONS_TRUSTED 64

/* What the command line says; the trusted networks live in here. */
struct options {
	const char *listen[PORTS_MAX];
	size_t listen_count;
	bool v4, v6; /* these alone; neither, or both: any */
	unsigned threads;
	bool daemon;
	const char *pidfile;
	const char *user;
	enum drop_sandbox_mode sandbox;
	struct limits limits;
	struct addr_block trusted[OPTIONS_TRUSTED];
	enum log_level level;
};

/*
 * Read the command line into o, which stays in place. What is wrong with it
 * ends the program (lib/opt.h), and so do --help and --version.
 */
void options_take(struct options *o, int argc, char *argv[]);

#endif
