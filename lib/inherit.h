#ifndef NAP_INHERIT_H
#define NAP_INHERIT_H

#include <stdbool.h>

/*
 * Occupy those of the descriptors 0, 1 and 2 that are closed with one that can
 * be neither read nor written: a file or connection that took such a place
 * would get what is printed. The first thing that a program does.
 */
void inherit_standard(void);

/*
 * Whether what is printed as an error would go to who is connected by TCP at
 * standard input, as under inetd.
 */
bool inherit_is_client(void);

/*
 * Whether systemd has started this very process, not one that came before it
 * (it tells since version 248).
 */
bool inherit_is_service(void);

/* The first descriptor that systemd hands over (sd_listen_fds(3)). */
#define INHERIT_FIRST 3

/*
 * How many descriptors the service manager passed to this process: LISTEN_FDS
 * when LISTEN_PID is us, else 0; -1 with EINVAL when they make no sense, or
 * with ENOTSOCK when one of them does not listen (Accept=yes). The descriptors
 * become close-on-exec and non-blocking, the variables are removed.
 */
int inherit_listeners(void);

/*
 * Tell the service manager (NOTIFY_SOCKET) a state such as "READY=1"; does
 * nothing without one. 0, or -1 with errno.
 */
int inherit_notify(const char *state);

#endif
