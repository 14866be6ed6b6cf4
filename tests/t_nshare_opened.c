#include "nshare/opened.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/loop.h"
#include "nshare/hashes.h"
#include "nshare/rule.h"
#include "nshare/site.h"
#include "tap.h"

static char top[] = "/tmp/t_opened.XXXXXX";
static struct loop *loop;
static struct site site;
static struct plan_now now;

static void
put(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content, strlen(content)) < 0)
		perror(path);
	close(fd);
}

/* The files have had their last change a while ago, as far as now tells. */
static void
set_up(void)
{
	static const struct rule rule;

	if (!mkdtemp(top) || chdir(top) < 0 || mkdir("share", 0755) < 0 ||
	    mkdir("share/d", 0755) < 0 || mkdir("other", 0755) < 0)
		perror("set up");
	put("share/a.txt", "hello");
	put("share/d/f", "inside");
	put("other/f", "outside");
	loop = loop_new();
	site = (struct site){
	    .root = open("share", O_RDONLY | O_DIRECTORY), .rule = &rule};
	plan_set_now(&now, time(NULL) + 60);
}

static void
tear_down(void)
{
	char command[64];

	close(site.root);
	loop_free(loop);
	snprintf(command, sizeof command, "rm -rf %s", top);
	if (chdir("/") < 0 || system(command) != 0)
		tap_note("%s is left", top);
}

/* Wait until a change would get another time than the last one of path. */
static void
let_time_pass(const char *path)
{
	struct stat before, probe;

	do {
		put("probe", "");
		stat(path, &before);
		stat("probe", &probe);
	} while (before.st_ctim.tv_sec == probe.st_ctim.tv_sec &&
	    before.st_ctim.tv_nsec == probe.st_ctim.tv_nsec);
}

/* The content of what is found, up to the end; "" when nothing is. */
static const char *
find(struct opened *o, const char *path)
{
	static char text[64];
	const struct opened_file *f = opened_find(o, slice_str(path), &now);
	ssize_t n;

	if (!f)
		return "";
	n = pread(f->fd, text, sizeof text - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* A copy of what stands there, put into the answers about path. */
static struct slice
etag(struct opened *o, const char *path)
{
	static char text[2][64];
	static int turn;
	const struct opened_file *f = opened_find(o, slice_str(path), &now);

	turn = !turn;
	snprintf(text[turn], sizeof text[turn], "%.*s",
	    f ? (int)f->about.etag.len : 0, f ? f->about.etag.ptr : "");
	return slice_str(text[turn]);
}

struct pause {
	struct loop_timer timer;
	int turns;
	struct opened *o;
};

static void
on_look(struct loop_timer *timer)
{
	struct pause *p = LOOP_OWNER(timer, struct pause, timer);

	if (opened_count(p->o) == 0 || --p->turns == 0)
		loop_stop(loop);
	else
		loop_timer_set(loop, timer, 10);
}

/* Run the loop until nothing is open, for a minute at most. */
static void
wait_until_closed(struct opened *o)
{
	struct pause p = {.timer.fire = on_look, .turns = 6000, .o = o};

	loop_timer_set(loop, &p.timer, 10);
	loop_run(loop);
}

static void
test_find(void)
{
	struct opened *o = opened_new(loop, &site);
	const struct opened_file *f, *again;

	tap_is_num((long long)opened_count(o), 0, "nothing is open at first");
	f = opened_find(o, SLICE("a.txt"), &now);
	tap_ok(f && f->about.size == 5 && f->about.described > 0 &&
		!strcmp(f->about.type, "text/plain; charset=utf-8"),
	    "a file is found with what is to be said of it");
	again = opened_find(o, SLICE("a.txt"), &now);
	tap_ok(again == f && again->fd == f->fd, "and found again");
	tap_is_num((long long)opened_count(o), 1, "while it stays open once");
	tap_is_str(find(o, "d/f"), "inside", "another is another");
	tap_ok(!opened_find(o, SLICE("none"), &now) && errno == ENOENT,
	    "what is not there is ENOENT");
	tap_ok(!opened_find(o, SLICE("d"), &now), "a directory is no file");
	tap_ok(!opened_find(o, SLICE("../other/f"), &now),
	    "nothing outside is found");
	tap_ok(!opened_find(o, SLICE(".a"), &now), "nor what is not shared");
	opened_free(o);
	opened_free(NULL);
}

static void
test_changes(void)
{
	struct opened *o = opened_new(loop, &site);
	struct slice before = etag(o, "a.txt");

	let_time_pass("share/a.txt");
	put("share/a.txt", "world");
	tap_is_str(find(o, "a.txt"), "world", "new content is seen at once");
	tap_ok(!slice_eq(before, etag(o, "a.txt")), "under another tag");
	let_time_pass("share/a.txt");
	put("share/new", "replaced");
	rename("share/new", "share/a.txt");
	tap_is_str(find(o, "a.txt"), "replaced", "so is another file");
	let_time_pass("share/a.txt");
	rename("share/a.txt", "share/b.txt");
	tap_is_str(find(o, "a.txt"), "", "what was moved away is gone");
	tap_is_str(find(o, "b.txt"), "replaced", "and found where it is");
	symlink("b.txt", "share/a.txt");
	tap_is_str(find(o, "a.txt"), "", "a link in its place is no file");
	unlink("share/b.txt");
	tap_is_str(find(o, "b.txt"), "", "what was deleted is gone");
	unlink("share/a.txt");
	put("share/a.txt", "hello");
	opened_free(o);
}

static void
test_time(void)
{
	struct opened *o = opened_new(loop, &site);

	find(o, "d/f");
	let_time_pass("share/d/f");
	rename("share/d", "moved");
	symlink("../other", "share/d");
	wait_until_closed(o);
	tap_is_num((long long)opened_count(o), 0,
	    "what was open is closed after a while");
	tap_is_str(find(o, "d/f"), "",
	    "then no directory on the way to it may have become a link");
	unlink("share/d");
	rename("moved", "share/d");
	tap_is_str(find(o, "d/f"), "inside", "it opens again");
	usleep((OPENED_MS + 10) * 1000);
	rename("share/d", "moved");
	tap_is_str(
	    find(o, "d/f"), "", "even while the loop has no time to close it");
	rename("moved", "share/d");
	opened_free(o);
}

static void
test_fresh(void)
{
	struct opened *o = opened_new(loop, &site);
	struct plan_now present = {0};

	put("share/d/fresh", "fresh");
	plan_set_now(&present, time(NULL));
	tap_ok(opened_find(o, SLICE("d/fresh"), &present),
	    "a file that has just changed is found");
	rename("share/d", "moved");
	tap_ok(!opened_find(o, SLICE("d/fresh"), &present),
	    "and looked up anew each time: not all that follows would show");
	rename("moved", "share/d");
	opened_free(o);
}

static void
test_digest(void)
{
	struct opened *o = opened_new(loop, &site);
	struct digest digest = {.known = true};
	const struct opened_file *f;
	size_t described;
	struct stat st;

	site.hashes = hashes_new();
	f = opened_find(o, SLICE("a.txt"), &now);
	tap_ok(!f->about.digest.known, "an unknown digest is not told");
	described = f->about.described;
	stat("share/a.txt", &st);
	hashes_put(site.hashes, &st, &digest);
	f = opened_find(o, SLICE("a.txt"), &now);
	tap_ok(f->about.digest.known && f->about.described > described,
	    "one that became known is");
	opened_free(o);
	hashes_free(site.hashes);
	site.hashes = NULL;
}

static void
test_many(void)
{
	struct opened *o = opened_new(loop, &site);
	bool right = true;
	char path[32], name[16];

	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < 4 * OPENED_FILES; i++) {
			snprintf(path, sizeof path, "share/%d", i);
			snprintf(name, sizeof name, "%d", i);
			if (turn == 0)
				put(path, name);
			right = right && !strcmp(find(o, name), name);
		}
	tap_ok(right, "any number of files is found");
	tap_ok(opened_count(o) > 1 && opened_count(o) <= OPENED_FILES,
	    "of which no more than so many are open");
	opened_free(o);
}

/* With room for two more descriptors than are in use. */
static void
test_scarce(void)
{
	struct opened *o = opened_new(loop, &site);
	struct rlimit old, few;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = (rlim_t)next + 2;
	setrlimit(RLIMIT_NOFILE, &few);
	find(o, "0");
	find(o, "1");
	tap_is_num((long long)opened_count(o), 2, "two take all there are");
	tap_is_str(find(o, "2"), "2", "those that are held make room");
	wait_until_closed(o);
	few.rlim_cur = (rlim_t)next;
	setrlimit(RLIMIT_NOFILE, &few);
	tap_ok(!opened_find(o, SLICE("2"), &now) && errno == EMFILE,
	    "when none is held that is EMFILE");
	setrlimit(RLIMIT_NOFILE, &old);
	opened_free(o);
}

int
main(void)
{
	set_up();
	test_find();
	test_changes();
	test_time();
	test_fresh();
	test_digest();
	test_many();
	test_scarce();
	tear_down();
	return tap_done();
}
