#ifndef NAP_OPENAT2_H
#define NAP_OPENAT2_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* openat2(2) has no wrapper in libc, and its header is not everywhere. */
struct openat2_how {
	uint64_t flags;
	uint64_t mode;
	uint64_t resolve;
};

#define OPENAT2_NO_MAGICLINKS 0x02
#define OPENAT2_NO_SYMLINKS 0x04
#define OPENAT2_BENEATH 0x08

/*
 * Open path below dir, through no symbolic link and never outside. The
 * descriptor, or -1 with errno, which is ENOSYS where the system lacks it.
 */
static inline int
openat2_beneath(int dir, const char *path, int flags)
{
#ifdef SYS_openat2
	const struct openat2_how how = {
	    .flags = (uint64_t)flags,
	    .resolve = OPENAT2_BENEATH | OPENAT2_NO_MAGICLINKS |
		OPENAT2_NO_SYMLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
#else
	(void)dir;
	(void)path;
	(void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

#endif
