#include "config.h"

#include "loop_backend.h"

#ifdef HAVE_EPOLL_CREATE1

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE 0
#endif

#define BATCH 256

/* The place of an io is its position in the batch, from 1; 0: not in it. */
struct loop_backend {
	int fd;
	int fetched;
	struct epoll_event batch[BATCH];
};

struct loop_backend *
loop_backend_new(void)
{
	struct loop_backend *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->fd = epoll_create1(EPOLL_CLOEXEC);
	if (b->fd == -1) {
		free(b);
		return NULL;
	}
	return b;
}

void
loop_backend_free(struct loop_backend *b)
{
	if (b == NULL)
		return;
	close(b->fd);
	free(b);
}

static int
control(struct loop_backend *b, int op, struct loop_io *io, uint32_t mask)
{
	struct epoll_event event = {.events = mask, .data.ptr = io};

	return epoll_ctl(b->fd, op, io->fd, &event);
}

static int
add(struct loop_backend *b, struct loop_io *io, uint32_t mask, unsigned events)
{
	if (!(events & LOOP_BACKEND_SHARED))
		return control(b, EPOLL_CTL_ADD, io, mask);
	if (control(b, EPOLL_CTL_ADD, io, mask | EPOLLEXCLUSIVE) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* Linux before 4.5: all are woken. */
	return control(b, EPOLL_CTL_ADD, io, mask);
}

static void
forget(struct loop_backend *b, struct loop_io *io)
{
	if (io->place != 0)
		b->batch[io->place - 1].data.ptr = NULL;
	io->place = 0;
	if (io->events != 0)
		control(b, EPOLL_CTL_DEL, io, 0);
}

int
loop_backend_watch(struct loop_backend *b, struct loop_io *io, unsigned events)
{
	uint32_t mask = 0;
	bool fresh = io->events == 0;

	if (events == 0) {
		forget(b, io);
		return 0;
	}
	if (events & LOOP_READ)
		mask |= EPOLLIN;
	if (events & LOOP_WRITE)
		mask |= EPOLLOUT;
	/* EPOLLEXCLUSIVE can be neither set nor modified later on. */
	if (!fresh && ((io->events | events) & LOOP_BACKEND_SHARED)) {
		control(b, EPOLL_CTL_DEL, io, 0);
		fresh = true;
	}
	if (fresh)
		return add(b, io, mask, events);
	return control(b, EPOLL_CTL_MOD, io, mask);
}

int
loop_backend_wait(struct loop_backend *b, int ms)
{
	b->fetched = epoll_wait(b->fd, b->batch, BATCH, ms);
	if (b->fetched == -1) {
		b->fetched = 0;
		return errno == EINTR ? 0 : -1;
	}
	for (int i = 0; i < b->fetched; i++) {
		struct loop_io *io = b->batch[i].data.ptr;

		io->place = (size_t)i + 1;
	}
	return b->fetched;
}

static unsigned
events_of(uint32_t mask, unsigned watched)
{
	unsigned events = 0;

	watched &= LOOP_READ | LOOP_WRITE | LOOP_HANGUP;
	if (mask & (EPOLLERR | EPOLLHUP))
		return watched;
	if (mask & EPOLLIN)
		events |= LOOP_READ;
	if (mask & EPOLLOUT)
		events |= LOOP_WRITE;
	return events & watched;
}

void
loop_backend_deliver(struct loop_backend *b)
{
	for (int i = 0; i < b->fetched; i++) {
		struct loop_io *io = b->batch[i].data.ptr;
		unsigned events;

		if (io == NULL)
			continue;
		io->place = 0;
		events = events_of(b->batch[i].events, io->events);
		if (events != 0)
			io->ready(io, events);
	}
	b->fetched = 0;
}

#endif
