#include "nshare/watches.h"

#include <errno.h>

#include "tap.h"

#define MOST 100000

/* How often each watch was dropped. */
static unsigned drops[MOST];
static char got[PATH_MAX_BYTES + 1];

static void
on_drop(void *arg, int wd)
{
	(void)arg;
	drops[wd]++;
}

static struct watches *
new_watches(void)
{
	memset(drops, 0, sizeof drops);
	return watches_new(on_drop, NULL);
}

static int
set(struct watches *w, const char *path, int wd)
{
	return watches_set(w, slice_str(path), wd);
}

static bool
has(const struct watches *w, const char *path)
{
	return watches_has(w, slice_str(path));
}

/* The directory of a watch, or "none". */
static const char *
path_of(const struct watches *w, int wd)
{
	ptrdiff_t len = watches_path(w, wd, got);

	if (len < 0)
		return "none";
	return strlen(got) == (size_t)len ? got : "another length";
}

/* DIR, a, a/b, a/b/c, ab and d with the watches 1 to 6. */
static struct watches *
some(void)
{
	struct watches *w = new_watches();

	if (set(w, "", 1) < 0 || set(w, "a", 2) < 0 || set(w, "a/b", 3) < 0 ||
	    set(w, "a/b/c", 4) < 0 || set(w, "ab", 5) < 0 || set(w, "d", 6) < 0)
		abort();
	return w;
}

static void
test_paths(void)
{
	struct watches *w = some();

	tap_is_str(path_of(w, 1), "", "DIR is the empty path");
	tap_is_str(path_of(w, 2), "a", "a watch tells its directory");
	tap_is_str(path_of(w, 4), "a/b/c", "however deep");
	tap_is_str(path_of(w, 7), "none", "a watch that was not set has none");
	tap_ok(has(w, "") && has(w, "a/b/c") && has(w, "ab"),
	    "directories that were set are there");
	tap_ok(!has(w, "b") && !has(w, "a/c") && !has(w, "a/b/") &&
		!has(w, "a/bb") && !has(w, "/a") && !has(w, "c"),
	    "and no others");
	tap_is_num((long long)watches_count(w), 6, "they are counted");
	errno = 0;
	tap_ok(set(w, "x/y", 9) < 0 && errno == ENOENT &&
		!strcmp(path_of(w, 9), "none"),
	    "one below a directory that is not there is refused");
	watches_free(w);
	tap_is_num(drops[1] + drops[4], 0, "freeing drops nothing");
	watches_free(NULL);
}

static void
test_set_again(void)
{
	struct watches *w = some();

	set(w, "a/b", 3);
	tap_is_num(drops[3], 0, "setting the same again changes nothing");
	set(w, "a/b", 13);
	tap_ok(drops[3] == 1 && !strcmp(path_of(w, 13), "a/b") &&
		!strcmp(path_of(w, 3), "none"),
	    "another watch takes the place of the one before, which is "
	    "dropped");
	tap_is_str(path_of(w, 4), "a/b/c", "what is below stays");
	set(w, "ab", 6);
	tap_ok(!strcmp(path_of(w, 6), "ab") && drops[6] == 0 && !has(w, "d"),
	    "a watch moves to where it was set last, and is not dropped");
	tap_is_num(drops[5], 1, "but the one that was there is");
	tap_is_num((long long)watches_missing(w), 1,
	    "and where it came from none is left");
	watches_free(w);
}

static void
test_missing(void)
{
	struct watches *w = some();

	tap_is_num((long long)watches_missing(w), 0, "all have a watch");
	set(w, "d/e", WATCHES_NONE);
	tap_ok(
	    !has(w, "d/e") && watches_missing(w) == 1 && watches_count(w) == 7,
	    "a directory may be there without a watch");
	tap_ok(set(w, "d/e/f", 8) == 0 && !strcmp(path_of(w, 8), "d/e/f"),
	    "one below it may have one");
	watches_lose(w, 4);
	watches_lose(w, 99);
	tap_ok(drops[4] == 0 && !has(w, "a/b/c") && watches_missing(w) == 2,
	    "a watch that ended by itself is not dropped, but missing");
	set(w, "d/e", 9);
	tap_is_num((long long)watches_missing(w), 1, "one set later is not");
	set(w, "d/e", WATCHES_NONE);
	tap_is_num(drops[9], 1, "setting none drops the one that was there");
	watches_drop(w, SLICE("d"));
	tap_is_num(
	    (long long)watches_missing(w), 1, "what is gone misses nothing");
	watches_free(w);
}

static void
test_drop(void)
{
	struct watches *w = some();

	watches_drop(w, SLICE("nothing"));
	watches_drop(w, SLICE("a"));
	tap_ok(drops[2] == 1 && drops[3] == 1 && drops[4] == 1,
	    "a directory that is gone takes all below with it");
	tap_ok(drops[1] + drops[5] + drops[6] == 0,
	    "and nothing whose name only begins so");
	tap_is_num((long long)watches_count(w), 3, "fewer are left");
	tap_ok(set(w, "a/b", 7) < 0, "below it there is nothing");
	tap_ok(set(w, "a", 7) == 0 && set(w, "a/b", 8) == 0 &&
		!strcmp(path_of(w, 8), "a/b") && !has(w, "a/b/c"),
	    "until it comes again");
	watches_drop(w, SLICE(""));
	tap_ok(watches_count(w) == 0 && drops[8] == 1 && drops[1] == 1,
	    "without DIR there is nothing at all");
	watches_drop(w, SLICE(""));
	tap_ok(set(w, "", 3) == 0, "it too may come again");
	watches_free(w);
}

static int
ren(struct watches *w, const char *from, const char *to)
{
	errno = 0;
	return watches_rename(w, slice_str(from), slice_str(to));
}

static void
test_rename(void)
{
	struct watches *w = some();
	unsigned dropped = 0;

	tap_ok(ren(w, "a", "d/longer") == 0 &&
		!strcmp(path_of(w, 2), "d/longer") &&
		!strcmp(path_of(w, 4), "d/longer/b/c"),
	    "a directory moves with all that is below it");
	tap_ok(has(w, "d/longer/b/c") && !has(w, "a") && !has(w, "a/b/c"),
	    "and is found there alone");
	for (int wd = 0; wd < 10; wd++)
		dropped += drops[wd];
	tap_is_num(dropped, 0, "no watch is dropped for it");
	tap_ok(watches_count(w) == 6 && watches_missing(w) == 0,
	    "and none is missing");
	tap_ok(ren(w, "d/longer/b", "ab") == 0 && drops[5] == 1 &&
		!strcmp(path_of(w, 4), "ab/c") && watches_count(w) == 5,
	    "it takes the place of another, which is dropped");
	tap_ok(ren(w, "x", "y") < 0 && errno == ENOENT &&
		ren(w, "ab", "x/y") < 0 && errno == ENOENT,
	    "what is not known cannot move, nor to where nothing is known");
	tap_ok(ren(w, "d", "d/longer/e") < 0 && errno == EINVAL &&
		ren(w, "ab/c", "ab") < 0 && errno == EINVAL &&
		ren(w, "", "e") < 0 && errno == EINVAL,
	    "nor below itself, or to what it is below");
	watches_drop(w, SLICE("d"));
	watches_drop(w, SLICE(""));
	tap_ok(drops[2] == 1 && drops[3] == 1 && drops[4] == 1 &&
		watches_count(w) == 0,
	    "what has moved is dropped where it is");
	watches_free(w);
}

static void
test_sweep(void)
{
	struct watches *w = some();

	watches_sweep(w, SLICE(""));
	tap_is_num((long long)watches_count(w), 6,
	    "without a mark, a sweep takes nothing");
	watches_mark(w, SLICE("a/b"));
	watches_sweep(w, SLICE("a"));
	tap_ok(!has(w, "a/b") && !has(w, "a/b/c") && has(w, "a") &&
		has(w, "ab") && watches_count(w) == 4,
	    "of a directory that is marked, and those below, nothing is left");
	watches_free(w);
	w = some();
	watches_mark(w, SLICE(""));
	set(w, "", 1);
	set(w, "a", 2);
	set(w, "a/b", 4);
	set(w, "e", 7);
	watches_sweep(w, SLICE(""));
	tap_ok(has(w, "a") && has(w, "a/b") && has(w, "e"),
	    "what was set since the mark stays");
	tap_ok(!has(w, "ab") && !has(w, "d") && !has(w, "a/b/c") &&
		drops[5] == 1 && drops[6] == 1 && watches_count(w) == 4,
	    "the rest is gone");
	tap_ok(drops[4] == 0 && !strcmp(path_of(w, 4), "a/b"),
	    "but a watch that has moved lives on");
	watches_mark(w, SLICE(""));
	watches_sweep(w, SLICE(""));
	tap_ok(watches_count(w) == 0 && watches_missing(w) == 0,
	    "nothing set, nothing left");
	watches_free(w);
	w = new_watches();
	watches_mark(w, SLICE(""));
	watches_sweep(w, SLICE(""));
	tap_is_num(
	    (long long)watches_count(w), 0, "nothing has nothing to sweep");
	watches_free(w);
}

/* A tree of numbers: directory i lies in i / 3. */
static size_t
name(char *path, size_t i)
{
	size_t len = i < 3 ? 0 : name(path, i / 3);

	return len + (size_t)sprintf(path + len, len ? "/%zu" : "%zu", i % 3);
}

static void
test_many(void)
{
	enum { DIRS = 50000 };
	struct watches *w = new_watches();
	char path[PATH_MAX_BYTES + 1];
	size_t right = 0, dropped = 0, wrong = 0;

	set(w, "", 0);
	for (size_t i = 1; i < DIRS; i++) {
		name(path, i);
		if (set(w, path, (int)i) < 0)
			break;
	}
	for (size_t i = 1; i < DIRS; i++) {
		name(path, i);
		right += !strcmp(path_of(w, (int)i), path) && has(w, path);
	}
	tap_is_num((long long)right, DIRS - 1, "many are all found");
	right = 0;
	ren(w, "1", "2/1/other");
	for (size_t i = 1; i < DIRS; i++) {
		name(path, i);
		if (path[0] == '1') {
			char moved[sizeof path + 16];

			snprintf(moved, sizeof moved, "2/1/other%s", path + 1);
			right += !strcmp(path_of(w, (int)i), moved) &&
			    has(w, moved) && !has(w, path);
		} else {
			right += !strcmp(path_of(w, (int)i), path) &&
			    has(w, path);
		}
	}
	tap_is_num((long long)right, DIRS - 1, "also when many move");
	watches_rename(w, SLICE("2/1/other"), SLICE("1"));
	watches_drop(w, SLICE("1"));
	for (size_t i = 1; i < DIRS; i++) {
		name(path, i);
		dropped += drops[i] == 1;
		wrong += drops[i] != (path[0] == '1');
	}
	tap_is_num((long long)(dropped + watches_count(w)), DIRS,
	    "each is dropped once or stays");
	tap_is_num((long long)wrong, 0, "and those below are, no others");
	watches_free(w);
}

/* As deep as a path may be long. */
static void
test_deep(void)
{
	struct watches *w = new_watches();
	char path[PATH_MAX_BYTES + 1] = "";
	size_t len = 0;
	int wd = 0;

	set(w, "", wd);
	while (len + 2 <= PATH_MAX_BYTES) {
		len += (size_t)sprintf(path + len, len ? "/d" : "d");
		if (set(w, path, ++wd) < 0)
			break;
	}
	tap_is_num(wd, PATH_MAX_BYTES / 2, "a path may be as deep as any");
	tap_is_str(path_of(w, wd), path, "and is told whole");
	tap_ok(ren(w, "d", "eee") < 0 && errno == ENAMETOOLONG &&
		!strcmp(path_of(w, wd), path) && ren(w, "d", "e") == 0 &&
		path_of(w, wd)[0] == 'e',
	    "what is above it cannot move to where it would be longer");
	ren(w, "e", "d");
	watches_drop(w, SLICE("d"));
	tap_is_num((long long)watches_count(w), 1, "and is gone as easily");
	watches_free(w);
}

int
main(void)
{
	test_paths();
	test_set_again();
	test_missing();
	test_drop();
	test_rename();
	test_sweep();
	test_many();
	test_deep();
	return tap_done();
}
