#include "lib/drop_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"
#include "lib/drop_kernel.h"
#include "tap.h"

static void
put(const char *path, mode_t mode, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		abort();
	close(fd);
}

static int
read_hosts(void)
{
	return cell_met_fd(open("/etc/hosts", O_RDONLY));
}

static int
read_resolver(void)
{
	return cell_met_fd(open("/etc/resolv.conf", O_RDONLY));
}

static int
read_shadow(void)
{
	return cell_met_fd(open("/etc/shadow", O_RDONLY));
}

static int
read_beside(void)
{
	return cell_met_fd(open("/run/service/other", O_RDONLY));
}

static int
read_run(void)
{
	return cell_met_fd(open("/run/secret", O_RDONLY));
}

/* Root of an /etc and a /run of its own. Whether that could be. */
static bool
move_out(void)
{
	char user[64], group[64];

	snprintf(user, sizeof user, "0 %u 1", geteuid());
	snprintf(group, sizeof group, "0 %u 1", getegid());
	if (geteuid() != 0) {
		if (unshare(CLONE_NEWUSER) == -1)
			return false;
		put("/proc/self/uid_map", 0, user);
		put("/proc/self/setgroups", 0, "deny");
		put("/proc/self/gid_map", 0, group);
	}
	return unshare(CLONE_NEWNS) == 0 &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("etc", "/etc", "tmpfs", 0, NULL) == 0 &&
	    mount("run", "/run", "tmpfs", 0, NULL) == 0;
}

/* What root may read when resolv.conf is a link to that, or a file. */
struct root {
	const char *sentence;
	const char *link; /* NULL: a file */
	int shadow; /* the errno of each */
	int beside;
	int run;
};

static bool
is_root(const struct root *want)
{
	const struct cell names = {
	    drop_landlock, {.read = -1, .resolve = true}};

	if (want->link == NULL)
		put("/etc/resolv.conf", 0644, "nameserver ::1\n");
	else if (symlink(want->link, "/etc/resolv.conf") == -1)
		abort();
	return cell_try(&names, read_resolver) == 0 &&
	    cell_try(&names, read_hosts) == 0 &&
	    cell_try(&names, read_shadow) == want->shadow &&
	    cell_try(&names, read_beside) == want->beside &&
	    cell_try(&names, read_run) == want->run &&
	    unlink("/etc/resolv.conf") == 0;
}

static const struct root roots[] = {
    {"to look up names, root may read what the service that keeps "
     "resolv.conf has, and nothing else in /etc and /run",
	"/run/service/resolv.conf", EACCES, 0, EACCES},
    {"one in /run is open by itself", "../run/resolv.conf", EACCES, EACCES,
	EACCES},
    {"where it is a file in /etc, all files there are", NULL, 0, EACCES,
	EACCES},
};

#define ROOTS (sizeof roots / sizeof *roots)

/* A bit for each that is so; exits. */
static void
try_roots(void)
{
	int status = 0;

	if (!move_out())
		_exit(CELL_NONE);
	mkdir("/run/service", 0755);
	put("/run/service/resolv.conf", 0644, "nameserver ::1\n");
	put("/run/service/other", 0644, "other");
	put("/run/resolv.conf", 0644, "nameserver ::1\n");
	put("/run/secret", 0644, "psst");
	put("/etc/hosts", 0644, "::1 here\n");
	put("/etc/shadow", 0600, "psst");
	for (size_t i = 0; i < ROOTS; i++)
		status |= is_root(&roots[i]) << i;
	_exit(status);
}

static void
test_root(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		try_roots();
	waitpid(pid, &status, 0);
	for (size_t i = 0; i < ROOTS; i++)
		if (WEXITSTATUS(status) == CELL_NONE)
			tap_ok(
			    true, "%s # SKIP no namespaces", roots[i].sentence);
		else
			tap_ok(WEXITSTATUS(status) >> i & 1, "%s",
			    roots[i].sentence);
}

int
main(void)
{
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	alarm(60);
	if (version < 1) {
		tap_ok(true, "files are shut # SKIP no Landlock here");
		return tap_done();
	}
	test_root();
	return tap_done();
}
