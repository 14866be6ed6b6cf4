#include "config.h"

#include "loop_backend.h"

#ifndef HAVE_EPOLL_CREATE1

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#define FIRST_SIZE 16

/*
 * The place of an io is its position in both arrays, from 1. What is forgotten
 * leaves a hole until the next wait, so that nothing moves during delivery.
 */
struct loop_backend {
	struct pollfd *fds;
	struct loop_io **ios;
	size_t count;
	size_t size;
	size_t holes;
	int fetched;
};

struct loop_backend *
loop_backend_new(void)
{
	return calloc(1, sizeof(struct loop_backend));
}

void
loop_backend_free(struct loop_backend *b)
{
	if (b == NULL)
		return;
	free(b->fds);
	free(b->ios);
	free(b);
}

static int
grow(struct loop_backend *b)
{
	size_t size = b->size == 0 ? FIRST_SIZE : b->size * 2;
	struct pollfd *fds;
	struct loop_io **ios;

	if (size > SIZE_MAX / sizeof *fds) {
		errno = ENOMEM;
		return -1;
	}
	fds = realloc(b->fds, size * sizeof *fds);
	if (fds == NULL)
		return -1;
	b->fds = fds;
	ios = realloc(b->ios, size * sizeof *ios);
	if (ios == NULL)
		return -1;
	b->ios = ios;
	b->size = size;
	return 0;
}

static short
mask_of(unsigned events)
{
	int mask = 0;

	if (events & LOOP_READ)
		mask |= POLLIN;
	if (events & LOOP_WRITE)
		mask |= POLLOUT;
	return (short)mask;
}

static void
forget(struct loop_backend *b, struct loop_io *io)
{
	if (io->place == 0)
		return;
	b->fds[io->place - 1].fd = -1;
	b->ios[io->place - 1] = NULL;
	b->holes++;
	io->place = 0;
}

int
loop_backend_watch(struct loop_backend *b, struct loop_io *io, unsigned events)
{
	if (events == 0) {
		forget(b, io);
		return 0;
	}
	if (io->place != 0) {
		b->fds[io->place - 1].events = mask_of(events);
		return 0;
	}
	if (b->count == b->size && grow(b) == -1)
		return -1;
	b->fds[b->count] = (struct pollfd){
	    .fd = io->fd, .events = mask_of(events)};
	b->ios[b->count] = io;
	io->place = ++b->count;
	return 0;
}

static void
close_holes(struct loop_backend *b)
{
	size_t kept = 0;

	if (b->holes == 0)
		return;
	for (size_t i = 0; i < b->count; i++) {
		if (b->ios[i] == NULL)
			continue;
		b->fds[kept] = b->fds[i];
		b->ios[kept] = b->ios[i];
		b->ios[kept]->place = kept + 1;
		kept++;
	}
	b->count = kept;
	b->holes = 0;
}

int
loop_backend_wait(struct loop_backend *b, int ms)
{
	close_holes(b);
	b->fetched = poll(b->fds, (nfds_t)b->count, ms);
	if (b->fetched != -1)
		return b->fetched;
	b->fetched = 0;
	return errno == EINTR ? 0 : -1;
}

static unsigned
events_of(short mask, unsigned watched)
{
	unsigned events = 0;

	watched &= LOOP_READ | LOOP_WRITE | LOOP_HANGUP;
	if (mask & (POLLERR | POLLHUP | POLLNVAL))
		return watched;
	if (mask & POLLIN)
		events |= LOOP_READ;
	if (mask & POLLOUT)
		events |= LOOP_WRITE;
	return events & watched;
}

void
loop_backend_deliver(struct loop_backend *b)
{
	size_t count = b->count;

	for (size_t i = 0; i < count && b->fetched > 0; i++) {
		struct loop_io *io = b->ios[i];
		unsigned events;

		if (b->fds[i].revents == 0)
			continue;
		b->fetched--;
		if (io == NULL)
			continue;
		events = events_of(b->fds[i].revents, io->events);
		if (events != 0)
			io->ready(io, events);
	}
	b->fetched = 0;
}

#endif
