#include "drop_calls.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "drop_kernel.h"

/* The numbers of other processors may be looked up once somebody has one. */
#if (defined(__x86_64__) || defined(__aarch64__)) && defined(__LP64__)

#define FILES (DROP_CALLS_READ | DROP_CALLS_WRITE | DROP_CALLS_RESOLVE)
#define CHANGES DROP_CALLS_WRITE
#define NAMES DROP_CALLS_RESOLVE

/* Columns: answer or needs, and the test. */
#define PASS(call)                \
	{                         \
		.nr = __NR_##call \
	}
#define PASS_FOR(call, n)                       \
	{                                       \
		.nr = __NR_##call, .needs = (n) \
	}
#define PASS_IF(call, n, ...)                                            \
	{                                                                \
		.nr = __NR_##call, .needs = (n), .test = { __VA_ARGS__ } \
	}
#define DEATH(call)                                           \
	{                                                     \
		.nr = __NR_##call, .answer = DROP_CALLS_DEATH \
	}

#define EVERY_BIT UINT32_MAX

static const struct drop_calls_row rows[] = {
    /* What depends on arguments; the kernel remembers its answer to others. */
    PASS_IF(socket, 0, 0, EVERY_BIT, 2, {AF_INET, AF_INET6}),
    PASS_IF(socket, DROP_CALLS_LOCAL, 0, EVERY_BIT, 1, {AF_UNIX}),
    PASS_IF(socket, NAMES, 0, EVERY_BIT, 2, {AF_NETLINK, AF_UNIX}),
    PASS_IF(mmap, 0, 2, PROT_EXEC, 1, {0}),
    /* A module that a look-up loads, never what could be written to before. */
    PASS_IF(mmap, NAMES, 2, PROT_EXEC | PROT_WRITE, 1, {PROT_EXEC}),
    PASS_IF(mprotect, 0, 2, PROT_EXEC, 1, {0}),
    PASS_IF(clone, 0, 0, CLONE_THREAD, 1, {CLONE_THREAD}),
    PASS_IF(ioctl, 0, 1, EVERY_BIT, 5,
	{TIOCOUTQ, FIONREAD, FIONBIO, TCGETS, TIOCGWINSZ}),
    PASS_IF(fcntl, 0, 1, EVERY_BIT, 6,
	{F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC}),
    PASS_IF(tgkill, 0, 0, EVERY_BIT, 0, {0}),
    /* As some abort; from other threads than the first, they crash. */
    PASS_IF(tkill, 0, 0, EVERY_BIT, 0, {0}),
    PASS_IF(prlimit64, 0, 0, EVERY_BIT, 1, {0}),
    PASS_IF(setpriority, 0, 1, EVERY_BIT, 1, {0}),
    PASS_IF(ioprio_set, 0, 1, EVERY_BIT, 1, {0}),
    PASS_IF(sched_setscheduler, 0, 0, EVERY_BIT, 1, {0}),
    PASS_IF(sched_setattr, 0, 0, EVERY_BIT, 1, {0}),
    PASS_IF(sched_getattr, 0, 0, EVERY_BIT, 1, {0}),

    /* The flags of clone3 lie in memory, which no filter sees. */
    {.nr = __NR_clone3, .answer = DROP_CALLS_UNKNOWN},

    /* Descriptors */
    PASS(read),
    PASS(write),
    PASS(readv),
    PASS(writev),
    PASS(pread64),
    PASS(pwrite64),
    PASS(preadv),
    PASS(pwritev),
    PASS(lseek),
    PASS(close),
    PASS(close_range),
    PASS(dup),
    PASS(dup3),
    PASS(fstat),
    PASS(newfstatat),
    PASS(statx),
    PASS(ftruncate),
    PASS(flock),
    PASS(pipe2),
    PASS(sendfile),
    PASS(splice),
    PASS(epoll_create1),
    PASS(epoll_ctl),
    PASS(epoll_pwait),
    PASS(epoll_pwait2),
    PASS(ppoll),
    PASS(pselect6),
    PASS(eventfd2),

    /* Connections */
    PASS(accept),
    PASS(accept4),
    PASS(connect),
    PASS(getsockname),
    PASS(getpeername),
    PASS(getsockopt),
    PASS(setsockopt),
    PASS(sendto),
    PASS(sendmsg),
    PASS(sendmmsg),
    PASS(recvfrom),
    PASS(recvmsg),
    PASS(recvmmsg),
    PASS(shutdown),
    /* A look-up binds sockets of UDP and of netlink. */
    PASS_FOR(bind, DROP_CALLS_BIND | NAMES),

    /* Memory, threads, signals, time */
    PASS(munmap),
    PASS(mremap),
    PASS(madvise),
    PASS(mincore),
    PASS(brk),
    PASS(membarrier),
    PASS(futex),
    PASS(set_robust_list),
    PASS(set_tid_address),
    PASS(rseq),
    PASS(sched_yield),
    PASS(sched_getaffinity),
    PASS(sched_getparam),
    PASS(sched_getscheduler),
    PASS(exit),
    PASS(exit_group),
    PASS(rt_sigaction),
    PASS(rt_sigprocmask),
    PASS(rt_sigpending),
    PASS(rt_sigreturn),
    PASS(rt_sigsuspend),
    PASS(rt_sigtimedwait),
    PASS(sigaltstack),
    PASS(restart_syscall),
    PASS(clock_gettime),
    PASS(clock_getres),
    PASS(clock_nanosleep),
    PASS(nanosleep),
    PASS(gettimeofday),
    PASS(getitimer),
    PASS(setitimer),

    /* What a process may know of itself and of the system */
    PASS(getrandom),
    PASS(getpid),
    PASS(getppid),
    PASS(gettid),
    PASS(getuid),
    PASS(geteuid),
    PASS(getgid),
    PASS(getegid),
    PASS(getresuid),
    PASS(getresgid),
    PASS(getgroups),
    PASS(getpriority),
    PASS(getrlimit),
    PASS(getrusage),
    PASS(getcpu),
    PASS(sysinfo),
    PASS(uname),
    PASS(umask),

    /* Files */
    PASS_FOR(openat, FILES),
    PASS_FOR(openat2, FILES),
    PASS_FOR(getdents64, FILES),
    PASS_FOR(readlinkat, FILES),
    PASS_FOR(faccessat, FILES),
    PASS_FOR(faccessat2, FILES),
    PASS_FOR(getcwd, FILES),
    PASS_FOR(statfs, FILES),
    PASS_FOR(fstatfs, FILES),
    PASS_FOR(fadvise64, FILES),
    PASS_FOR(readahead, FILES),
    PASS_FOR(inotify_init1, DROP_CALLS_READ),
    PASS_FOR(inotify_add_watch, DROP_CALLS_READ),
    PASS_FOR(inotify_rm_watch, DROP_CALLS_READ),
    PASS_FOR(fsync, CHANGES),
    PASS_FOR(fdatasync, CHANGES),
    PASS_FOR(fallocate, CHANGES),
    PASS_FOR(unlinkat, CHANGES),
    PASS_FOR(renameat, CHANGES),
    PASS_FOR(renameat2, CHANGES),

#ifdef __x86_64__
    /* Older forms, which the other processor never had. */
    PASS(arch_prctl),
    PASS(dup2),
    PASS(pipe),
    PASS(poll),
    PASS(select),
    PASS(epoll_create),
    PASS(epoll_wait),
    PASS(eventfd),
    PASS(time),
    PASS(alarm),
    PASS(pause),
    PASS_FOR(stat, FILES),
    PASS_FOR(lstat, FILES),
    PASS_FOR(open, FILES),
    PASS_FOR(access, FILES),
    PASS_FOR(readlink, FILES),
    PASS_FOR(getdents, FILES),
    PASS_FOR(inotify_init, DROP_CALLS_READ),
    PASS_FOR(unlink, CHANGES),
    PASS_FOR(rename, CHANGES),
    DEATH(ioperm),
    DEATH(iopl),
#endif

    /* What neither we nor a libc would call. */
    DEATH(acct),
    DEATH(add_key),
    DEATH(bpf),
    DEATH(chroot),
    DEATH(clock_settime),
    DEATH(delete_module),
    DEATH(finit_module),
    DEATH(init_module),
    DEATH(kexec_load),
    DEATH(keyctl),
    DEATH(mount),
    DEATH(open_by_handle_at),
    DEATH(perf_event_open),
    DEATH(pivot_root),
    DEATH(process_vm_readv),
    DEATH(process_vm_writev),
    DEATH(ptrace),
    DEATH(reboot),
    DEATH(request_key),
    DEATH(setns),
    DEATH(settimeofday),
    DEATH(swapoff),
    DEATH(swapon),
    DEATH(umount2),
    DEATH(unshare),
    DEATH(userfaultfd),
};

const struct drop_calls_row *
drop_calls(size_t *count)
{
	*count = sizeof rows / sizeof *rows;
	return rows;
}

#else

const struct drop_calls_row *
drop_calls(size_t *count)
{
	*count = 0;
	return NULL;
}

#endif
