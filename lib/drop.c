#include "drop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drop_caps.h"
#include "drop_kernel.h"
#include "log.h"
#include "num.h"

/* In the parent: leave with the status that comes, or 1 when none does. */
_Noreturn static void
leave(int fd)
{
	unsigned char status;
	ssize_t n;

	do {
		n = read(fd, &status, 1);
	} while (n == -1 && errno == EINTR);
	_exit(n == 1 ? status : 1);
}

int
drop_daemon_begin(struct drop_daemon *d)
{
	int ends[2], error;
	pid_t child;

	d->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (d->null == -1)
		return -1;
	if (pipe2(ends, O_CLOEXEC) == -1) {
		error = errno;
		close(d->null);
		errno = error;
		return -1;
	}
	fflush(NULL);
	child = fork();
	if (child == -1) {
		error = errno;
		close(ends[0]);
		close(ends[1]);
		close(d->null);
		errno = error;
		return -1;
	}
	if (child > 0) {
		close(ends[1]);
		leave(ends[0]);
	}
	close(ends[0]);
	d->pipe = ends[1];
	setsid();
	return 0;
}

static void
let_go_of_terminal(int null)
{
	log_to_syslog();
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
}

void
drop_daemon_done(struct drop_daemon *d, int status)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	unsigned char byte = (unsigned char)status;

	if (status == 0)
		let_go_of_terminal(d->null);
	/* The parent may have been killed meanwhile. */
	sigaction(SIGPIPE, &ignore, &before);
	while (write(d->pipe, &byte, 1) == -1 && errno == EINTR)
		continue;
	sigaction(SIGPIPE, &before, NULL);
	close(d->pipe);
	close(d->null);
	d->pipe = d->null = -1;
}

bool
drop_is_watched(void)
{
	const char *pid = getenv("SYSTEMD_EXEC_PID");
	uint64_t number;

	return pid && num_parse(slice_str(pid), 1, INT_MAX, &number) == 0 &&
	    number == (uint64_t)getpid();
}

int
drop_standard(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1)
		return -1;
	let_go_of_terminal(null);
	close(null);
	return 0;
}

pid_t
drop_offspring(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), error;
	pid_t child;

	if (null == -1)
		return -1;
	fflush(NULL);
	child = fork();
	if (child == 0) {
		setsid();
		let_go_of_terminal(null);
	}
	error = errno;
	close(null);
	errno = error;
	return child;
}

/* Whether path still names the file that fd is. */
static bool
is_at(int fd, const char *path)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
	    held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static int
open_locked(const char *path)
{
	for (;;) {
		int fd = open(
		    path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

		if (fd == -1)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
			int error = errno;

			close(fd);
			errno = error;
			return -1;
		}
		if (is_at(fd, path))
			return fd;
		/* Its owner removed it before letting go. */
		close(fd);
	}
}

int
drop_pidfile(const char *path)
{
	char text[24];
	int fd = open_locked(path), len, error;

	if (fd == -1)
		return -1;
	len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) == 0 &&
	    pwrite(fd, text, (size_t)len, 0) == (ssize_t)len)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

void
drop_pidfile_end(int fd, const char *path)
{
	/* What cannot be removed names nobody at least. */
	if (ftruncate(fd, 0) == -1)
		log_warn("%s", path);
	(void)unlink(path);
	close(fd);
}

/* Where the system does not tell which there are. */
#define DESCRIPTORS_LIKELY 1024

/* For Linux before 5.9. */
static void
close_one_by_one(int first)
{
	DIR *open_ones = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t fd;

	if (open_ones == NULL) {
		for (int i = first; i < DESCRIPTORS_LIKELY; i++)
			close(i);
		return;
	}
	while ((entry = readdir(open_ones)) != NULL)
		if (num_parse(slice_str(entry->d_name), (uint64_t)first,
			INT_MAX, &fd) == 0 &&
		    (int)fd != dirfd(open_ones))
			close((int)fd);
	closedir(open_ones);
}

void
drop_descriptors(int first)
{
	if (syscall(__NR_close_range, first, ~0U, 0) == -1)
		close_one_by_one(first);
}

/* getpwnam has several ways to say that there is none. */
static const struct passwd *
find_user(const char *user)
{
	const struct passwd *pw;

	errno = 0;
	pw = getpwnam(user);
	if (pw != NULL)
		return pw;
	if (errno == 0 || errno == ESRCH || errno == EBADF || errno == EPERM)
		errno = ENOENT;
	return NULL;
}

static bool
is_all_of(uid_t uid, gid_t gid)
{
	uid_t real_user, user, saved_user;
	gid_t real_group, group, saved_group;

	if (getresuid(&real_user, &user, &saved_user) == -1 ||
	    getresgid(&real_group, &group, &saved_group) == -1)
		return false;
	return real_user == uid && user == uid && saved_user == uid &&
	    real_group == gid && group == gid && saved_group == gid;
}

static bool
is_out_of_reach(gid_t gid)
{
	return gid == getgid() || (setgid(gid) == -1 && setegid(gid) == -1);
}

/* Trying is the only way to know. before: the group that we came from. */
static bool
is_for_good(gid_t before)
{
	return setuid(0) == -1 && seteuid(0) == -1 && is_out_of_reach(0) &&
	    is_out_of_reach(before) && setgroups(1, &before) == -1;
}

int
drop_privileges(const char *user)
{
	const struct passwd *pw = find_user(user);
	gid_t gid, before = getegid();
	uid_t uid;

	if (pw == NULL)
		return -1;
	uid = pw->pw_uid;
	gid = pw->pw_gid;
	if (uid == 0) {
		errno = EINVAL;
		return -1;
	}
	if (setenv("HOME", pw->pw_dir, 1) == -1 || initgroups(user, gid) == -1)
		return -1;
	/* While we may. */
	drop_caps_bounds();
	if (setresgid(gid, gid, gid) == -1 || setresuid(uid, uid, uid) == -1)
		return -1;
	if (is_for_good(before) && is_all_of(uid, gid))
		return 0;
	errno = EPERM;
	return -1;
}

int
drop_to_user(const char *user)
{
	if (drop_privileges(user) == 0)
		return 0;
	if (errno == ENOENT)
		log_warnx("there is no user %s", user);
	else if (errno == EINVAL)
		log_warnx("user %s is root: another is wanted", user);
	else
		log_warn("become user %s", user);
	return -1;
}
