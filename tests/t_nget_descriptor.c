#include "nget/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* The path of a descriptor of ours, in one of several places. */
static const char *
path_of(const char *table, int fd)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%d", table, fd);
	return path;
}

static const char *
own(int fd)
{
	return path_of("/proc/self/fd", fd);
}

/* A file of ours that holds text, to be read and written from its beginning. */
static int
make_file(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
	    lseek(fd, 0, SEEK_SET) < 0)
		abort();
	return fd;
}

static void
make_link(const char *to, const char *name)
{
	if (symlink(to, name) < 0)
		abort();
}

/* Whether all that there is to be read from there is text. */
static bool
holds(int fd, const char *text)
{
	char got[256];
	ssize_t n = pread(fd, got, sizeof got, 0);

	if (n < 0)
		n = read(fd, got, sizeof got);
	return n >= 0 && slice_eq(slice_of(got, (size_t)n), slice_str(text));
}

static bool
writes(int fd, const char *text)
{
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* Whether path leads to a descriptor, and what is written there is in file. */
static bool
leads(const char *path, int file)
{
	int fd = -1;
	bool right;

	if (ftruncate(file, 0) < 0 || lseek(file, 0, SEEK_SET) < 0)
		abort();
	right = descriptor_open(path, &fd) == 1 && writes(fd, "la") &&
	    holds(file, "la");
	if (fd >= 0)
		close(fd);
	return right;
}

static bool
ends_well(pid_t child)
{
	int status;

	return child > 0 && waitpid(child, &status, 0) == child &&
	    WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
leads_nowhere(const char *path)
{
	int fd = -1;

	return descriptor_open(path, &fd) == 0;
}

/* The errno with which what path leads to cannot be had, or 0. */
static int
refusal(const char *path)
{
	int fd = -1;

	errno = 0;
	return descriptor_open(path, &fd) == -1 ? errno : 0;
}

static void
test_none(void)
{
	static const char *const paths[] = {"", ".", "/", "file", "./file",
	    "file/", "file/1", "none", "none/1", "directory", "directory/1",
	    "to-file", "to-none", "to-directory", "to-directory/1", "to-itself",
	    "to-itself/1", "round", "/dev/null", "/proc/self", "/proc/self/fd",
	    "/proc/self/fdinfo/1", "/proc/self/cwd", "fd/1"};
	static char longest[2 * PATH_MAX];
	int file = make_file("file", "mine");

	if (mkdir("directory", 0700) < 0 || mkdir("fd", 0700) < 0)
		abort();
	make_link("file", "to-file");
	make_link("none", "to-none");
	make_link("directory", "to-directory");
	make_link("to-itself", "to-itself");
	make_link("back", "round");
	make_link("round", "back");
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		tap_ok(leads_nowhere(paths[i]), "'%s' leads to no descriptor",
		    paths[i]);
	memset(longest, '/', sizeof longest - 1);
	tap_ok(leads_nowhere(longest), "nor does a path that is too long");
	tap_ok(holds(file, "mine"), "what they lead to stays as it is");
	tap_ok(access("none", F_OK) < 0, "and nothing is made");
	close(file);
}

static void
test_own(void)
{
	int file = make_file("own", "mine, and more"), fd = -1;

	if (lseek(file, 4, SEEK_SET) != 4 || close(STDIN_FILENO) < 0)
		abort();
	tap_is_num(
	    descriptor_open(own(file), &fd), 1, "a descriptor of ours is had");
	if (open("/dev/null", O_RDONLY) != STDIN_FILENO)
		abort();
	tap_ok(fd > STDERR_FILENO && fd != file,
	    "as another one, and never as a standard one");
	tap_ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "which no child gets");
	tap_ok(writes(fd, "!!") && holds(file, "mine!!and more"),
	    "what is written follows what has been, and spares what is behind");
	tap_ok(writes(file, "??") && holds(file, "mine!!??d more"),
	    "what is written later follows that");
	close(fd);
	tap_ok(writes(file, "."), "closing it leaves the other open");
	if (unlink("own") < 0)
		abort();
	tap_ok(leads(own(file), file), "a file may have lost its name");
	close(file);
	tap_is_num(refusal(own(file)), EBADF, "one that is closed is an error");
}

static void
test_kinds(void)
{
	int ends[2], fd = -1;

	if (pipe(ends) < 0)
		abort();
	tap_ok(descriptor_open(own(ends[1]), &fd) == 1 && writes(fd, "la") &&
		holds(ends[0], "la"),
	    "behind it may be a pipe");
	close(fd);
	close(ends[0]);
	close(ends[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		abort();
	tap_ok(descriptor_open(own(ends[1]), &fd) == 1 && writes(fd, "la") &&
		holds(ends[0], "la"),
	    "or a socket");
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

/* What stands in that table for no descriptor. */
static void
test_numbers(void)
{
	struct rlimit before, none;
	int last;

	tap_is_num(refusal("/proc/self/fd/none"), EINVAL,
	    "a name in the table that is no number is an error");
	tap_is_num(refusal("/proc/self/fd/-1"), EINVAL, "so is a negative one");
	tap_is_num(refusal("/proc/self/fd/99999999999999999999"), ERANGE,
	    "or one too large");
	if (getrlimit(RLIMIT_NOFILE, &before) < 0)
		abort();
	last = make_file("last", "");
	none = before;
	none.rlim_cur = (rlim_t)last + 1;
	(void)setrlimit(RLIMIT_NOFILE, &none);
	tap_is_num(refusal(own(last)), EMFILE,
	    "and so it is when there is room for no other");
	(void)setrlimit(RLIMIT_NOFILE, &before);
	close(last);
}

/* As a shell has them. */
static void
test_places(void)
{
	int file = make_file("places", ""), here = open(".", O_RDONLY);
	char name[16];

	if (access("/dev/fd", F_OK) == 0)
		tap_ok(leads(path_of("/dev/fd", file), file),
		    "a descriptor is found at /dev/fd");
	tap_ok(leads(path_of("/proc/../proc/self/./fd/", file), file),
	    "or by any other way there");
	snprintf(name, sizeof name, "%d", file);
	if (chdir("/proc/self/fd") < 0)
		abort();
	tap_ok(leads(name, file), "or from within");
	if (here < 0 || fchdir(here) < 0)
		abort();
	close(here);
	close(file);
}

/* Somebody else may have put them there. */
static void
test_links(void)
{
	int file = make_file("links", "");

	make_link(own(file), "link");
	tap_ok(leads_nowhere("link"), "a link to a descriptor is none");
	make_link("/dev/stdout", "stdout");
	tap_ok(leads_nowhere("stdout"), "nor one to a link of the system's");
	make_link("/proc/self/fd", "table");
	tap_ok(leads(path_of("table", file), file),
	    "the directory may be found by one");
	close(file);
}

static void
test_others(void)
{
	int file = make_file("others", "mine, ");
	char table[64];
	pid_t child = fork();

	if (child == 0) {
		alarm(60);
		snprintf(table, sizeof table, "/proc/%ld/fd", (long)getppid());
		_exit(!leads_nowhere(path_of(table, file)));
	}
	tap_ok(ends_well(child), "one of another process is none of ours");
	snprintf(table, sizeof table, "/proc/%ld/fd", (long)getpid());
	tap_ok(leads(path_of(table, file), file),
	    "ours may be called by our number");
	close(file);
}

int
main(void)
{
	char path[] = "/tmp/t_descriptor.XXXXXX", command[64];

	alarm(60);
	if (!mkdtemp(path) || chdir(path) < 0) {
		perror(path);
		return 99;
	}
	test_none();
	test_own();
	test_kinds();
	test_numbers();
	test_places();
	test_links();
	test_others();
	snprintf(command, sizeof command, "rm -r %s", path);
	if (chdir("/") < 0 || system(command) != 0)
		perror(path);
	return tap_done();
}
