#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/path.h"
#include "openat2.h"

#define OPEN_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define STEP_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int
close_keeping_errno(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static int
open_component(int dir, struct slice name, int flags)
{
	char text[PATH_MAX_BYTES + 1];

	if (name.len > PATH_MAX_BYTES) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(text, name.ptr, name.len);
	text[name.len] = '\0';
	return openat(dir, text, flags);
}

int
open_stepwise(int root, struct slice path, int flags)
{
	struct slice name;
	int dir = root, next;

	while (slice_cut(path, '/', &name, &path)) {
		next = open_component(dir, name, STEP_FLAGS);
		if (dir != root)
			close_keeping_errno(dir);
		if (next < 0)
			return -1;
		dir = next;
	}
	next = open_component(dir, name, flags);
	if (dir != root)
		close_keeping_errno(dir);
	return next;
}

/* EPERM: some sandboxes know no better answer to a new system call. */
static int
open_beneath(int root, struct slice path, int flags)
{
	int fd = openat2_beneath(root, path.ptr, flags);

	if (fd >= 0)
		return fd;
	if (errno == ENOSYS || errno == EPERM || errno == ENAMETOOLONG)
		return open_stepwise(root, path, flags);
	return -1;
}

int
open_file(int root, struct slice path, struct stat *st)
{
	int fd = open_beneath(root, path, OPEN_FLAGS);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0)
		return close_keeping_errno(fd);
	if (S_ISREG(st->st_mode))
		return fd;
	errno = ENOENT;
	return close_keeping_errno(fd);
}

int
open_directory(int root, struct slice path)
{
	return open_beneath(root, path, OPEN_FLAGS | O_DIRECTORY);
}
