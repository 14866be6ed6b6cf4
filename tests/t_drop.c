#include "lib/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/t_drop.XXXXXX";
static char path[64];

static int
status_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Run body in a process of its own; returns what that exits with. */
static int
in_child(void (*body)(void))
{
	pid_t child = fork();

	if (child == 0) {
		body();
		_exit(0);
	}
	return status_of(child);
}

static void
fail_in_daemon(void)
{
	struct drop_daemon d;

	if (drop_daemon_begin(&d) == -1)
		_exit(99);
	drop_daemon_done(&d, 3);
}

static void
die_in_daemon(void)
{
	struct drop_daemon d;

	if (drop_daemon_begin(&d) == -1)
		_exit(99);
	raise(SIGKILL);
}

/* What a daemon says of itself comes through here. */
static int report[2];

static bool
is_null(int fd)
{
	struct stat held, null;

	return fstat(fd, &held) == 0 && stat("/dev/null", &null) == 0 &&
	    held.st_rdev == null.st_rdev;
}

static void
succeed_in_daemon(void)
{
	struct drop_daemon d;
	char said[4];

	if (drop_daemon_begin(&d) == -1)
		_exit(99);
	said[0] = getsid(0) == getpid() ? 'y' : 'n';
	said[1] = is_null(1) ? 'n' : 'y';
	drop_daemon_done(&d, 0);
	said[2] = is_null(0) && is_null(1) && is_null(2) ? 'y' : 'n';
	said[3] = d.pipe == -1 ? 'y' : 'n';
	if (write(report[1], said, sizeof said) != sizeof said)
		_exit(98);
}

static void
outlive_parent(void)
{
	struct drop_daemon d;
	pid_t parent = getpid();
	char byte = 'y';

	if (drop_daemon_begin(&d) == -1)
		_exit(99);
	kill(parent, SIGKILL);
	while (getppid() == parent)
		usleep(1000);
	drop_daemon_done(&d, 0);
	if (write(report[1], &byte, 1) != 1)
		_exit(98);
}

/* It tells of itself, and lives when its parent does not. */
static void
leave_offspring(void)
{
	char told[2];

	if (drop_offspring() != 0)
		_exit(5);
	told[0] = getsid(0) == getpid() ? 'y' : 'n';
	told[1] = 'y';
	for (int fd = 0; fd <= 2; fd++)
		if (!is_null(fd))
			told[1] = 'n';
	_exit(write(report[1], told, sizeof told) < 0);
}

static void
test_offspring(void)
{
	char said[2] = {0};

	if (pipe(report) == -1)
		abort();
	tap_is_num(in_child(leave_offspring), 5,
	    "the parent of an offspring does not wait");
	tap_ok(read(report[0], said, sizeof said) == sizeof said,
	    "which lives on");
	tap_ok(said[0] == 'y', "in a session of its own");
	tap_ok(said[1] == 'y', "with /dev/null");
	close(report[0]);
	close(report[1]);
}

static void
test_daemon(void)
{
	char said[4] = {0};

	if (pipe(report) == -1)
		abort();
	tap_is_num(in_child(fail_in_daemon), 3,
	    "the parent exits with the status of the child");
	tap_is_num(in_child(die_in_daemon), 1,
	    "it exits with 1 when the child dies first");
	tap_is_num(in_child(succeed_in_daemon), 0,
	    "it exits with 0 once the child is done");
	tap_ok(read(report[0], said, sizeof said) == sizeof said,
	    "the child goes on");
	tap_ok(said[0] == 'y', "in a session of its own");
	tap_ok(said[1] == 'y', "with the terminal until it is done");
	tap_ok(said[2] == 'y', "and with /dev/null afterwards");
	tap_ok(said[3] == 'y', "and without the pipe");
	in_child(outlive_parent);
	tap_ok(read(report[0], said, 1) == 1,
	    "a child survives that its parent was killed meanwhile");
	close(report[0]);
	close(report[1]);
}

static void
lock_held(void)
{
	if (drop_pidfile(path) != -1 || errno != EAGAIN)
		_exit(1);
}

static void
lock_free(void)
{
	if (drop_pidfile(path) == -1)
		_exit(1);
}

/* As one who may remove nothing any more. */
static void
end_shut_in(void)
{
	int fd = drop_pidfile(path);
	struct stat st;

	if (fd == -1)
		_exit(1);
	drop_pidfile_end(fd, "/nowhere/at/all");
	if (stat(path, &st) == -1 || st.st_size != 0)
		_exit(2);
}

static void
test_pidfile(void)
{
	char text[32] = "", want[32];
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	if (write(fd, "1234567890123456789\n", 20) != 20)
		abort();
	close(fd);
	fd = drop_pidfile(path);
	tap_ok(fd >= 0, "a stale pidfile is taken over");
	snprintf(want, sizeof want, "%ld\n", (long)getpid());
	tap_ok(pread(fd, text, sizeof text - 1, 0) > 0, "it can be read");
	tap_is_str(text, want, "it holds our process id alone");
	tap_ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "it closes on exec");
	tap_is_num(in_child(lock_held), 0, "another process does not get it");
	close(fd);
	tap_is_num(in_child(lock_free), 0, "until it is let go");
	fd = drop_pidfile(path);
	drop_pidfile_end(fd, path);
	tap_ok(access(path, F_OK) == -1, "at the end it is removed");
	tap_is_num(in_child(end_shut_in), 0, "or emptied at least");
	unlink(path);
}

static void
test_pidfile_refused(void)
{
	tap_ok(drop_pidfile("/nowhere/at/all") == -1 && errno == ENOENT,
	    "a pidfile in no directory is refused");
	if (symlink("/dev/null", path) == -1)
		abort();
	tap_ok(drop_pidfile(path) == -1 && errno == ELOOP,
	    "so is one that is a symbolic link");
	unlink(path);
	if (mkdir(path, 0700) == -1)
		abort();
	tap_ok(
	    drop_pidfile(path) == -1 && errno == EISDIR, "so is a directory");
	rmdir(path);
}

/* The groups that we have besides are those of nobody. */
static bool
has_groups_of(const char *user, gid_t gid)
{
	gid_t want[64], have[64];
	int wanted = 64, n = getgroups(64, have), found = 0;

	if (getgrouplist(user, gid, want, &wanted) == -1 || n == -1)
		return false;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < wanted; k++)
			found += have[i] == want[k];
	return found == n;
}

static void
become_nobody(void)
{
	const struct passwd *pw = getpwnam("nobody");
	char *home = strdup(pw->pw_dir);
	uid_t uid = pw->pw_uid;
	gid_t gid = pw->pw_gid;

	if (drop_privileges("nobody") == -1)
		_exit(1);
	if (getuid() != uid || geteuid() != uid || getgid() != gid ||
	    getegid() != gid)
		_exit(2);
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 ||
	    setegid(0) == 0 || setgroups(0, NULL) == 0)
		_exit(3);
	if (!has_groups_of("nobody", gid))
		_exit(4);
	if (strcmp(getenv("HOME"), home) != 0)
		_exit(5);
}

static void
become_root(void)
{
	if (drop_privileges("root") == 0 || errno != EINVAL)
		_exit(1);
	if (geteuid() != 0)
		_exit(2);
}

static void
become_other(void)
{
	const struct passwd *pw = getpwnam("nobody");

	if (setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		_exit(9);
	if (drop_privileges("nobody") == 0 || errno != EPERM)
		_exit(1);
}

static void
test_privileges(void)
{
	tap_ok(drop_privileges("no such user") == -1 && errno == ENOENT,
	    "a user that there is not is refused");
	if (geteuid() != 0 || getpwnam("nobody") == NULL) {
		tap_ok(true, "privileges are dropped # SKIP not root");
		return;
	}
	tap_is_num(in_child(become_nobody), 0,
	    "privileges are dropped for good, groups included");
	tap_is_num(in_child(become_root), 0, "becoming root is refused");
	tap_is_num(in_child(become_other), 0,
	    "who has no privileges cannot drop them");
}

static void
close_from_there(void)
{
	int low = open("/dev/null", O_RDONLY), high = dup2(low, low + 40);

	drop_descriptors(low + 1);
	if (fcntl(low, F_GETFD) == -1 || fcntl(high, F_GETFD) != -1)
		_exit(1);
}

static void
test_descriptors(void)
{
	tap_is_num(in_child(close_from_there), 0,
	    "descriptors from one on are closed, those before it are not");
}

int
main(void)
{
	alarm(60);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/pid", dir);
	test_daemon();
	test_descriptors();
	test_offspring();
	test_pidfile();
	test_pidfile_refused();
	test_privileges();
	rmdir(dir);
	return tap_done();
}
