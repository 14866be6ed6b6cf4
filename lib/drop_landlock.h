#ifndef NAP_DROP_LANDLOCK_H
#define NAP_DROP_LANDLOCK_H

struct drop_sandbox;

/*
 * Landlock (Linux 5.13): no file but what s names, and as far as the kernel
 * knows how, no TCP port (6.7), no device's ioctl (6.10), no abstract
 * Unix-domain socket and no signal to others (6.12). 0, or -1 with errno,
 * ENOSYS or EOPNOTSUPP where there is none.
 *
 * Names of hosts: the files that libc reads for them, the directories of the
 * services that keep some of these, and all of /etc, but for root where
 * resolv.conf is a symbolic link to elsewhere.
 *
 * Rules hold for a directory, wherever it moves and whatever is moved or
 * mounted below it later.
 */
int drop_landlock(const struct drop_sandbox *s);

#endif
