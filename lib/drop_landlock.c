#include "drop_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drop_kernel.h"
#include "drop_sandbox.h"
#include "log.h"

/* All of the first version, from EXECUTE to MAKE_SYM. */
#define FIRST (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1)

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define CHANGE                                                                \
	(READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | \
	    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* What each version of the kernel's interface has brought. */
static const struct {
	long since;
	struct drop_ruleset news;
} versions[] = {
    {1, {.handled_access_fs = FIRST}},
    {2, {.handled_access_fs = LANDLOCK_ACCESS_FS_REFER}},
    {3, {.handled_access_fs = LANDLOCK_ACCESS_FS_TRUNCATE}},
    {4, {.handled_access_net = LANDLOCK_ACCESS_NET_BIND_TCP}},
    {5, {.handled_access_fs = LANDLOCK_ACCESS_FS_IOCTL_DEV}},
    {6,
	{.scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET |
		LANDLOCK_SCOPE_SIGNAL}},
};

/*
 * Where libc looks for addresses of hosts: its configuration, and the modules
 * that this names. What is said of files holds for those that are there now;
 * who changes one puts a new one in its place, so that directories of little
 * else are open instead: their files may be read, not listed.
 */
#define CONFIGURATION "/etc"
#define RESOLVER CONFIGURATION "/resolv.conf"

static const char *const files[] = {
    CONFIGURATION "/gai.conf",
    CONFIGURATION "/host.conf",
    CONFIGURATION "/hosts",
    CONFIGURATION "/ld.so.cache",
    CONFIGURATION "/nsswitch.conf",
    CONFIGURATION "/services",
    RESOLVER,
};

static const char *const directories[] = {
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/run/NetworkManager",
    "/run/systemd/resolve",
};

/* A directory below it belongs to one service. */
#define SERVICES "/run/"

static struct drop_ruleset
known_since(long version)
{
	struct drop_ruleset all = {0};

	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		const struct drop_ruleset *news = &versions[i].news;

		if (versions[i].since > version)
			break;
		all.handled_access_fs |= news->handled_access_fs;
		all.handled_access_net |= news->handled_access_net;
		all.scoped |= news->scoped;
	}
	return all;
}

/* A service manager's socket may have an abstract name (inherit_notify). */
static bool
is_told_abstractly(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path != NULL && path[0] == '@';
}

static int
add_rule(int ruleset, int type, const void *rule)
{
	return (int)syscall(__NR_landlock_add_rule, ruleset, type, rule, 0);
}

static int
allow_below(int ruleset, int directory, uint64_t rights)
{
	const struct drop_path_rule rule = {
	    .allowed_access = rights,
	    .parent_fd = directory,
	};

	return add_rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule);
}

/* What is not there needs no rule. */
static int
allow_at(int ruleset, const char *path, int flags, uint64_t rights)
{
	int directory = open(path, O_PATH | O_CLOEXEC | flags);
	int result, error;

	if (directory == -1) {
		log_debug("%s stays shut: %s", path, strerror(errno));
		return 0;
	}
	result = allow_below(ruleset, directory, rights);
	error = errno;
	close(directory);
	errno = error;
	return result;
}

static int
allow_path(int ruleset, const char *path, uint64_t rights)
{
	return allow_at(ruleset, path, O_DIRECTORY, rights);
}

/*
 * A file, wherever a symbolic link leads, and with it the directory of the
 * service whose it is.
 */
static int
allow_file(int ruleset, const char *file)
{
	char real[PATH_MAX], *slash;

	if (realpath(file, real) == NULL)
		return 0;
	if (allow_at(ruleset, real, 0, LANDLOCK_ACCESS_FS_READ_FILE) == -1)
		return -1;
	slash = strrchr(real, '/');
	*slash = '\0';
	if (strncmp(real, SERVICES, strlen(SERVICES)) != 0)
		return 0;
	return allow_path(ruleset, real, LANDLOCK_ACCESS_FS_READ_FILE);
}

/*
 * Whether all configuration is open. To others than root it is public anyway;
 * root can read secrets there, which is as it is where the addresses of the
 * name servers may be put into a new file at any time.
 */
static bool
needs_configuration(void)
{
	char real[PATH_MAX];

	return geteuid() != 0 || realpath(RESOLVER, real) == NULL ||
	    strcmp(real, RESOLVER) == 0;
}

static int
allow_resolving(int ruleset)
{
	const uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE;

	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		if (allow_path(ruleset, directories[i], rights) == -1)
			return -1;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (allow_file(ruleset, files[i]) == -1)
			return -1;
	return needs_configuration()
	    ? allow_path(ruleset, CONFIGURATION, rights)
	    : 0;
}

/* The leak checker looks at its process, through /proc, when it ends. */
static int
allow_sanitizers(int ruleset)
{
#ifdef DROP_SANITIZED
	return allow_path(ruleset, "/proc", READ);
#else
	(void)ruleset;
	return 0;
#endif
}

/* Port 0 is any that is free; one can be bound, not listened at. */
static int
allow_free_ports(int ruleset)
{
	const struct drop_port_rule rule = {
	    .allowed_access = LANDLOCK_ACCESS_NET_BIND_TCP,
	    .port = 0,
	};

	return add_rule(ruleset, LANDLOCK_RULE_NET_PORT, &rule);
}

static int
allow(int ruleset, const struct drop_sandbox *s,
    const struct drop_ruleset *handled)
{
	const uint64_t change = CHANGE & handled->handled_access_fs;

	if (s->read >= 0 && allow_below(ruleset, s->read, READ) == -1)
		return -1;
	for (const int *fd = s->files; fd && *fd >= 0; fd++)
		if (allow_below(ruleset, *fd, LANDLOCK_ACCESS_FS_READ_FILE) ==
		    -1)
			return -1;
	if (s->write != NULL && allow_path(ruleset, s->write, change) == -1)
		return -1;
	if (s->resolve && allow_resolving(ruleset) == -1)
		return -1;
	if (s->bind && handled->handled_access_net != 0 &&
	    allow_free_ports(ruleset) == -1)
		return -1;
	return allow_sanitizers(ruleset);
}

int
drop_landlock(const struct drop_sandbox *s)
{
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct drop_ruleset handled = known_since(version);
	int ruleset, result, error;

	if (version == -1)
		return -1;
	log_debug("Landlock of version %ld", version);
	if (is_told_abstractly())
		handled.scoped &= ~LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	ruleset = (int)syscall(
	    __NR_landlock_create_ruleset, &handled, sizeof handled, 0);
	if (ruleset == -1)
		return -1;
	result = allow(ruleset, s, &handled);
	if (result == 0)
		result = (int)syscall(__NR_landlock_restrict_self, ruleset, 0);
	error = errno;
	close(ruleset);
	errno = error;
	return result;
}
