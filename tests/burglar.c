/*
 * An intruder: linked with what a program is made of, it stays quiet until the
 * program has shut itself in and gets SIGUSR2. Then it tries doors from inside,
 * with the confinement that this very program has asked for. What it met is told
 * in a file: a line a door, "NAME open" or "NAME ERROR"; "end"; then it does what
 * kills whom the filter holds, and has survived it if there is one more line.
 *
 *	NAP_BURGLAR=DIR          where it looks for things, and its DIR/report
 *	NAP_BURGLAR_WITHOUT=...  "landlock" or "filter": as on a kernel without
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/drop_filter.h"
#include "lib/drop_kernel.h"
#include "lib/drop_landlock.h"

#define REPORT_BYTES 4096

/* Above all that the programs open, which may want the lowest ones. */
#define OUT_OF_THE_WAY 100

/* What it needs to know stands before the program begins. */
static struct {
	char dir[PATH_MAX / 2];
	const char *without;
	char *report; /* in memory: no file can be made later */
	size_t told;
	struct sockaddr_un neighbour; /* listens at an abstract name */
	socklen_t neighbour_len;
} plan;

static int
met(long result)
{
	return result == -1 ? errno : 0;
}

static int
met_fd(int fd)
{
	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}

static int
met_file(const char *name, int flags)
{
	char path[PATH_MAX];

	strcpy(path, plan.dir);
	strcat(path, name);
	return met_fd(open(path, flags | O_CLOEXEC, 0600));
}

/* Doors: 0, or the errno that stands in them. */

static int
read_outside(void)
{
	return met_file("/outside/secret", O_RDONLY);
}

static int
list_outside(void)
{
	return met_file("/outside", O_RDONLY | O_DIRECTORY);
}

static int
make_outside(void)
{
	return met_file("/outside/made", O_WRONLY | O_CREAT);
}

static int
read_shared(void)
{
	return met_file("/share/song", O_RDONLY);
}

static int
write_shared(void)
{
	return met_file("/share/song", O_WRONLY);
}

static int
make_shared(void)
{
	return met_file("/share/made", O_WRONLY | O_CREAT);
}

static int
make_cached(void)
{
	return met_file("/cache/naputils/made", O_WRONLY | O_CREAT);
}

static int
read_configured(void)
{
	return met_file("/config/naputils/config", O_RDONLY);
}

static int
read_hosts(void)
{
	return met_fd(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
}

static int
socket_unix(void)
{
	return met_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
socket_netlink(void)
{
	return met_fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

/* With a socket of TCP, and an address of loopback. */
static int
at_port(int (*call)(int, const struct sockaddr *, socklen_t), uint16_t port)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd == -1)
		return errno;
	error = met(call(fd, (const struct sockaddr *)&at, sizeof at));
	close(fd);
	return error;
}

static int
bind_free_port(void)
{
	return at_port(bind, 0);
}

/* Nobody gets it: that somebody has it does not matter. */
static int
bind_named_port(void)
{
	return at_port(bind, 9000);
}

static int
just_listen(int fd, const struct sockaddr *at, socklen_t len)
{
	(void)at;
	(void)len;
	return listen(fd, 1);
}

static int
listen_anew(void)
{
	return at_port(just_listen, 0);
}

/* Who listens nowhere refuses, if the connection is tried. */
static int
dial(void)
{
	int error = at_port(connect, 1);

	return error == ECONNREFUSED ? 0 : error;
}

static int
dial_abstract(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd == -1)
		return errno;
	error = met(connect(
	    fd, (struct sockaddr *)&plan.neighbour, plan.neighbour_len));
	close(fd);
	return error;
}

static int
signal_parent(void)
{
	return met(kill(getppid(), 0));
}

/* Without what libc would do before and after. */
static pid_t
fork_bare(void)
{
	return (pid_t)syscall(__NR_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
}

static int
fork_away(void)
{
	pid_t child = fork_bare();

	if (child == 0)
		_exit(0);
	return met(child);
}

/* In a child, if one can be had: the program is wanted for more. */
static int
execute(void)
{
	char *const nothing[] = {NULL};
	pid_t child = fork_bare();
	int status;

	if (child <= 0)
		status = met(execve("/bin/true", nothing, nothing));
	if (child == 0)
		_exit(status);
	if (child == -1)
		return status;
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return errno;
	return WEXITSTATUS(status);
}

/* Nobody has that address: what counts is whether it is looked for. */
static int
read_memory_of_parent(void)
{
	char byte;
	const struct iovec here = {&byte, 1}, there = {NULL, 1};
	int error = met(syscall(
	    __NR_process_vm_readv, getppid(), &here, 1L, &there, 1L, 0L));

	return error == EFAULT ? 0 : error;
}

static const struct {
	const char *name;
	int (*door)(void);
} doors[] = {
    {"read-outside", read_outside},
    {"list-outside", list_outside},
    {"make-outside", make_outside},
    {"read-shared", read_shared},
    {"write-shared", write_shared},
    {"make-shared", make_shared},
    {"make-cached", make_cached},
    {"read-configured", read_configured},
    {"read-hosts", read_hosts},
    {"unix", socket_unix},
    {"netlink", socket_netlink},
    {"bind", bind_free_port},
    {"bind-named", bind_named_port},
    {"listen", listen_anew},
    {"dial", dial},
    {"abstract", dial_abstract},
    {"signal", signal_parent},
    {"fork", fork_away},
    {"execute", execute},
};

static void
tell(const char *text)
{
	size_t len = strlen(text);

	if (len > REPORT_BYTES - plan.told)
		len = REPORT_BYTES - plan.told;
	memcpy(plan.report + plan.told, text, len);
	plan.told += len;
	/* Who reads it sees what came before, too. */
	atomic_thread_fence(memory_order_seq_cst);
}

static const char *
name_of(int error)
{
	switch (error) {
	case 0:
		return "open";
	case EACCES:
		return "EACCES";
	case EPERM:
		return "EPERM";
	default:
		return "other";
	}
}

static void
tell_met(const char *name, int error)
{
	tell(name);
	tell(" ");
	tell(name_of(error));
	tell("\n");
}

static void
try_all(int number)
{
	int error = errno;

	(void)number;
	for (size_t i = 0; i < sizeof doors / sizeof *doors; i++)
		tell_met(doors[i].name, doors[i].door());
	tell("end\n");
	tell_met("spy", read_memory_of_parent());
	errno = error;
}

/* It outlives the descriptor. */
static char *
map_report(void)
{
	char path[PATH_MAX];
	int fd;
	void *report = MAP_FAILED;

	snprintf(path, sizeof path, "%s/report", plan.dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, REPORT_BYTES) == 0)
		report = mmap(NULL, REPORT_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	return report == MAP_FAILED ? NULL : report;
}

/* Made before the doors shut, and so by somebody outside. */
static void
settle_neighbour(void)
{
	struct sockaddr_un any = {.sun_family = AF_UNIX};
	int low = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    fd = fcntl(low, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);

	plan.neighbour_len = sizeof plan.neighbour;
	/* Of whom only the family is said, the kernel finds a name. */
	if (bind(fd, (struct sockaddr *)&any, sizeof any.sun_family) == -1 ||
	    listen(fd, 8) == -1 ||
	    getsockname(fd, (struct sockaddr *)&plan.neighbour,
		&plan.neighbour_len) == -1)
		abort();
	close(low);
}

static void
tell_version(void)
{
	char text[32];
	long version = syscall(__NR_landlock_create_ruleset, NULL, 0L,
	    (long)LANDLOCK_CREATE_RULESET_VERSION);

	snprintf(text, sizeof text, "landlock %ld\n", version);
	tell(text);
}

static __attribute__((constructor)) void
break_in(void)
{
	struct sigaction at_sign = {
	    .sa_handler = try_all, .sa_flags = SA_RESTART};
	const char *dir = getenv("NAP_BURGLAR");

	if (dir == NULL)
		return;
	if (strlen(dir) >= sizeof plan.dir)
		abort();
	strcpy(plan.dir, dir);
	plan.without = getenv("NAP_BURGLAR_WITHOUT");
	plan.report = map_report();
	if (plan.report == NULL)
		abort();
	settle_neighbour();
	tell_version();
	sigaction(SIGUSR2, &at_sign, NULL);
}

/* Parts of the confinement, of which one may be missing. */

extern __typeof(drop_landlock) __real_drop_landlock, __wrap_drop_landlock;
extern __typeof(drop_filter) __real_drop_filter, __wrap_drop_filter;

static int
lacks(const char *part)
{
	if (plan.without == NULL || strcmp(plan.without, part) != 0)
		return 0;
	errno = ENOSYS;
	return -1;
}

int
__wrap_drop_landlock(const struct drop_sandbox *s)
{
	return lacks("landlock") == 0 ? __real_drop_landlock(s) : -1;
}

int
__wrap_drop_filter(const struct drop_sandbox *s)
{
	return lacks("filter") == 0 ? __real_drop_filter(s) : -1;
}
