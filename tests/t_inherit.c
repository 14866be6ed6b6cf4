#include "lib/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/net.h"
#include "tap.h"

/* What a case hands over, and what becomes of it. */
struct handover {
	const char *pid; /* NULL: unset; "": ours */
	const char *fds;
	const char *kinds; /* of 3, 4 …: l listener, s socket, p pipe, - none */
	int want; /* the count, or minus the errno */
	const char *sentence;
};

static int
open_kind(char kind)
{
	struct addr at = {0};
	int ends[2];

	switch (kind) {
	case 'l':
		addr_parse_ip(SLICE("127.0.0.1"), &at);
		return net_listen(&at);
	case 's':
		return net_unix(SOCK_STREAM);
	case 'p':
		return pipe(ends) == -1 ? -1 : ends[0];
	default:
		return -1;
	}
}

/* Descriptors INHERIT_FIRST and on become what kinds says. */
static void
hand_over(const char *kinds)
{
	for (int i = 0; kinds[i] != '\0'; i++) {
		int to = INHERIT_FIRST + i, fd;

		close(to);
		fd = open_kind(kinds[i]);
		if (fd == -1)
			continue;
		if (fd != to) {
			dup2(fd, to);
			close(fd);
		}
		fcntl(to, F_SETFD, 0);
		fcntl(to, F_SETFL, fcntl(to, F_GETFL) & ~O_NONBLOCK);
	}
}

static void
set_variable(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static bool
is_adopted(int count)
{
	for (int fd = INHERIT_FIRST; fd < INHERIT_FIRST + count; fd++)
		if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC) ||
		    !(fcntl(fd, F_GETFL) & O_NONBLOCK))
			return false;
	return true;
}

/* Exits with the outcome, so that each case has descriptors of its own. */
_Noreturn static void
take_over(const struct handover *h)
{
	char pid[24];
	int got;

	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	set_variable("LISTEN_PID", h->pid && !*h->pid ? pid : h->pid);
	set_variable("LISTEN_FDS", h->fds);
	set_variable("LISTEN_FDNAMES", "web");
	hand_over(h->kinds);
	got = inherit_listeners();
	if (got == -1)
		got = -errno;
	if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") ||
	    getenv("LISTEN_FDNAMES"))
		_exit(2);
	if (got > 0 && !is_adopted(got))
		_exit(3);
	_exit(got == h->want ? 0 : 1);
}

static int
status_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* With standard output closed, whether nothing else gets its place. */
static void
try_standard(void)
{
	int fd;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	inherit_standard();
	fd = open("/dev/null", O_RDWR);
	_exit(fd > STDERR_FILENO && write(STDOUT_FILENO, "", 1) < 0 &&
		    errno == EBADF
		? 0
		: 1);
}

static void
test_standard(void)
{
	pid_t child = fork();

	if (child == 0)
		try_standard();
	tap_is_num(status_of(child), 0,
	    "a closed standard descriptor is taken by none, and writing fails");
}

/* Whether a process with in and errors as descriptors 0 and 2 has a client. */
static bool
has_client(int in, int errors)
{
	pid_t child = fork();

	if (child == 0) {
		dup2(in, STDIN_FILENO);
		dup2(errors, STDERR_FILENO);
		_exit(inherit_is_client());
	}
	return status_of(child) == 1;
}

static void
test_super_server(void)
{
	struct addr at = {0};
	int pair[2], client;
	char pid[24];

	addr_parse_ip(SLICE("127.0.0.1"), &at);
	client = net_listen(&at);
	if (client == -1 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		abort();
	tap_ok(has_client(client, client),
	    "errors would go to who is connected at standard input");
	tap_ok(!has_client(client, pair[0]), "but not when they go elsewhere");
	tap_ok(!has_client(pair[0], pair[0]),
	    "nor when that is somebody on this machine");
	unsetenv("SYSTEMD_EXEC_PID");
	tap_ok(!inherit_is_service(), "a process is no service by itself");
	setenv("SYSTEMD_EXEC_PID", "1", 1);
	tap_ok(!inherit_is_service(), "nor as the child of one");
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	setenv("SYSTEMD_EXEC_PID", pid, 1);
	tap_ok(inherit_is_service(), "but when systemd means it");
	close(client);
	close(pair[0]);
	close(pair[1]);
}

static void
test_listeners(void)
{
	static const struct handover cases[] = {
	    {NULL, NULL, "", 0, "without variables nothing is handed over"},
	    {"", NULL, "", 0, "nor without a count"},
	    {NULL, "1", "l", 0, "nor without a process"},
	    {"1", "1", "l", 0, "nor when it is for another process"},
	    {"", "1", "l", 1, "a listener is taken over"},
	    {"", "3", "lll", 3, "so are three"},
	    {"", "0", "", -EINVAL, "a count of none makes no sense"},
	    {"", "-1", "l", -EINVAL, "nor does a negative one"},
	    {"", "1x", "l", -EINVAL, "nor one with rubbish after it"},
	    {"", " 1", "l", -EINVAL, "nor one with a blank before it"},
	    {"", "", "l", -EINVAL, "nor an empty one"},
	    {"", "2147483645", "l-", -EINVAL, "nor one beyond any descriptor"},
	    {"", "99999999999999999999", "l", -EINVAL, "nor a giant one"},
	    {"x", "1", "l", -EINVAL, "nor a process that is no number"},
	    {"0", "1", "l", -EINVAL, "nor process 0"},
	    {"", "2", "l-", -EINVAL, "a missing descriptor is noticed"},
	    {"", "1", "s", -ENOTSOCK,
		"a socket that does not listen is "
		"refused"},
	    {"", "2", "lp", -ENOTSOCK, "so is a pipe"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		pid_t child = fork();

		if (child == 0)
			take_over(&cases[i]);
		tap_is_num(status_of(child), 0, cases[i].sentence);
	}
}

/* A service manager's socket at name, '@' for an abstract one. */
static int
manager(const char *name)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	int fd = net_unix(SOCK_DGRAM);

	memcpy(at.sun_path, name, len);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&at,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) ==
	    -1)
		abort();
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
test_notify(const char *name, const char *sentence)
{
	int fd = manager(name);
	char text[64];
	ssize_t n;

	tap_is_num(inherit_notify("READY=1"), 0, sentence);
	n = recv(fd, text, sizeof text, MSG_DONTWAIT);
	tap_is_slice(slice_of(text, n > 0 ? (size_t)n : 0), SLICE("READY=1"),
	    "and gets the state");
	close(fd);
}

static void
test_notify_refused(void)
{
	char path[300];

	unsetenv("NOTIFY_SOCKET");
	tap_is_num(
	    inherit_notify("READY=1"), 0, "without a manager nothing is told");
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	tap_ok(inherit_notify("READY=1") == -1 && errno == ENOENT,
	    "a manager that is not there is an error");
	setenv("NOTIFY_SOCKET", "relative", 1);
	tap_ok(inherit_notify("READY=1") == -1 && errno == EINVAL,
	    "a relative path is refused");
	setenv("NOTIFY_SOCKET", "", 1);
	tap_ok(inherit_notify("READY=1") == -1 && errno == EINVAL,
	    "so is an empty one");
	memset(path, '/', sizeof path);
	path[sizeof path - 1] = '\0';
	setenv("NOTIFY_SOCKET", path, 1);
	tap_ok(inherit_notify("READY=1") == -1 && errno == ENAMETOOLONG,
	    "so is one that does not fit");
}

int
main(void)
{
	test_standard();
	char dir[] = "/tmp/t_inherit.XXXXXX", path[64], abstract[64];

	alarm(60);
	test_super_server();
	test_listeners();
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/notify", dir);
	snprintf(abstract, sizeof abstract, "@%s", dir);
	test_notify(path, "a manager at a path is told");
	test_notify(abstract, "a manager at an abstract name is told");
	test_notify_refused();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
