#ifndef NAP_INETD_H
#define NAP_INETD_H

struct ports;

/* What is left to do for a process that a super-server has started. */
enum inetd {
	INETD_SERVE, /* be the index */
	INETD_DONE, /* leave: another is */
	INETD_FAILED, /* leave with a failure, which was told */
	INETD_MISUSED /* likewise: descriptor 0 is nothing to serve */
};

/*
 * Begin with the socket that is descriptor 0. A listening one is added to
 * ports, and this process is the index. A connection is handed over to the
 * resident at path (handoff.h); in the process that is to be the resident,
 * *reception is where more will come.
 *
 * From now on talk goes to syslog, since 0, 1 and 2 may be the client, and no
 * other descriptor of whoever started us is open.
 */
enum inetd inetd_begin(struct ports *ports, int *reception, const char *path);

#endif
