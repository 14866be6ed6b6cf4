/*
 * What is asked of kernels whose Landlock is of another version: they are
 * played, and as strict as each of them is. The numbers are those of the
 * kernel's documentation (Documentation/userspace-api/landlock.rst), not ours.
 */
#include "lib/drop_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/drop_sandbox.h"
#include "tap.h"

/* The three words of a ruleset: of files, of the network, of scopes. */
enum word { FILES, NETWORK, SCOPES, WORDS };

#define NEWEST 7

/* What may be asked of each version, beginning with 1. */
static const uint64_t known[NEWEST][WORDS] = {
    {0x1fff},
    {0x3fff},
    {0x7fff},
    {0x7fff, 3},
    {0xffff, 3},
    {0xffff, 3, 3},
    {0xffff, 3, 3},
};

/* To connect to ports is what the programs are for. */
#define CONNECT 2

/* Rights that say something of files, and so of one alone. */
#define OF_ONE_FILE 0xc007

#define ABSTRACT 1
#define WRITING 0x412e /* what changes files, read, write, cut, make, remove */

static struct {
	long version; /* -1: there is none */
	const uint64_t *knows;
	uint64_t handled[WORDS];
	uint64_t most; /* rights that a rule gave */
	int ports; /* rules of them */
	int entered;
} played;

static bool
is_within(uint64_t bits, uint64_t all)
{
	return bits != 0 && (bits & ~all) == 0;
}

static long
refuse(int error)
{
	errno = error;
	return -1;
}

static long
create(const void *ruleset, size_t size)
{
	uint64_t asked[WORDS] = {0};

	if (size > sizeof asked)
		return refuse(E2BIG);
	memcpy(asked, ruleset, size);
	/* Words that it does not know may be there, if they are 0. */
	for (int i = 0; i < WORDS; i++)
		if ((asked[i] & ~played.knows[i]) != 0)
			return refuse(played.knows[i] ? EINVAL : E2BIG);
	if (asked[FILES] == 0 && asked[NETWORK] == 0 && asked[SCOPES] == 0)
		return refuse(ENOMSG);
	memcpy(played.handled, asked, sizeof asked);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* The last of its fields is not aligned. */
static long
add_path(const char *rule)
{
	uint64_t rights;
	int fd;
	struct stat st;

	memcpy(&rights, rule, sizeof rights);
	memcpy(&fd, rule + sizeof rights, sizeof fd);
	if (fstat(fd, &st) == -1)
		return refuse(EBADFD);
	if (!is_within(rights, played.handled[FILES]))
		return refuse(rights ? EINVAL : ENOMSG);
	if (!S_ISDIR(st.st_mode) && !is_within(rights, OF_ONE_FILE))
		return refuse(EINVAL);
	played.most |= rights;
	return 0;
}

static long
add_port(const uint64_t *rule)
{
	if (played.knows[NETWORK] == 0)
		return refuse(EINVAL);
	if (!is_within(rule[0], played.handled[NETWORK]) || rule[1] > 65535)
		return refuse(EINVAL);
	played.ports++;
	return 0;
}

extern long __wrap_syscall(long number, ...);
long
__wrap_syscall(long number, ...)
{
	va_list more;
	const void *first, *rule;
	size_t size;
	long result;

	va_start(more, number);
	switch (number) {
	case SYS_landlock_create_ruleset:
		first = va_arg(more, const void *);
		size = va_arg(more, size_t);
		if (played.version == -1)
			result = refuse(EOPNOTSUPP);
		else
			result = first ? create(first, size) : played.version;
		break;
	case SYS_landlock_add_rule:
		(void)va_arg(more, int);
		size = (size_t)va_arg(more, int);
		rule = va_arg(more, const void *);
		result = size == 1 ? add_path(rule) : add_port(rule);
		break;
	case SYS_landlock_restrict_self:
		played.entered++;
		result = 0;
		break;
	default:
		result = refuse(ENOSYS);
	}
	va_end(more);
	return result;
}

/* Enter there with all that may be asked for. */
static int
enter(long version)
{
	const int files[] = {open(".", O_PATH | O_CLOEXEC), -1};
	const struct drop_sandbox s = {.read = files[0],
	    .files = files,
	    .write = ".",
	    .resolve = true,
	    .bind = true};
	long row = version < NEWEST ? version : NEWEST;
	int result, error;

	memset(&played, 0, sizeof played);
	played.version = version;
	played.knows = version > 0 ? known[row - 1] : NULL;
	result = drop_landlock(&s);
	error = errno;
	close(files[0]);
	errno = error;
	return result;
}

static void
test_version(long version)
{
	if (!tap_ok(enter(version) == 0 && played.entered == 1,
		"a kernel of version %ld is understood", version))
		tap_note("%s", strerror(errno));
	tap_ok(played.handled[FILES] == played.knows[FILES],
	    "%ld: it shuts all of files that it can", version);
	tap_ok(played.handled[NETWORK] == (played.knows[NETWORK] & ~CONNECT),
	    "%ld: all ports, but to connect to", version);
	tap_ok(played.handled[SCOPES] == played.knows[SCOPES],
	    "%ld: all others", version);
	tap_ok(played.most == (WRITING & played.knows[FILES]),
	    "%ld: what is given changes files, and executes none", version);
	tap_ok(played.ports == (played.knows[NETWORK] != 0),
	    "%ld: a free port is given if need be", version);
}

static void
test_none(void)
{
	tap_ok(enter(-1) == -1 && errno == EOPNOTSUPP,
	    "a kernel without Landlock is told of");
	tap_ok(played.entered == 0, "and nothing is asked of it");
}

static void
test_service_manager(void)
{
	setenv("NOTIFY_SOCKET", "@manager", 1);
	tap_ok(enter(NEWEST) == 0 && (played.handled[SCOPES] & ABSTRACT) == 0,
	    "a service manager is heard that has an abstract name");
	tap_ok(enter(1) == 0, "also where such names cannot be shut");
	unsetenv("NOTIFY_SOCKET");
}

int
main(void)
{
	for (long version = 1; version <= NEWEST + 1; version++)
		test_version(version);
	test_version(99);
	test_none();
	test_service_manager();
	return tap_done();
}
