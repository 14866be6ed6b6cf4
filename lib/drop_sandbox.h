#ifndef NAP_DROP_SANDBOX_H
#define NAP_DROP_SANDBOX_H

#include <stdbool.h>

/*
 * Confinement: a process that has started keeps only what it goes on needing.
 * In this order: no new privileges by exec; Landlock, for files, ports and
 * other processes; no capabilities; a filter of system calls. Each stands
 * without the others.
 */

enum drop_sandbox_mode {
	DROP_SANDBOX_OFF,
	DROP_SANDBOX_TRY, /* what the kernel lacks is left out, and told */
	DROP_SANDBOX_REQUIRE /* what the kernel lacks is an error */
};

/*
 * What the rest of a process's life needs. Always open to it: memory, threads,
 * time, random numbers, the descriptors that it has, and connections to others
 * by TCP. Unix-domain sockets are where the service manager listens
 * (NOTIFY_SOCKET), syslog, and who helps to look up names: other doors behind
 * which somebody may do as asked, and shut to who needs none of these.
 */
struct drop_sandbox {
	enum drop_sandbox_mode mode;
	int read; /* a directory: what is below may be read; -1: none */
	/* Others: so may files below them; ends in -1, or NULL. */
	const int *files;
	const char *write; /* one whose files may change, too; NULL: none */
	bool resolve; /* names of hosts, for which libc reads files */
	bool bind; /* connect from an address of its own, any free port */
	bool syslog; /* talk goes there */
};

/* "off", "try" or "require". 0, or -1. */
int drop_sandbox_mode(const char *text, enum drop_sandbox_mode *mode);

/*
 * Shut the doors, for this thread and those that it starts: call it before
 * there are others. There is no way back. The descriptor and the text are
 * wanted during the call only. 0, or -1 after saying which part is missing,
 * which happens with DROP_SANDBOX_REQUIRE alone; some are then in place.
 */
int drop_sandbox_enter(const struct drop_sandbox *s);

#endif
