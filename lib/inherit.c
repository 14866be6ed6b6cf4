#include "inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net.h"
#include "num.h"

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

/* What the variables promise, unchecked but for their form. */
static int
promised(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t n;

	if (pid == NULL || fds == NULL)
		return 0;
	if (num_parse(slice_str(pid), 1, INT_MAX, &n) == -1)
		return invalid();
	if (n != (uint64_t)getpid())
		return 0;
	if (num_parse(slice_str(fds), 1, INT_MAX - INHERIT_FIRST, &n) == -1)
		return invalid();
	return (int)n;
}

static int
adopt(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return invalid();
	if (!net_is_listener(fd)) {
		errno = ENOTSOCK;
		return -1;
	}
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	return fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1 ? -1 : 0;
}

int
inherit_listeners(void)
{
	int n = promised();

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	for (int i = 0; i < n; i++)
		if (adopt(INHERIT_FIRST + i) == -1)
			return -1;
	return n;
}

/* path, or an abstract name after an '@'. */
static int
notify_address(const char *path, struct sockaddr_un *to, socklen_t *len)
{
	size_t n = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || path[1] == '\0')
		return invalid();
	if (n >= sizeof to->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(to->sun_path, path, n);
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	if (path[0] == '@')
		to->sun_path[0] = '\0';
	else
		++*len;
	return 0;
}

static int
send_state(const struct sockaddr_un *to, socklen_t len, const char *state)
{
	int fd = net_unix(SOCK_DGRAM), error;
	ssize_t n;

	if (fd == -1)
		return -1;
	do {
		n = sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		    (const struct sockaddr *)to, len);
	} while (n == -1 && errno == EINTR);
	error = errno;
	close(fd);
	errno = error;
	return n == -1 ? -1 : 0;
}

int
inherit_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to;
	socklen_t len;

	if (path == NULL)
		return 0;
	if (notify_address(path, &to, &len) == -1)
		return -1;
	return send_state(&to, len, state);
}

void
inherit_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_PATH);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

bool
inherit_is_client(void)
{
	struct stat in, errors;
	struct addr near;

	return net_local(STDIN_FILENO, &near) == 0 &&
	    fstat(STDIN_FILENO, &in) == 0 &&
	    fstat(STDERR_FILENO, &errors) == 0 && in.st_dev == errors.st_dev &&
	    in.st_ino == errors.st_ino;
}

bool
inherit_is_service(void)
{
	const char *pid = getenv("SYSTEMD_EXEC_PID");
	uint64_t n;

	return pid != NULL && num_parse(slice_str(pid), 1, INT_MAX, &n) == 0 &&
	    n == (uint64_t)getpid();
}
