#include "lib/drop_landlock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cell.h"
#include "lib/drop_kernel.h"
#include "tap.h"

static char base[] = "/tmp/t_drop_landlock.XXXXXX";
static int shared; /* the directory that may be read */
static pid_t stranger; /* another process of ours */
static struct sockaddr_un at_path, at_name;
static socklen_t name_len;

/* Everything here is relative to base, in which the test runs. */
static void
put(const char *path, mode_t mode, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		abort();
	close(fd);
}

static int
listen_unix(struct sockaddr_un *at, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)at, len) == -1 || listen(fd, 8) == -1)
		abort();
	return fd;
}

static void
furnish(void)
{
	if (mkdtemp(base) == NULL || chdir(base) == -1)
		abort();
	if (mkdir("shared", 0700) == -1 || mkdir("shared/below", 0700) == -1 ||
	    mkdir("cache", 0700) == -1 || mkdir("outside", 0700) == -1)
		abort();
	put("shared/song", 0600, "la");
	put("shared/below/song", 0600, "lala");
	put("shared/program", 0700, "#!/bin/sh\n");
	put("cache/digests", 0600, "old");
	put("outside/secret", 0600, "psst");
	if (symlink("../outside/secret", "shared/way-out") == -1)
		abort();
	shared = open("shared", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	at_path = at_name = (struct sockaddr_un){.sun_family = AF_UNIX};
	strcpy(at_path.sun_path, "outside/socket");
	snprintf(at_name.sun_path + 1, sizeof at_name.sun_path - 1,
	    "t_drop_landlock.%ld", (long)getpid());
	name_len = (socklen_t)(sizeof(sa_family_t) + 1 +
	    strlen(at_name.sun_path + 1));
	listen_unix(&at_path, sizeof at_path);
	listen_unix(&at_name, name_len);
	stranger = fork();
	if (stranger == 0) {
		alarm(60);
		for (;;)
			pause();
	}
}

/* Directories last. */
static void
clear(void)
{
	static const char *const all[] = {"shared/song", "shared/below/song",
	    "shared/program", "shared/way-out", "cache/digests",
	    "outside/secret", "outside/socket", "shared/below", "shared",
	    "cache", "outside", base};

	kill(stranger, SIGKILL);
	close(shared);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (remove(all[i]) == -1)
			tap_note("%s is left", all[i]);
}

/* Doors: 0, or the errno that stands in them. */

static int
read_inside(void)
{
	return cell_met_fd(openat(shared, "below/song", O_RDONLY));
}

static int
list_inside(void)
{
	int fd = openat(shared, "below", O_RDONLY | O_DIRECTORY);
	DIR *stream = fd == -1 ? NULL : fdopendir(fd);

	return stream && readdir(stream) ? 0 : errno;
}

static int
watch_inside(void)
{
	int watcher = inotify_init1(IN_CLOEXEC);
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", shared);
	if (inotify_add_watch(watcher, path, IN_CREATE | IN_ONLYDIR) == -1)
		return errno;
	snprintf(path, sizeof path, "%s/shared/below", base);
	return cell_met(inotify_add_watch(watcher, path, IN_CREATE));
}

static int
write_inside(void)
{
	return cell_met_fd(openat(shared, "song", O_WRONLY));
}

static int
create_inside(void)
{
	return cell_met_fd(openat(shared, "new", O_WRONLY | O_CREAT, 0600));
}

static int
delete_inside(void)
{
	return cell_met(unlinkat(shared, "song", 0));
}

static int
rename_inside(void)
{
	return cell_met(renameat(shared, "song", shared, "tune"));
}

static int
run_inside(void)
{
	char *const nothing[] = {NULL};

	return cell_met(execve("shared/program", nothing, nothing));
}

static int
read_outside(void)
{
	return cell_met_fd(open("outside/secret", O_RDONLY));
}

static int
list_outside(void)
{
	return cell_met_fd(open("outside", O_RDONLY | O_DIRECTORY));
}

static int
follow_out(void)
{
	return cell_met_fd(openat(shared, "way-out", O_RDONLY));
}

static int
link_in(void)
{
	return cell_met(linkat(AT_FDCWD, "outside/secret", shared, "in", 0));
}

static int
create_outside(void)
{
	return cell_met_fd(open("outside/new", O_WRONLY | O_CREAT, 0600));
}

static int
read_cache(void)
{
	return cell_met_fd(open("cache/digests", O_RDONLY));
}

static int
replace_cache(void)
{
	int fd = open("cache/digests.new", O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd == -1 || write(fd, "new", 3) != 3 || ftruncate(fd, 1) == -1)
		return errno;
	return cell_met(rename("cache/digests.new", "cache/digests"));
}

static int
make_directory(void)
{
	return cell_met(mkdir("cache/more", 0700));
}

static int
read_hosts(void)
{
	return cell_met_fd(open("/etc/hosts", O_RDONLY));
}

static int
list_etc(void)
{
	return cell_met_fd(open("/etc", O_RDONLY | O_DIRECTORY));
}

static int
bind_tcp(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return cell_met(bind(fd, (struct sockaddr *)&at, sizeof at));
}

static int
bind_any_port(void)
{
	return bind_tcp(0);
}

static int
bind_some_port(void)
{
	return bind_tcp(9000);
}

static int
dial_path(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return cell_met(
	    connect(fd, (struct sockaddr *)&at_path, sizeof at_path));
}

static int
dial_name(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return cell_met(connect(fd, (struct sockaddr *)&at_name, name_len));
}

static int
signal_other(void)
{
	return cell_met(kill(stranger, 0));
}

static int
signal_itself(void)
{
	return cell_met(kill(getpid(), 0));
}

static int
trace_other(void)
{
	return cell_met(ptrace(PTRACE_ATTACH, stranger, NULL, NULL));
}

static void
test_shared(void)
{
	const struct cell c = {drop_landlock, {.read = shared}};

	tap_is_num(cell_try(&c, read_inside), 0, "what is shared can be read");
	tap_is_num(cell_try(&c, list_inside), 0, "and listed");
	tap_is_num(cell_try(&c, watch_inside), 0,
	    "and watched, by its path and by that of its descriptor");
	tap_is_num(cell_try(&c, write_inside), EACCES, "not written");
	tap_is_num(cell_try(&c, create_inside), EACCES, "nor added to");
	tap_is_num(cell_try(&c, delete_inside), EACCES, "nor deleted");
	tap_is_num(cell_try(&c, rename_inside), EACCES, "nor renamed");
	tap_is_num(cell_try(&c, run_inside), EACCES, "nor executed");
	tap_is_num(cell_try(&c, read_outside), EACCES,
	    "a file elsewhere cannot be read");
	tap_is_num(cell_try(&c, list_outside), EACCES,
	    "a directory elsewhere cannot be listed");
	tap_is_num(
	    cell_try(&c, follow_out), EACCES, "a symbolic link is no way out");
	tap_is_num(cell_try(&c, link_in), EACCES, "a hard link is no way in");
	tap_is_num(
	    cell_try(&c, create_outside), EACCES, "no file is made elsewhere");
	if (rename("shared", "moved") == -1)
		abort();
	tap_is_num(cell_try(&c, read_inside), 0,
	    "a directory may move once it is open");
	if (rename("moved", "shared") == -1)
		abort();
}

static void
test_cache(void)
{
	const struct cell c = {
	    drop_landlock, {.read = shared, .write = "cache"}};
	const struct cell lost = {
	    drop_landlock, {.read = shared, .write = "nowhere"}};

	tap_is_num(cell_try(&c, read_cache), 0, "the cache can be read");
	tap_is_num(cell_try(&c, replace_cache), 0, "and replaced by another");
	tap_is_num(
	    cell_try(&c, make_directory), EACCES, "it gets no directories");
	tap_is_num(cell_try(&c, write_inside), EACCES,
	    "what is shared stays as it is");
	tap_is_num(cell_try(&lost, read_inside), 0,
	    "a cache that is not there keeps nobody from sharing");
	tap_is_num(cell_try(&lost, read_cache), EACCES,
	    "and opens no other directory");
}

static void
test_files(void)
{
	const int files[] = {shared, -1};
	const struct cell c = {drop_landlock, {.read = -1, .files = files}};

	tap_is_num(cell_try(&c, read_inside), 0,
	    "who needs the files of a directory can read them");
	tap_is_num(cell_try(&c, list_inside), EACCES, "not list it");
	tap_is_num(cell_try(&c, write_inside), EACCES, "nor write");
	tap_is_num(cell_try(&c, read_outside), EACCES, "nor read elsewhere");
}

static void
test_nothing(void)
{
	const struct cell c = {drop_landlock, {.read = -1}};
	const struct cell names = {
	    drop_landlock, {.read = -1, .resolve = true}};

	tap_is_num(
	    cell_try(&c, read_inside), EACCES, "who needs no file opens none");
	tap_is_num(cell_try(&c, list_etc), EACCES, "wherever it may be");
	tap_is_num(cell_try(&c, read_hosts), EACCES, "not even /etc/hosts");
	tap_is_num(cell_try(&c, dial_path), 0,
	    "a Unix-domain socket that has a path can be reached");
	tap_is_num(cell_try(&names, read_hosts), 0,
	    "who looks up names reads /etc/hosts");
	tap_is_num(cell_try(&names, list_etc), EACCES, "without listing /etc");
	tap_is_num(cell_try(&names, read_outside), EACCES,
	    "and without reading anything else");
	tap_is_num(
	    cell_try(&c, trace_other), EPERM, "no other process can be traced");
	tap_is_num(cell_try(&c, signal_itself), 0, "it may signal itself");
}

static void
skip(const char *sentence)
{
	tap_ok(
	    true, "%s # SKIP this kernel's Landlock cannot say so", sentence);
}

static void
test_ports(long version)
{
	const struct cell c = {drop_landlock, {.read = -1}};
	const struct cell from = {drop_landlock, {.read = -1, .bind = true}};

	if (version < 4) {
		skip("ports of TCP are shut");
		return;
	}
	tap_is_num(
	    cell_try(&c, bind_any_port), EACCES, "no port of TCP is bound");
	tap_is_num(cell_try(&c, bind_some_port), EACCES, "none at all");
	tap_is_num(cell_try(&from, bind_any_port), 0,
	    "who connects from an address of its own gets a free port");
	tap_is_num(
	    cell_try(&from, bind_some_port), EACCES, "not one that it names");
}

static void
test_others(long version)
{
	const struct cell c = {drop_landlock, {.read = -1}};

	if (version < 6) {
		skip("other processes are out of reach");
		return;
	}
	tap_is_num(cell_try(&c, signal_other), EPERM,
	    "no other process gets a signal");
	tap_is_num(cell_try(&c, dial_name), EPERM,
	    "an abstract Unix-domain socket cannot be reached");
	setenv("NOTIFY_SOCKET", at_name.sun_path + 1, 1);
	tap_is_num(cell_try(&c, dial_name), EPERM,
	    "nor when the service manager listens at a path");
	setenv("NOTIFY_SOCKET", "@service-manager", 1);
	tap_is_num(cell_try(&c, dial_name), 0,
	    "unless the service manager has such a one");
	unsetenv("NOTIFY_SOCKET");
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
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	furnish();
	test_shared();
	test_cache();
	test_files();
	test_nothing();
	test_ports(version);
	test_others(version);
	clear();
	return tap_done();
}
