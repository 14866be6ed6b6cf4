#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dice.h"
#include "home.h"
#include "lib/log.h"
#include "tap.h"

#define SOMEBODY 65534

static void
test_directories(void)
{
	struct home h;

	home_enter(&h);
	home_start(&h, false);
	home_run("mkdir -p d/e/f && echo 1 >d/e/f/g && echo 12 >d/h");
	tap_ok(home_becomes(&h, "d/e/f/g", 2) && home_becomes(&h, "d/h", 3),
	    "a directory comes with all that is in it");
	home_file_grow("d/e/f/later", 7);
	tap_ok(
	    home_becomes(&h, "d/e/f/later", 7), "and is watched from then on");
	home_move("d/e", "e");
	tap_ok(home_becomes(&h, "e/f/g", 2) && home_becomes(&h, "d/e/f/g", -1),
	    "it may be moved");
	home_file_grow("e/f/last", 8);
	tap_ok(home_becomes(&h, "e/f/last", 8),
	    "and what happens in it then has its new path");
	home_move("e", "../out/e");
	tap_ok(home_becomes(&h, "e/f/g", -1), "what is moved out is gone");
	home_file_grow("../out/e/f/outside", 1);
	home_move("../out/e", "d/e");
	tap_ok(home_becomes(&h, "d/e/f/outside", 1),
	    "what happened to it outside is known when it is back");
	home_make_dir("e");
	home_file_grow("e/other", 1);
	if (home_exchange("e", "d") < 0)
		tap_note("no exchange of names");
	else
		tap_ok(home_becomes(&h, "d/other", 1) &&
			home_becomes(&h, "e/e/f/g", 2) &&
			home_waits(&h, home_is_true),
		    "two may change places");
	home_run("rm -r d e");
	tap_ok(home_waits(&h, home_is_true) && catalogue_count(h.files) == 0,
	    "and all may be deleted");
	home_leave(&h);
}

static void
test_rule(void)
{
	static const char *const globs[] = {"skip", "*.bak"};
	struct home h;

	home_enter(&h);
	h.rule = (struct rule){.excludes = globs, .exclude_count = 2};
	home_start(&h, false);
	home_run("mkdir -p .h skip d/skip && touch .h/a skip/a d/skip/a a.bak");
	home_file_grow(".h/b", 1);
	home_file_grow("skip/b", 1);
	home_file_grow("d/b", 1);
	tap_ok(home_becomes(&h, "d/b", 1) && catalogue_count(h.files) == 1,
	    "the rule that scans obey is obeyed");
	home_move("skip", "shown");
	tap_ok(home_becomes(&h, "shown/a", 0) && home_becomes(&h, "shown/b", 1),
	    "what is called otherwise from now on is shared");
	home_move("d", "skip");
	tap_ok(home_becomes(&h, "d/b", -1) && home_waits(&h, home_is_true),
	    "and the other way round");
	home_leave(&h);
}

static void
path_of_dice(char *path, uint64_t *seed)
{
	size_t len = 0;

	for (uint32_t depth = dice_draw(seed, 4); depth > 0; depth--)
		len += (size_t)sprintf(path + len, "d%u/", dice_draw(seed, 3));
	sprintf(
	    path + len, dice_draw(seed, 2) ? "f%u" : "d%u", dice_draw(seed, 3));
}

/*
 * Most of it fails: there is no such directory, or there is one already. What
 * comes last is followed by reading everything again, and hides what else is
 * overlooked.
 */
static void
do_something(uint64_t *seed, uint32_t kinds)
{
	char a[64], b[80], command[100];
	int fd;

	path_of_dice(a, seed);
	path_of_dice(b, seed);
	switch (dice_draw(seed, kinds)) {
	case 0:
	case 1:
		fd = open(a, O_WRONLY | O_CREAT | O_APPEND, 0644);
		if (fd >= 0)
			home_write(fd, dice_draw(seed, 100));
		close(fd);
		break;
	case 2:
	case 3:
		(void)mkdir(a, 0755);
		break;
	case 4:
		snprintf(b, sizeof b, "../out/%u", dice_draw(seed, 9));
		(void)!(
		    dice_draw(seed, 2) ? rename(a, b) : home_exchange(a, b));
		break;
	case 5:
		(void)!rename(a, b);
		break;
	case 6:
		(void)!home_exchange(a, b);
		break;
	case 7:
		(void)!symlink(a, b);
		break;
	case 8:
		snprintf(command, sizeof command, "%s '%s' 2>/dev/null",
		    dice_draw(seed, 9) ? "rm -f" : "rm -rf", a);
		(void)!system(command);
		break;
	case 9:
		(void)!link(a, b);
		break;
	}
}

static void
test_random(uint32_t kinds, const char *sentence)
{
	uint64_t seed = (uint64_t)getpid();
	bool always = true;
	struct home h;

	tap_note("seed %llu", (unsigned long long)seed);
	home_enter(&h);
	home_start(&h, false);
	for (int i = 0; i < 20 && always; i++) {
		for (int n = 0; n < 300; n++)
			do_something(&seed, kinds);
		always = home_waits(&h, home_is_true);
	}
	tap_ok(always, "%s", sentence);
	home_leave(&h);
}

static void
set_mode(const char *path, mode_t mode)
{
	if (chmod(path, mode) < 0)
		home_failed(path);
}

static void
test_unreadable(void)
{
	bool root = geteuid() == 0;
	struct home h;

	/* Root reads all: be somebody else from now on. */
	if (root && setresuid(SOMEBODY, SOMEBODY, 0) < 0)
		home_failed("setresuid");
	home_enter(&h);
	home_run("mkdir d && echo 1 >d/a && echo 1 >b && echo 1 >c && "
		 "ln c g");
	home_start(&h, false);
	set_mode("d", 0);
	tap_ok(
	    home_becomes(&h, "d/a", -1), "a directory that is closed is empty");
	set_mode("d", 0755);
	tap_ok(home_becomes(&h, "d/a", 2), "until it is opened again");
	set_mode("d", 0644);
	tap_ok(home_becomes(&h, "d/a", -1), "names alone are not enough");
	set_mode("d", 0755);
	home_file_grow("d/b", 1);
	tap_ok(home_becomes(&h, "d/b", 1) && home_becomes(&h, "d/a", 2),
	    "and it is watched as before");
	set_mode(".", 0);
	tap_ok(home_becomes(&h, "d/a", -1) && home_becomes(&h, "b", -1),
	    "the whole may be closed");
	fchmod(h.root, 0755);
	tap_ok(home_becomes(&h, "d/a", 2) && home_waits(&h, home_is_true),
	    "and opened");
	set_mode("b", 0);
	home_file_grow("d/c", 1);
	tap_ok(home_becomes(&h, "b", -1) && home_becomes(&h, "d/c", 1),
	    "a file that is closed is gone");
	set_mode("b", 0400);
	tap_ok(home_becomes(&h, "b", 2), "until it is opened");
	home_run("chmod 0 b && mv b e && echo 1 >f && chmod 0 f");
	set_mode("c", 0);
	tap_ok(home_becomes(&h, "c", -1) && home_becomes(&h, "g", -1) &&
		home_size(&h, "e") == -1 && home_size(&h, "f") == -1,
	    "so are one that comes closed, and its other names");
	home_run("chmod 600 c e f");
	tap_ok(home_becomes(&h, "e", 2) && home_becomes(&h, "f", 2) &&
		home_becomes(&h, "g", 2) && home_waits(&h, home_is_true),
	    "and all come back");
	home_leave(&h);
	if (root && setresuid(0, 0, 0) < 0)
		home_failed("setresuid");
}
int
main(void)
{
	log_open("t_nshare_watch_dirs", LOG_LEVEL_QUIET);
	test_directories();
	test_rule();
	test_random(9, "whatever happens, in the end a scan finds the same");
	test_random(10, "also when files have several names");
	test_unreadable();
	return tap_done();
}
