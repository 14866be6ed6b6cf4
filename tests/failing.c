#include "failing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL_MAX 32
#define CUT_SHORT -1

/* Not a status of the programs', nor of the shell's. */
#define STATUS_REFUSED 99

extern long __real_syscall(long number, ...);
extern __typeof(mmap) __real_mmap;

static const struct {
	const char *name;
	int number;
} errors[] = {
    {"EACCES", EACCES},
    {"EAGAIN", EAGAIN},
    {"ECONNABORTED", ECONNABORTED},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ECONNRESET", ECONNRESET},
    {"EINTR", EINTR},
    {"EINVAL", EINVAL},
    {"EIO", EIO},
    {"EMFILE", EMFILE},
    {"ENETUNREACH", ENETUNREACH},
    {"ENFILE", ENFILE},
    {"ENOBUFS", ENOBUFS},
    {"ENOLCK", ENOLCK},
    {"ENOMEM", ENOMEM},
    {"ENOSPC", ENOSPC},
    {"ENOSYS", ENOSYS},
    {"ENOTCONN", ENOTCONN},
    {"EPERM", EPERM},
    {"EPIPE", EPIPE},
    {"ETIMEDOUT", ETIMEDOUT},
    {"ETOOMANYREFS", ETOOMANYREFS},
    {"short", CUT_SHORT},
};

/* What is to fail; it stands before the program begins. */
static struct {
	char call[CALL_MAX];
	int how; /* 0: nothing fails */
	unsigned long first, step; /* step 0: the first one alone */
	char *mark; /* the first byte of that file, or NULL */
	atomic_ulong calls;
} plan;

static int
error_named(const char *name)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].number;
	return 0;
}

/*
 * A confined process can make no file, and one that serves closes what it does
 * not know: so the mark lies in memory from the beginning. By calls that never
 * fail here.
 */
static char *
map_mark(const char *path)
{
	long fd = __real_syscall(
	    SYS_openat, AT_FDCWD, path, O_CREAT | O_RDWR | O_CLOEXEC, 0666);
	char *mark = MAP_FAILED;

	if (fd < 0)
		return NULL;
	/* Another process may have made it, and struck. */
	if (__real_syscall(SYS_ftruncate, fd, 1) == 0)
		mark = __real_mmap(
		    NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	__real_syscall(SYS_close, fd);
	return mark == MAP_FAILED ? NULL : mark;
}

static __attribute__((constructor)) void
obey_environment(void)
{
	const char *what = getenv("NAP_FAIL"), *mark = getenv("NAP_FAIL_MARK");
	char how[CALL_MAX];

	if (what == NULL)
		return;
	if (mark != NULL)
		plan.mark = map_mark(mark);
	if (sscanf(what, "%31[^=]=%31[^@]@%lu/%lu", plan.call, how, &plan.first,
		&plan.step) >= 3)
		plan.how = error_named(how);
	if (plan.how != 0 && plan.first != 0)
		return;
	fprintf(stderr, "failing: '%s' is not CALL=HOW@N\n", what);
	_exit(STATUS_REFUSED);
}

static bool
is_due(const char *call)
{
	unsigned long n;

	if (plan.how == 0 || strcmp(call, plan.call) != 0)
		return false;
	n = atomic_fetch_add(&plan.calls, 1) + 1;
	if (n < plan.first)
		return false;
	if (n > plan.first &&
	    (plan.step == 0 || (n - plan.first) % plan.step != 0))
		return false;
	if (plan.mark != NULL)
		*plan.mark = 'x';
	return true;
}

bool
failing_now(const char *call)
{
	if (!is_due(call))
		return false;
	errno = plan.how;
	return true;
}

bool
failing_short(const char *call, size_t *len)
{
	if (!is_due(call))
		return false;
	if (plan.how != CUT_SHORT) {
		errno = plan.how;
		return true;
	}
	/* An event is written whole, or not at all (eventfd(2)). */
	if (*len > sizeof(uint64_t))
		*len = 1;
	return false;
}
