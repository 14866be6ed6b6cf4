#ifndef NAP_LOOP_H
#define NAP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An event loop: readiness of descriptors (epoll, or poll where there is none),
 * timers and deferred calls. It knows no protocol. One thread owns a loop;
 * only loop_stop and loop_wake may be called from another thread or from a
 * signal handler. Callbacks may add and remove anything, themselves included.
 */
struct loop;

/*
 * LOOP_HANGUP, an error or the end of both ways, needs no asking beside
 * another. Alone it watches a descriptor whose bytes nobody wants yet.
 */
enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 };

/* The struct whose member an io, a timer or a task is. */
#define LOOP_OWNER(part, type, member) \
	((type *)(void *)((char *)(part)-offsetof(type, member)))

/* Embedded in its owner, and in place while it is watched. */
struct loop_io {
	int fd;
	unsigned events; /* what is watched: loop.c's */
	size_t place; /* loop.c's */
	/* A hang-up is reported as all that is watched. */
	void (*ready)(struct loop_io *io, unsigned events);
};

struct loop_timer {
	int64_t due; /* loop.c's */
	size_t place; /* loop.c's: 0 while not set */
	void (*fire)(struct loop_timer *timer);
};

/* Called once, after the events at hand: the place to free what had some. */
struct loop_task {
	struct loop_task *next; /* loop.c's */
	void (*run)(struct loop_task *task);
};

/*
 * NULL with errno. loop_free(NULL) is legal; it runs the tasks that wait, and
 * what is watched is not closed.
 */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/*
 * Milliseconds of the monotonic clock: within loop_run as of the events at
 * hand, outside of it as of now.
 */
int64_t loop_now(const struct loop *loop);

/*
 * Watch io->fd for events, replacing what was watched; 0 events forgets it.
 * io begins zeroed but for fd and ready; it is forgotten before fd is closed.
 * An event fetched before that is not delivered. Watching what is watched
 * already costs nothing. 0, or -1 with errno; forgetting always succeeds.
 */
int loop_watch(struct loop *loop, struct loop_io *io, unsigned events);

/*
 * The same for a listening socket that several loops watch: one of them is
 * woken, not all (EPOLLEXCLUSIVE where there is).
 */
int loop_watch_shared(struct loop *loop, struct loop_io *io);

/*
 * Fire once, ms from now; setting it again moves it. A timer begins zeroed but
 * for fire. 0, or -1 with ENOMEM. Cancelling one that is not set is legal.
 */
int loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t ms);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

/*
 * From now on, after an event, look for the next one during us microseconds
 * before going to sleep: who asks one thing after the other is answered sooner
 * than a sleeping processor would wake. 0, as at first: sleep at once.
 */
void loop_linger(struct loop *loop, int64_t us);

/*
 * How many of the watched had events this time: by so many one divides what may
 * be done before the others have their turn. At least 1.
 */
size_t loop_ready(const struct loop *loop);

/* A task may wait in one loop once at a time. */
void loop_defer(struct loop *loop, struct loop_task *task);

/* Run until loop_stop. 0, or -1 with errno when waiting failed. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/*
 * Have woken called in the loop's thread soon, once for any number of calls of
 * loop_wake.
 */
void loop_on_wake(struct loop *loop, void (*woken)(void *arg), void *arg);
void loop_wake(struct loop *loop);

#endif
