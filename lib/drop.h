#ifndef NAP_DROP_H
#define NAP_DROP_H

#include <stdbool.h>
#include <sys/types.h>

/* A process that is leaving the terminal: begun, then done. */
struct drop_daemon {
	int pipe;
	int null; /* opened while files still may be */
};

/*
 * Fork: the child returns 0 in a session of its own, still talking to the
 * terminal; the parent waits and exits with what drop_daemon_done says, or with
 * 1 when the child dies first. -1 with errno when there is no child.
 */
int drop_daemon_begin(struct drop_daemon *d);

/*
 * In the child: let the parent exit with status, and with 0 let go of the
 * terminal (0, 1 and 2 become /dev/null, talk goes to syslog). Opens nothing.
 */
void drop_daemon_done(struct drop_daemon *d, int status);

/*
 * Whether a service manager has started this very process and watches it, so
 * that it had better not leave ($SYSTEMD_EXEC_PID, systemd.exec(5)).
 */
bool drop_is_watched(void);

/* Let 0, 1 and 2 be /dev/null and talk go to syslog. 0, or -1 with errno. */
int drop_standard(void);

/*
 * Fork a process that outlives us and whoever started us: the child returns 0,
 * in a session of its own, with its standard descriptors dropped as above; the
 * parent its number, or -1 with errno.
 */
pid_t drop_offspring(void);

/*
 * Write our process id to path, locked for as long as we live. Returns the
 * descriptor that holds the lock, or -1 with errno (EAGAIN: another holds it).
 */
int drop_pidfile(const char *path);

/*
 * The process that fd is the pidfile of is at its end: empty it, and remove it
 * where that is still allowed (a confined process may not). fd is closed.
 */
void drop_pidfile_end(int fd, const char *path);

/*
 * Close every descriptor from that one on: what a process of another kind has
 * inherited is not its own.
 */
void drop_descriptors(int first);

/*
 * Become user for good, with its groups and its HOME, and make sure that there
 * is no way back. 0, or -1 with errno (ENOENT: no such user; EINVAL: the user
 * is root; EPERM: there would be a way back).
 */
int drop_privileges(const char *user);

/* The same. 0, or -1 after saying why. */
int drop_to_user(const char *user);

#endif
