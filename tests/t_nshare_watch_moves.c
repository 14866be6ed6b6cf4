#include <fcntl.h>
#include <unistd.h>

#include "home.h"
#include "lib/log.h"
#include "nshare/watch_state.h"
#include "tap.h"

/* What the watch makes of single events, without its thread. */

/* The first watch of all is that of DIR. */
#define TOP 1
#define COOKIE 42

static void
on_changed(void *arg)
{
	(void)arg;
}

static struct watch *
begin(struct home *h)
{
	struct watch_spec spec = {
	    .dir = ".", .rule = &h->rule, .changed = on_changed};

	spec.root = h->root = open(".", O_RDONLY | O_DIRECTORY);
	spec.files = h->files = catalogue_new();
	h->watch = watch_new(&spec);
	if (!h->watch || watch_fill(h->watch, &h->report) < 0 ||
	    catalogue_settle(h->files) < 0)
		home_failed("watch");
	return h->watch;
}

static void
happen(struct watch *w, uint32_t mask, uint32_t cookie, const char *name)
{
	union {
		struct inotify_event event;
		char bytes[sizeof(struct inotify_event) + 64];
	} e = {.event = {.wd = TOP, .mask = mask, .cookie = cookie}};

	e.event.len = 64;
	snprintf(e.bytes + sizeof e.event, 64, "%s", name);
	watch_take(w, &e.event);
}

static void
test_pair(void)
{
	struct home h;
	struct watch *w;
	int wd;

	home_enter(&h);
	home_run("mkdir -p d/e/f x && touch d/e/song");
	w = begin(&h);
	home_move("d", "x/y");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE, "d");
	tap_ok(home_size(&h, "d/e/song") == -1, "what is moved away is gone");
	tap_ok(watches_has(w->dirs, SLICE("d/e/f")), "its watches are not");
	home_move("x/y", "z");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE, "z");
	tap_ok(home_is_true(&h) && watches_has(w->dirs, SLICE("z/e/f")) &&
		!watches_has(w->dirs, SLICE("d")),
	    "they are where it is found again");
	home_move("z", "../out/z");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE + 1, "z");
	happen(w, IN_MODIFY, 0, "nothing");
	tap_is_num((long long)watches_count(w->dirs), 2,
	    "when something else comes first, they are dropped");
	home_move("../out/z", "z");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE + 1, "z");
	tap_ok(home_is_true(&h) && watches_count(w->dirs) == 5,
	    "and made again when the other half comes late");
	wd = inotify_add_watch(w->inotify, "z/e", IN_CREATE | IN_MASK_ADD);
	home_move("z", "q");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE + 2, "z");
	happen(w, IN_Q_OVERFLOW, 0, "");
	tap_ok(!watches_has(w->dirs, SLICE("z/e")) && w->again_at < QUIET_NEVER,
	    "so are they when events were lost");
	watch_rescan(w);
	tap_ok(home_is_true(&h) && watches_has(w->dirs, SLICE("q/e/f")) &&
		inotify_add_watch(w->inotify, "q/e", IN_CREATE | IN_MASK_ADD) !=
		    wd,
	    "and everything is read again");
	home_leave(&h);
}

static void
test_places(void)
{
	static const char *const globs[] = {"skip"};
	struct home h;
	struct watch *w;

	home_enter(&h);
	h.rule = (struct rule){.excludes = globs, .exclude_count = 1};
	home_run("mkdir -p a/in b && touch a/song a/in/song");
	w = begin(&h);
	rmdir("b");
	home_move("a", "b");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE, "a");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE, "b");
	tap_ok(home_is_true(&h) && watches_count(w->dirs) == 3,
	    "a directory takes the place of an empty one");
	home_move("b", "c");
	home_run("mkdir b && touch b/other");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE, "b");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE, "c");
	tap_ok(home_is_true(&h) && watches_has(w->dirs, SLICE("b")) &&
		watches_has(w->dirs, SLICE("c/in")),
	    "another may have its name already");
	home_move("c", "d");
	home_move("d", "e");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE, "c");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE, "d");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE + 1, "d");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE + 1, "e");
	tap_ok(home_is_true(&h) && watches_has(w->dirs, SLICE("e/in")),
	    "or it may have gone on by then");
	home_move("e", "skip");
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE, "e");
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE, "skip");
	tap_ok(home_is_true(&h) && watches_count(w->dirs) == 2,
	    "what is not shared where it is now is not watched");
	home_leave(&h);
}

static void
move(struct watch *w, const char *from, const char *to)
{
	home_move(from, to);
	happen(w, IN_MOVED_FROM | IN_ISDIR, COOKIE, from);
	happen(w, IN_MOVED_TO | IN_ISDIR, COOKIE, to);
}

static void
test_below(void)
{
	static const char *const globs[] = {"open/secret"};
	struct home h;
	struct watch *w;

	home_enter(&h);
	h.rule = (struct rule){.excludes = globs, .exclude_count = 1};
	home_run("mkdir -p d/secret d/e && touch d/secret/song d/e/song");
	w = begin(&h);
	move(w, "d", "open");
	tap_ok(home_is_true(&h) && !watches_has(w->dirs, SLICE("open/secret")),
	    "what is not shared below where it is now is not watched either");
	tap_ok(watches_has(w->dirs, SLICE("open/e")), "the rest is");
	move(w, "open", "d");
	tap_ok(home_is_true(&h) && watches_has(w->dirs, SLICE("d/secret")),
	    "and all is again where it was");
	home_leave(&h);
}

/* After how many seconds everything is read again, or -1. */
static long long
seconds_left(const struct watch *w)
{
	if (w->again_at == QUIET_NEVER)
		return -1;
	return w->links_ms / 1000;
}

static void
test_links(void)
{
	struct home h;
	struct watch *w;

	home_enter(&h);
	home_file_grow("a", 1);
	home_file_grow("c", 1);
	if (link("a", "b") < 0 || link("c", "../out/c") < 0)
		home_failed("link");
	w = begin(&h);
	w->read_at += 60;
	watch_look(w, SLICE("c"));
	tap_is_num(seconds_left(w), -1,
	    "a file that was read since it changed is no reason to read");
	w->read_at -= 60;
	for (int i = 0; i < 2; i++) {
		watch_look(w, SLICE("c"));
		tap_is_num(seconds_left(w), i ? 10 : 5,
		    i ? "later when that found nothing"
		      : "all is read again for other names of a file");
		watch_rescan(w);
	}
	home_file_grow("a", 1);
	watch_look(w, SLICE("a"));
	watch_rescan(w);
	tap_ok(home_is_true(&h), "of which one was told");
	watch_look(w, SLICE("c"));
	tap_is_num(seconds_left(w), 5, "then it is as soon as at first");
	for (int i = 0; i < 9; i++) {
		watch_look(w, SLICE("c"));
		watch_rescan(w);
	}
	watch_look(w, SLICE("c"));
	tap_is_num(seconds_left(w), 60, "a minute is the most it waits");
	home_leave(&h);
}

int
main(void)
{
	log_open("t_nshare_watch_moves", LOG_LEVEL_QUIET);
	test_pair();
	test_places();
	test_below();
	test_links();
	return tap_done();
}
