/*
 * The calls that failing.h lets fail. Where the errors of a call are not told by
 * errno, or a call leaves something done though it fails, so does the one here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "failing.h"

/* Some libcs say by macros that the second names are the first. */
#undef fallocate64
#undef fcntl64
#undef fstat64
#undef fstatat64
#undef fstatvfs64
#undef ftruncate64
#undef lseek64
#undef lstat64
#undef mmap64
#undef open64
#undef openat64
#undef pread64
#undef pwrite64
#undef readdir64
#undef sendfile64
#undef stat64

#define REAL(name) __real_##name
#define WRAP(name) __wrap_##name
#define DECLARE(like, name, rare)              \
	extern __typeof(like) REAL(name) rare; \
	extern __typeof(like) WRAP(name);

/* Calls that glibc has twice, for old and for large files, and others once. */
#define TWICE(as, name) as(name, ) as(name##64, __attribute__((weak)))

/* A call that returns failure, with errno, and has done nothing. */
#define FAILS(called, type, failure, like, name, rare, params, args) \
	DECLARE(like, name, rare)                                    \
	type WRAP(name) params                                       \
	{                                                            \
		if (failing_now(called))                             \
			return failure;                              \
		return REAL(name) args;                              \
	}

#define ONCE(name, params, args) \
	FAILS(#name, int, -1, name, name, , params, args)

/* A call that moves so many bytes, or fewer. */
#define MOVES(called, like, name, rare, params, args) \
	DECLARE(like, name, rare)                     \
	ssize_t WRAP(name) params                     \
	{                                             \
		if (failing_short(called, &len))      \
			return -1;                    \
		return REAL(name) args;               \
	}

/* --- memory ----------------------------------------------------------------- */

#define MEMORY(type, name, params, args) \
	FAILS("memory", type, NULL, name, name, , params, args)

MEMORY(void *, malloc, (size_t size), (size))
MEMORY(void *, calloc, (size_t count, size_t size), (count, size))
MEMORY(void *, realloc, (void *old, size_t size), (old, size))
MEMORY(void *, reallocarray, (void *old, size_t count, size_t size),
    (old, count, size))
MEMORY(char *, strdup, (const char *text), (text))
MEMORY(char *, strndup, (const char *text, size_t size), (text, size))
MEMORY(DIR *, fdopendir, (int fd), (fd))

#define MMAP(name, rare)                                                   \
	FAILS("memory", void *, MAP_FAILED, mmap, name, rare,              \
	    (void *at, size_t len, int may, int flags, int fd, off_t off), \
	    (at, len, may, flags, fd, off))
TWICE(MMAP, mmap)

/* The fifth argument is there with one flag alone, and else not looked at. */
DECLARE(mremap, mremap, )
void *
WRAP(mremap)(void *old, size_t len, size_t wanted, int flags, ...)
{
	va_list more;
	void *to;

	if (failing_now("memory"))
		return MAP_FAILED;
	va_start(more, flags);
	to = va_arg(more, void *);
	va_end(more);
	return REAL(mremap)(old, len, wanted, flags, to);
}

DECLARE(asprintf, asprintf, )
int
WRAP(asprintf)(char **text, const char *format, ...)
{
	va_list args;
	int length;

	if (failing_now("memory"))
		return -1;
	va_start(args, format);
	length = vasprintf(text, format, args);
	va_end(args);
	return length;
}

DECLARE(getaddrinfo, getaddrinfo, )
int
WRAP(getaddrinfo)(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	if (failing_now("memory"))
		return EAI_MEMORY;
	return REAL(getaddrinfo)(host, service, hints, found);
}

DECLARE(pthread_create, pthread_create, )
int
WRAP(pthread_create)(pthread_t *thread, const pthread_attr_t *how,
    void *(*run)(void *), void *with)
{
	if (failing_now("pthread_create"))
		return errno;
	return REAL(pthread_create)(thread, how, run, with);
}

/* --- bytes ------------------------------------------------------------------ */

MOVES("read", read, read, , (int fd, void *to, size_t len), (fd, to, len))
MOVES("write", write, write, , (int fd, const void *from, size_t len),
    (fd, from, len))
MOVES("recv", recv, recv, , (int fd, void *to, size_t len, int flags),
    (fd, to, len, flags))
MOVES("send", send, send, , (int fd, const void *from, size_t len, int flags),
    (fd, from, len, flags))

#define PREAD(name, rare)                 \
	MOVES("pread", pread, name, rare, \
	    (int fd, void *to, size_t len, off_t at), (fd, to, len, at))
#define PWRITE(name, rare)                                    \
	MOVES("pwrite", pwrite, name, rare,                   \
	    (int fd, const void *from, size_t len, off_t at), \
	    (fd, from, len, at))
#define SENDFILE(name, rare)                    \
	MOVES("sendfile", sendfile, name, rare, \
	    (int to, int from, off_t *at, size_t len), (to, from, at, len))
TWICE(PREAD, pread)
TWICE(PWRITE, pwrite)
TWICE(SENDFILE, sendfile)

/* --- sockets, and waiting for them ------------------------------------------ */

ONCE(socket, (int family, int type, int protocol), (family, type, protocol))
ONCE(bind, (int fd, const struct sockaddr *to, socklen_t len), (fd, to, len))
ONCE(listen, (int fd, int backlog), (fd, backlog))
ONCE(accept4, (int fd, struct sockaddr *who, socklen_t *len, int flags),
    (fd, who, len, flags))
ONCE(getsockname, (int fd, struct sockaddr *name, socklen_t *len),
    (fd, name, len))
ONCE(getsockopt, (int fd, int level, int name, void *to, socklen_t *len),
    (fd, level, name, to, len))
ONCE(getpeername, (int fd, struct sockaddr *name, socklen_t *len),
    (fd, name, len))
ONCE(setsockopt, (int fd, int level, int name, const void *to, socklen_t len),
    (fd, level, name, to, len))
ONCE(shutdown, (int fd, int how), (fd, how))
ONCE(socketpair, (int family, int type, int protocol, int *fds),
    (family, type, protocol, fds))
FAILS("sendmsg", ssize_t, -1, sendmsg, sendmsg, ,
    (int fd, const struct msghdr *message, int flags), (fd, message, flags))
FAILS("recvmsg", ssize_t, -1, recvmsg, recvmsg, ,
    (int fd, struct msghdr *message, int flags), (fd, message, flags))
ONCE(epoll_create1, (int flags), (flags))
ONCE(epoll_ctl, (int fd, int op, int of, struct epoll_event *event),
    (fd, op, of, event))
ONCE(epoll_wait, (int fd, struct epoll_event *events, int max, int ms),
    (fd, events, max, ms))
ONCE(poll, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms))
ONCE(eventfd, (unsigned count, int flags), (count, flags))
ONCE(inotify_init1, (int flags), (flags))
ONCE(inotify_add_watch, (int fd, const char *path, uint32_t mask),
    (fd, path, mask))
ONCE(pipe2, (int *fds, int flags), (fds, flags))
ONCE(signalfd, (int fd, const sigset_t *signals, int flags),
    (fd, signals, flags))
MOVES("getrandom", getrandom, getrandom, ,
    (void *to, size_t len, unsigned flags), (to, len, flags))

/* Interrupted, it goes on behind the scenes. */
DECLARE(connect, connect, )
int
WRAP(connect)(int fd, const struct sockaddr *to, socklen_t len)
{
	bool fails = failing_now("connect");
	int why = errno, result = 0;

	if (!fails || why == EINTR)
		result = REAL(connect)(fd, to, len);
	if (!fails)
		return result;
	errno = why;
	return -1;
}

/* --- files ------------------------------------------------------------------ */

ONCE(fsync, (int fd), (fd))
ONCE(fdatasync, (int fd), (fd))
ONCE(flock, (int fd, int operation), (fd, operation))
ONCE(mkdir, (const char *path, mode_t mode), (path, mode))
ONCE(mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode))
ONCE(fchdir, (int fd), (fd))
FAILS("fork", pid_t, -1, fork, fork, , (void), ())
ONCE(rename, (const char *from, const char *to), (from, to))
ONCE(renameat, (int a, const char *from, int b, const char *to),
    (a, from, b, to))
ONCE(linkat, (int a, const char *from, int b, const char *to, int flags),
    (a, from, b, to, flags))
ONCE(unlink, (const char *path), (path))
ONCE(unlinkat, (int dir, const char *path, int flags), (dir, path, flags))
ONCE(faccessat, (int dir, const char *path, int mode, int flags),
    (dir, path, mode, flags))
FAILS("readlink", ssize_t, -1, readlink, readlink, ,
    (const char *path, char *to, size_t len), (path, to, len))
FAILS("realpath", char *, NULL, realpath, realpath, ,
    (const char *path, char *to), (path, to))

#define FILES(called, like, name, rare, params, args) \
	FAILS(called, int, -1, like, name, rare, params, args)

#define FSTAT(name, rare) \
	FILES("stat", fstat, name, rare, (int fd, struct stat *st), (fd, st))
#define FSTATAT(name, rare)                                          \
	FILES("stat", fstatat, name, rare,                           \
	    (int dir, const char *path, struct stat *st, int flags), \
	    (dir, path, st, flags))
#define STAT(name, rare)                                                     \
	FILES("stat", stat, name, rare, (const char *path, struct stat *st), \
	    (path, st))
#define FSTATVFS(name, rare)                                                  \
	FILES("fstatvfs", fstatvfs, name, rare, (int fd, struct statvfs *st), \
	    (fd, st))
#define FALLOCATE(name, rare)                     \
	FILES("fallocate", fallocate, name, rare, \
	    (int fd, int mode, off_t at, off_t len), (fd, mode, at, len))
#define FTRUNCATE(name, rare)                                          \
	FILES("ftruncate", ftruncate, name, rare, (int fd, off_t len), \
	    (fd, len))
#define LSEEK(name, rare)                            \
	FAILS("lseek", off_t, -1, lseek, name, rare, \
	    (int fd, off_t to, int from), (fd, to, from))
#define READDIR(name, rare)                                          \
	FAILS("readdir", struct dirent *, NULL, readdir, name, rare, \
	    (DIR * dir), (dir))
TWICE(STAT, lstat)
TWICE(STAT, stat)
TWICE(FSTAT, fstat)
TWICE(FSTATAT, fstatat)
TWICE(FSTATVFS, fstatvfs)
TWICE(FALLOCATE, fallocate)
TWICE(FTRUNCATE, ftruncate)
TWICE(LSEEK, lseek)
TWICE(READDIR, readdir)

/* What is given to it is one word, if anything. */
#define FCNTL(name, rare)                          \
	DECLARE(fcntl, name, rare)                 \
	int WRAP(name)(int fd, int what, ...)      \
	{                                          \
		va_list more;                      \
		void *with;                        \
                                                   \
		if (failing_now("fcntl"))          \
			return -1;                 \
		va_start(more, what);              \
		with = va_arg(more, void *);       \
		va_end(more);                      \
		return REAL(name)(fd, what, with); \
	}
TWICE(FCNTL, fcntl)

/* The mode is read where none was given, too: then nobody looks at it. */
#define OPENS(like, name, rare, params, args) \
	DECLARE(like, name, rare)             \
	int WRAP(name) params                 \
	{                                     \
		va_list more;                 \
		mode_t mode;                  \
                                              \
		if (failing_now("open"))      \
			return -1;            \
		va_start(more, flags);        \
		mode = va_arg(more, mode_t);  \
		va_end(more);                 \
		return REAL(name) args;       \
	}
#define OPEN(name, rare)                                            \
	OPENS(open, name, rare, (const char *path, int flags, ...), \
	    (path, flags, mode))
#define OPENAT(name, rare)                                                     \
	OPENS(openat, name, rare, (int dir, const char *path, int flags, ...), \
	    (dir, path, flags, mode))
TWICE(OPEN, open)
TWICE(OPENAT, openat)

/* A descriptor is gone, whatever close returns. */
DECLARE(close, close, )
int
WRAP(close)(int fd)
{
	bool fails = failing_now("close");
	int why = errno, result = REAL(close)(fd);

	if (!fails)
		return result;
	errno = why;
	return -1;
}

/* --- the process itself ----------------------------------------------------- */

ONCE(getgroups, (int room, gid_t *groups), (room, groups))
ONCE(sched_getaffinity, (pid_t pid, size_t size, cpu_set_t *set),
    (pid, size, set))

/* Whoever calls it gives it four words. */
DECLARE(prctl, prctl, )
int
WRAP(prctl)(int what, ...)
{
	va_list more;
	unsigned long arg[4];

	if (failing_now("prctl"))
		return -1;
	va_start(more, what);
	for (size_t i = 0; i < sizeof arg / sizeof *arg; i++)
		arg[i] = va_arg(more, unsigned long);
	va_end(more);
	return REAL(prctl)(what, arg[0], arg[1], arg[2], arg[3]);
}

/*
 * What libc has no name for: openat2, renameat2. Nobody knows how many arguments
 * there are: as libc's own does, it takes whatever lies there for the others.
 */
DECLARE(syscall, syscall, )
__attribute__((no_sanitize("address"))) long
WRAP(syscall)(long number, ...)
{
	va_list more;
	long arg[6];

	if (failing_now("syscall"))
		return -1;
	va_start(more, number);
	for (size_t i = 0; i < sizeof arg / sizeof *arg; i++)
		arg[i] = va_arg(more, long);
	va_end(more);
	return REAL(syscall)(
	    number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
