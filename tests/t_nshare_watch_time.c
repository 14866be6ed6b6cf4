/*
 * How long the watch lets things wait, on a clock that stands still but for what
 * the test lets pass: the machine may be as slow as it likes. Times are written
 * out, for they are promises (nshare(1), naputils(7)).
 */
#include "nshare/watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "home.h"
#include "lib/log.h"
#include "tap.h"

/* Real seconds until waiting for the watch is a failure. */
#define PATIENCE 120

/* In milliseconds: what it is, and how late it may become. */
static atomic_llong now = 1000000, limit = 1000000;
/* How often the test has asked whether all is done, and been told so. */
static atomic_uint asked, told;
static atomic_bool blind; /* no directory can be watched */

int __wrap_poll(struct pollfd *fds, nfds_t count, int ms);
int __real_poll(struct pollfd *fds, nfds_t count, int ms);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);

/* Only the watch calls it, and nobody else moves its clock. */
int
__wrap_poll(struct pollfd *fds, nfds_t count, int ms)
{
	long long due = ms < 0 ? LLONG_MAX : atomic_load(&now) + ms;

	for (;;) {
		unsigned question = atomic_load(&asked);
		long long latest = atomic_load(&limit);
		int ready = __real_poll(fds, count, 0);

		if (ready != 0)
			return ready;
		atomic_store(&now, due < latest ? due : latest);
		if (due <= latest)
			return 0;
		atomic_store(&told, question);
		(void)__real_poll(fds, count, 1);
	}
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	static const struct timespec long_ago = {1000000000, 0};
	long long ms = atomic_load(&now);

	/* Files are younger than a second for as long as the test takes. */
	if (clock == CLOCK_REALTIME)
		*t = long_ago;
	else
		*t = (struct timespec){ms / 1000, ms % 1000 * 1000000};
	return 0;
}

int
__wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (!atomic_load(&blind))
		return __real_inotify_add_watch(fd, path, mask);
	errno = ENOSPC;
	return -1;
}

/* Let so much time pass, and the watch do all that it does until then. */
static void
pass(long long ms)
{
	unsigned question;
	struct timespec t;
	time_t end;

	__real_clock_gettime(CLOCK_MONOTONIC, &t);
	end = t.tv_sec + PATIENCE;
	/* The question comes last: who answers it knows of the time. */
	atomic_fetch_add(&limit, ms);
	question = atomic_fetch_add(&asked, 1) + 1;
	while (atomic_load(&told) != question) {
		usleep(200);
		__real_clock_gettime(CLOCK_MONOTONIC, &t);
		if (t.tv_sec > end) {
			errno = ETIMEDOUT;
			home_failed("the watch");
		}
	}
}

static void
test_quiet(void)
{
	struct home h;
	int fd;

	home_enter(&h);
	home_start(&h, false);
	pass(50);
	fd = home_open("slow");
	home_write(fd, 100);
	pass(999);
	tap_is_num(home_size(&h, "slow"), -1,
	    "what is being written to has not come before a second has passed");
	pass(1);
	tap_is_num(home_size(&h, "slow"), 100, "quiet for a second, it has");
	pass(50);
	home_write(fd, 100);
	pass(600);
	home_write(fd, 100);
	pass(999);
	tap_is_num(
	    home_size(&h, "slow"), 100, "each write begins another second");
	pass(1);
	tap_is_num(home_size(&h, "slow"), 300, "after the last it has grown");
	pass(50);
	home_write(fd, 1);
	close(fd);
	pass(0);
	tap_is_num(
	    home_size(&h, "slow"), 301, "what is closed waits for nothing");
	home_leave(&h);
}

static void
test_pause(void)
{
	struct home h;

	home_enter(&h);
	home_start(&h, false);
	pass(50);
	home_file_grow("a", 1);
	pass(0);
	tap_is_num(home_size(&h, "a"), 1, "what comes alone is there at once");
	home_file_grow("b", 1);
	home_move("a", "c");
	pass(50);
	tap_ok(home_size(&h, "b") == 1 && home_size(&h, "a") == -1 &&
		home_size(&h, "c") == 1,
	    "what comes right after something else, in a twentieth of a "
	    "second");
	tap_is_num(atomic_load(&h.told), 2, "and is told of at once, together");
	home_leave(&h);
}

static void
name_twice(const char *from, const char *to)
{
	if (link(from, to) < 0)
		home_failed(to);
}

static void
test_links(void)
{
	struct home h;

	home_enter(&h);
	home_file_grow("a", 1);
	name_twice("a", "b");
	home_file_grow("c", 1);
	name_twice("c", "../out/c");
	home_start(&h, false);
	pass(50);
	home_file_grow("a", 1);
	pass(4900);
	tap_ok(home_size(&h, "a") == 2 && home_size(&h, "b") == 1,
	    "what is written by one name is not yet known by another");
	pass(200);
	tap_is_num(home_size(&h, "b"), 2, "but is five seconds later");

	for (int i = 0; i < 6; i++) {
		home_file_grow("c", 1);
		pass(61000);
	}
	home_file_grow("a", 1);
	pass(59000);
	tap_is_num(home_size(&h, "b"), 2,
	    "where that has found nothing again and again, it takes longer");
	pass(1100);
	tap_is_num(home_size(&h, "b"), 3, "but never more than a minute");
	home_leave(&h);
}

static void
test_blind(void)
{
	struct home h;

	home_enter(&h);
	atomic_store(&blind, true);
	home_start(&h, false);
	pass(100);
	for (int i = 0; i < 3; i++) {
		home_file_grow("a", 1);
		pass(4800);
		tap_is_num(home_size(&h, "a"), i ? i : -1,
		    "what cannot be watched is not looked at all the time");
		pass(200);
		tap_is_num(home_size(&h, "a"), i + 1, "but every five seconds");
	}
	home_leave(&h);
	atomic_store(&blind, false);
}

int
main(void)
{
	log_open("t_nshare_watch_time", LOG_LEVEL_QUIET);
	test_quiet();
	test_pause();
	test_links();
	test_blind();
	return tap_done();
}
