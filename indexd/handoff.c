#include "handoff.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "handoff_letter.h"
#include "handoff_place.h"
#include "lib/addr.h"
#include "lib/drop.h"
#include "lib/log.h"
#include "lib/net.h"

/* A resident may be at its end just now, again and again: 10 ms to 1 s. */
#define TRIES 10
#define PAUSE_MS 10
#define PAUSE_MS_MOST 1000

/* One that does not even start will not do so the third time. */
#define STARTS 2

/* A letter may have to wait for room, and for a resident that starts. */
#define PATIENCE_S 60

/* What became of a letter. */
enum fate {
	TAKEN,
	REFUSED,
	NOBODY, /* is there to read it */
	LOST, /* with whom it was sent to, or so it seems */
	FAILED /* errno */
};

static void
give_time(int fd)
{
	const struct timeval most = {.tv_sec = PATIENCE_S};

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
}

/* errno is why a call has failed; what took too long is told as such. */
static enum fate
fate_of_failure(void)
{
	switch (errno) {
	case EAGAIN:
		errno = ETIMEDOUT;
		return FAILED;
	case ECONNREFUSED:
	case ECONNRESET:
	case ENOTCONN:
	case EPIPE:
	case ETOOMANYREFS: /* descriptors under way, of all our processes */
		return LOST;
	default:
		return FAILED;
	}
}

static enum fate
await_answer(int fd)
{
	ssize_t n;
	char byte;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 0)
		return LOST;
	if (n < 0)
		return fate_of_failure();
	return byte == HANDOFF_TAKEN ? TAKEN : REFUSED;
}

/* Closes to. */
static enum fate
send_to(int to, int connection)
{
	int ends[2], error;
	enum fate fate;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		close(to);
		return FAILED;
	}
	give_time(to);
	give_time(ends[0]);
	fate = handoff_letter_send(to, connection, ends[1]) == 0
	    ? TAKEN
	    : fate_of_failure();
	close(to);
	/* Its end comes once nobody else has it. */
	close(ends[1]);
	if (fate == TAKEN)
		fate = await_answer(ends[0]);
	error = errno;
	close(ends[0]);
	errno = error;
	return fate;
}

static bool
is_nobody(int error)
{
	return error == ENOENT || error == ECONNREFUSED;
}

static enum fate
deliver(const struct handoff_place *p, int connection)
{
	int to = handoff_place_dial(p);

	if (to < 0)
		return is_nobody(errno) ? NOBODY : FAILED;
	return send_to(to, connection);
}

/*
 * With the lock held: unless there is a resident by now, fork one, which
 * returns 0 with its socket. Our process returns 1, or -1 with errno.
 */
static int
fork_resident(const struct handoff_place *p, int *socket)
{
	int fd = handoff_place_dial(p), error;
	pid_t child;

	if (fd >= 0) {
		close(fd);
		return 1;
	}
	fd = is_nobody(errno) ? handoff_place_bind(p) : -1;
	if (fd < 0)
		return -1;
	/* What is sent there waits until it reads. */
	child = drop_offspring();
	if (child == 0) {
		*socket = fd;
		return 0;
	}
	error = errno;
	close(fd);
	errno = error;
	return child < 0 ? -1 : 1;
}

/* The same without the lock; the child no longer has it either. */
static int
start_resident(const struct handoff_place *p, int *socket)
{
	int lock = handoff_place_lock(p), result, error;

	if (lock < 0)
		return -1;
	result = fork_resident(p, socket);
	if (result == 0) {
		close(lock);
		return 0;
	}
	error = errno;
	handoff_place_unlock(lock);
	errno = error;
	return result;
}

static void
rest(int times)
{
	int ms = times < 7 ? PAUSE_MS << times : PAUSE_MS_MOST;
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

static enum handoff
give_up(enum fate fate)
{
	if (fate == REFUSED)
		log_warnx("the resident index refuses the connection");
	else if (fate == FAILED)
		log_warn("hand over to the resident index");
	else
		log_warnx("no resident index takes the connection");
	return HANDOFF_FAILED;
}

static enum handoff
give(const struct handoff_place *p, int connection, int *socket)
{
	enum fate fate = LOST;
	int starts = 0, started;

	for (int times = 0; times < TRIES; times++) {
		fate = deliver(p, connection);
		if (fate == TAKEN)
			return HANDOFF_DONE;
		if (fate == LOST)
			rest(times);
		else if (fate != NOBODY || starts++ == STARTS)
			break;
		else if ((started = start_resident(p, socket)) == 0)
			return HANDOFF_RESIDENT;
		else if (started < 0)
			return give_up(FAILED);
	}
	return give_up(fate);
}

enum handoff
handoff_give(int connection, const char *path, int *socket)
{
	struct handoff_place place;
	enum handoff outcome;
	struct addr near;

	if (net_local(connection, &near) < 0) {
		log_warn("where it is connected to");
		return HANDOFF_FAILED;
	}
	if (handoff_place_open(&place, path, near.port) < 0)
		return HANDOFF_FAILED;
	outcome = give(&place, connection, socket);
	handoff_place_close(&place);
	return outcome;
}
