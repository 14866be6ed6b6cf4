#include "handoff_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/net.h"

/* Who has the lock keeps it for as long as a fork takes. */
#define LOCK_MS 30000
#define LOCK_RETRY_MS 5

#define DIRECTORY (O_PATH | O_DIRECTORY | O_CLOEXEC)

static int
open_directory(const char *path)
{
	int fd = open(path, DIRECTORY);

	if (fd < 0)
		log_warn("%s", path);
	return fd;
}

/* Whether nobody else may do these things (S_IWGRP …) in the directory. */
static bool
is_private(int directory, mode_t things, bool roots)
{
	struct stat st;

	return fstat(directory, &st) == 0 && (st.st_mode & things) == 0 &&
	    (st.st_uid == geteuid() || (roots && st.st_uid == 0));
}

/* What a directory in base is, made if need be. -1 after saying why. */
static int
open_own(int base, const char *base_name, const char *name)
{
	int fd;

	if (mkdirat(base, name, 0700) < 0 && errno != EEXIST) {
		log_warn("%s/%s", base_name, name);
		return -1;
	}
	fd = openat(base, name, DIRECTORY | O_NOFOLLOW);
	if (fd >= 0 && is_private(fd, S_IRWXG | S_IRWXO, false))
		return fd;
	log_warnx("%s/%s: not a directory of mode 0700 that is ours", base_name,
	    name);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The directory that a session has for such things, or NULL. */
static const char *
runtime_directory(void)
{
	const char *path = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (!path || path[0] != '/' || stat(path, &st) < 0 ||
	    st.st_uid != geteuid())
		return NULL;
	return path;
}

static int
open_default(void)
{
	const char *base_name = runtime_directory();
	char name[32] = "naputils";
	int base, fd;

	if (!base_name && geteuid() == 0)
		base_name = "/run";
	if (!base_name) {
		base_name = "/tmp";
		snprintf(name, sizeof name, "naputils-%lu",
		    (unsigned long)geteuid());
	}
	base = open_directory(base_name);
	if (base < 0)
		return -1;
	fd = open_own(base, base_name, name);
	close(base);
	return fd;
}

/* The directory in which path, whose last part is name, lies. */
static int
open_given(const char *path, const char *name)
{
	char *parent = strndup(path, (size_t)(name - path));
	int fd;

	if (!parent) {
		log_warn("%s", path);
		return -1;
	}
	fd = open_directory(*parent ? parent : ".");
	free(parent);
	if (fd < 0 || is_private(fd, S_IWGRP | S_IWOTH, true))
		return fd;
	log_warnx("%s: others may change its directory", path);
	close(fd);
	return -1;
}

static int
open_at(struct handoff_place *p, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (*name == '\0' || strlen(name) + sizeof ".lock" > sizeof p->lock) {
		log_warnx("%s: want a name of 1 to %zu bytes", path,
		    sizeof p->lock - sizeof ".lock");
		return -1;
	}
	snprintf(p->socket, sizeof p->socket, "%s", name);
	snprintf(p->lock, sizeof p->lock, "%s.lock", name);
	p->directory = open_given(path, name);
	return p->directory < 0 ? -1 : 0;
}

int
handoff_place_open(struct handoff_place *p, const char *path, uint16_t port)
{
	if (path)
		return open_at(p, path);
	snprintf(p->socket, sizeof p->socket, "indexd-%u", (unsigned)port);
	snprintf(p->lock, sizeof p->lock, "indexd-%u.lock", (unsigned)port);
	p->directory = open_default();
	return p->directory < 0 ? -1 : 0;
}

void
handoff_place_close(struct handoff_place *p)
{
	close(p->directory);
	p->directory = -1;
}

/*
 * What call makes of the socket's name. Such names are short, and taken
 * relative to where the process stands: it goes there and returns.
 */
static int
from_inside(const struct handoff_place *p, int (*call)(const char *name))
{
	int here = open(".", DIRECTORY), fd = -1, error;

	if (fchdir(p->directory) == 0)
		fd = call(p->socket);
	error = errno;
	if (here >= 0 && fchdir(here) < 0)
		log_debug("no way back to where we were");
	if (here >= 0)
		close(here);
	errno = error;
	return fd;
}

int
handoff_place_dial(const struct handoff_place *p)
{
	return from_inside(p, net_unix_dial);
}

static void
rest(void)
{
	const struct timespec t = {.tv_nsec = LOCK_RETRY_MS * 1000000};

	nanosleep(&t, NULL);
}

int
handoff_place_lock(const struct handoff_place *p)
{
	const int64_t end = clock_ms() + LOCK_MS;
	int fd = openat(p->directory, p->lock,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	int error;

	if (fd < 0)
		return -1;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if ((errno == EWOULDBLOCK || errno == EINTR) &&
		    clock_ms() < end) {
			rest();
			continue;
		}
		error = errno == EWOULDBLOCK ? ETIMEDOUT : errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

void
handoff_place_unlock(int lock)
{
	/* Closing alone would not do while a child has it, too. */
	flock(lock, LOCK_UN);
	close(lock);
}

int
handoff_place_bind(const struct handoff_place *p)
{
	struct stat st;
	mode_t mask;
	int fd;

	if (fstatat(p->directory, p->socket, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISSOCK(st.st_mode)) {
			errno = EEXIST;
			return -1;
		}
		if (unlinkat(p->directory, p->socket, 0) < 0)
			return -1;
	}
	mask = umask(S_IRWXG | S_IRWXO);
	fd = from_inside(p, net_unix_bind);
	umask(mask);
	return fd;
}
