#include "nshare/watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "home.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "tap.h"

static void
test_files(void)
{
	struct home h;

	home_enter(&h);
	home_file_grow("first", 1);
	home_start(&h, false);
	tap_is_num(home_size(&h, "first"), 1, "what was there before is there");
	home_file_grow("a", 10);
	tap_ok(home_becomes(&h, "a", 10), "a file that is made comes");
	home_file_grow("a", 5);
	tap_ok(home_becomes(&h, "a", 15), "one that grows has its new size");
	home_move("a", "b");
	tap_ok(home_becomes(&h, "b", 15) && home_becomes(&h, "a", -1),
	    "one that is renamed has its new name alone");
	if (link("b", "c") < 0)
		home_failed("link");
	tap_ok(home_becomes(&h, "c", 15) && home_size(&h, "b") == 15,
	    "a second name is another file");
	home_file_grow("c", 1);
	tap_ok(home_becomes(&h, "c", 16) && home_becomes(&h, "b", 16),
	    "what was written by one name shows under the other, in time");
	home_move("first", "../out/first");
	unlink("b");
	tap_ok(home_becomes(&h, "first", -1) && home_becomes(&h, "b", -1),
	    "what is moved out or deleted is gone");
	home_move("../out/first", "first");
	tap_ok(home_becomes(&h, "first", 1), "what is moved in is there");
	tap_ok(atomic_load(&h.told) > 0, "and somebody is told");
	tap_ok(home_is_true(&h), "a scan finds the same");
	home_leave(&h);
}

static bool
is_touched(struct home *h)
{
	return home_file(h, "a").mtime == 12345;
}

static void
test_kinds(void)
{
	const struct timespec times[2] = {{12345, 0}, {12345, 0}};
	struct home h;

	home_enter(&h);
	home_file_grow("a", 1);
	home_file_grow("b", 2);
	home_file_grow("c", 3);
	home_file_grow("x.part", 4);
	home_start(&h, false);
	utimensat(AT_FDCWD, "a", times, 0);
	tap_ok(home_waits(&h, is_touched), "a new time is noticed");
	if (symlink("a", "link") < 0 || rename("link", "b") < 0)
		home_failed("link");
	tap_ok(home_becomes(&h, "b", -1), "a file that becomes a link is gone");
	unlink("c");
	if (mkfifo("c", 0644) < 0)
		home_failed("c");
	tap_ok(home_becomes(&h, "c", -1), "so is one that becomes a FIFO");
	unlink("a");
	home_make_dir("a");
	home_file_grow("a/b", 5);
	tap_ok(home_becomes(&h, "a/b", 5) && home_size(&h, "a") == -1,
	    "or a directory, which is read");
	home_move("x.part", "x");
	tap_ok(home_becomes(&h, "x", 4), "a download appears when it is whole");
	home_file_grow(".dot", 1);
	home_file_grow("tab\t", 1);
	home_file_grow("last", 1);
	tap_ok(home_becomes(&h, "last", 1) && home_is_true(&h),
	    "names that are not shared are passed over");
	home_leave(&h);
}

static void
test_writing(void)
{
	struct home h;
	int64_t begun;
	int fd;

	home_enter(&h);
	home_start(&h, false);
	begun = clock_ms();
	fd = home_open("slow");
	home_write(fd, 100);
	home_file_grow("fast", 1);
	tap_ok(home_becomes(&h, "fast", 1), "a file that is closed is there");
	tap_ok(
	    home_size(&h, "slow") == -1 || clock_ms() - begun >= WATCH_QUIET_MS,
	    "one that is being written to is not");
	tap_ok(home_becomes(&h, "slow", 100), "until it is quiet");
	tap_ok(clock_ms() - begun >= WATCH_QUIET_MS, "which takes its while");
	home_write(fd, 100);
	tap_ok(
	    home_becomes(&h, "slow", 200), "and again, when more is written");
	home_write(fd, 1);
	close(fd);
	tap_ok(home_becomes(&h, "slow", 201), "and once it is closed");
	fd = home_open("doomed");
	home_write(fd, 1);
	unlink("doomed");
	home_file_grow("fast", 1);
	tap_ok(home_becomes(&h, "fast", 2) && home_is_true(&h),
	    "one that is deleted while it is written does not come");
	close(fd);
	home_leave(&h);
}

static void
test_end(void)
{
	struct home h;
	char path[32];

	home_enter(&h);
	home_start(&h, false);
	for (int i = 0; i < 5000; i++) {
		snprintf(path, sizeof path, "f%d", i);
		home_file_grow(path, 1);
	}
	tap_ok(home_waits(&h, home_is_true), "many files come");
	tap_ok(
	    atomic_load(&h.told) < 2500, "and who is told is not told of each");
	watch_free(h.watch);
	h.watch = NULL;
	tap_ok(true, "a watch may end at any time");
	home_leave(&h);
	watch_free(NULL);
}

static void
test_once(void)
{
	struct home h;

	home_enter(&h);
	home_file_grow("a", 1);
	home_start(&h, true);
	tap_is_num(
	    home_size(&h, "a"), 1, "without watching, what is there is there");
	home_leave(&h);
}
int
main(void)
{
	log_open("t_nshare_watch", LOG_LEVEL_QUIET);
	test_files();
	test_kinds();
	test_writing();
	test_end();
	test_once();
	return tap_done();
}
