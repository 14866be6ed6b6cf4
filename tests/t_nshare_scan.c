#include "nshare/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/log.h"
#include "nshare/catalogue.h"
#include "nshare/identity.h"
#include "nshare/rule.h"
#include "tap.h"

#define SOMEBODY 65534

struct nth {
	size_t left;
	char path[PATH_MAX_BYTES + 1];
	struct catalogue_file file;
};

static bool
count_down(void *arg, const struct catalogue_file *file)
{
	struct nth *nth = arg;

	if (nth->left-- > 0)
		return true;
	memcpy(nth->path, file->path.ptr, file->path.len);
	nth->file = *file;
	nth->file.path.ptr = nth->path;
	return false;
}

/* The i-th file in the order of paths, until the next call. */
static struct catalogue_file
nth_file(struct catalogue *c, size_t i)
{
	static struct nth nth;

	nth.left = i;
	catalogue_walk(c, SLICE(""), count_down, &nth);
	return nth.file;
}

static const struct rule plain;

/* A fresh directory as the working directory; what was there is left there. */
static void
enter_fresh(void)
{
	char name[] = "/tmp/t_scan.XXXXXX";

	if (!mkdtemp(name) || chdir(name) < 0) {
		perror(name);
		exit(1);
	}
}

/* Remove the working directory and all below. */
static void
remove_all(void)
{
	char *name = get_current_dir_name(), command[256];

	snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'",
	    name, name);
	if (chdir("/") < 0 || system(command) != 0)
		tap_note("%s is left", name);
	free(name);
}

static void
make_file(const char *path, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		perror(path);
	if (fd >= 0)
		close(fd);
}

static void
make_dir(const char *path)
{
	if (mkdir(path, 0755) < 0)
		perror(path);
}

static struct scan_report report;
static const struct identity *identity;

static int
on_found(void *files, const struct catalogue_file *file)
{
	return catalogue_fill(files, file);
}

/* What a scan of the working directory finds, sorted. */
static struct catalogue *
scan(const struct rule *rule)
{
	struct catalogue *files = catalogue_new();
	int root = open(".", O_RDONLY | O_DIRECTORY);
	const struct scan_spec spec = {.root = root,
	    .rule = rule,
	    .identity = identity,
	    .report = &report,
	    .found = on_found,
	    .arg = files};

	report = (struct scan_report){0};
	if (scan_tree(&spec, SLICE("")) < 0) {
		catalogue_free(files);
		files = NULL;
	}
	close(root);
	if (files)
		catalogue_settle(files);
	return files;
}

/* Whether files are exactly these paths, in order, joined by '|'. */
static bool
are(struct catalogue *files, const char *want)
{
	char got[4096] = "";
	size_t at = 0;

	for (size_t i = 0; i < catalogue_count(files); i++) {
		struct slice path = nth_file(files, i).path;

		at += (size_t)snprintf(got + at, sizeof got - at, "%s%.*s",
		    i ? "|" : "", (int)path.len, path.ptr);
	}
	if (!strcmp(got, want))
		return true;
	tap_note("got  %s", got);
	return false;
}

static void
finds(const struct rule *rule, const char *want, const char *sentence)
{
	struct catalogue *files = scan(rule);

	tap_ok(files && are(files, want), "%s", sentence);
	catalogue_free(files);
}

static void
test_kinds(void)
{
	enter_fresh();
	finds(&plain, "", "an empty directory has no files");
	make_dir("d");
	make_dir("d/e");
	make_dir("empty");
	make_file("a", 3);
	make_file("d/e/b", 0);
	make_file("d.x", 1);
	if (symlink("a", "link") < 0 || symlink("..", "d/up") < 0 ||
	    symlink("/etc", "out") < 0 || symlink("nowhere", "gone") < 0 ||
	    mkfifo("fifo", 0644) < 0)
		perror("symlink");
	finds(&plain, "a|d.x|d/e/b",
	    "regular files are found at any depth; links, FIFOs and empty "
	    "directories are not");
	tap_ok(report.unnameable == 0 && report.unreadable == 0,
	    "and nothing is complained about");
	remove_all();
}

static void
test_facts(void)
{
	struct timespec times[2] = {{.tv_sec = 12}, {.tv_sec = 1234567890}};
	struct catalogue *files;

	enter_fresh();
	make_file("a", 12345);
	utimensat(AT_FDCWD, "a", times, 0);
	files = scan(&plain);
	tap_is_num((long long)nth_file(files, 0).size, 12345,
	    "a file's size is taken");
	tap_is_num(nth_file(files, 0).mtime, 1234567890,
	    "and the time of its last change");
	catalogue_free(files);
	times[1].tv_sec = -5;
	utimensat(AT_FDCWD, "a", times, 0);
	files = scan(&plain);
	tap_is_num(nth_file(files, 0).mtime, 0,
	    "one before 1970, which no index takes, counts as that");
	catalogue_free(files);
	remove_all();
}

static void
test_rule(void)
{
	const char *const globs[] = {"*.bak", "skip", "d/only"};
	const struct rule excludes = {.excludes = globs, .exclude_count = 3};
	const struct rule hidden = {.hidden = true};

	enter_fresh();
	make_dir("d");
	make_dir(".h");
	make_dir("skip");
	make_file("d/only", 1);
	make_file("d/f.part", 1);
	make_file("d/f.part.from", 1);
	make_file(".h/x", 1);
	make_file(".y", 1);
	make_file("skip/z", 1);
	make_file("only", 1);
	make_file("k.bak", 1);
	finds(&plain, "d/only|k.bak|only|skip/z",
	    "dotfiles and unfinished downloads are passed over");
	finds(&hidden, ".h/x|.y|d/only|k.bak|only|skip/z",
	    "with hidden, dotfiles are not");
	finds(&excludes, "only", "excluded files and directories are");
	remove_all();
}

static void
test_names(void)
{
	char longest[256];

	enter_fresh();
	memset(longest, 'n', 255);
	longest[255] = '\0';
	make_file("a b", 1);
	make_file("-rf", 1);
	make_file("\"'%#?\\", 1);
	make_file("\xff\xfe", 1);
	make_file("\xc3\xa9", 1);
	finds(&plain, "\"'%#?\\|-rf|a b|\xc3\xa9|\xff\xfe",
	    "any byte that is no control byte may be in a name");
	make_file("line\nfeed", 1);
	make_file("tab\there", 1);
	make_dir("\x1b[2J");
	make_file("\x1b[2J/in it", 1);
	finds(&plain, "\"'%#?\\|-rf|a b|\xc3\xa9|\xff\xfe",
	    "what has a control byte is not shared");
	tap_is_num((long long)report.unnameable, 3, "but counted");
	remove_all();

	enter_fresh();
	make_file(longest, 1);
	finds(&plain, longest, "a name may have 255 bytes");
	remove_all();
}

/* Deeper than a path may be long, made and left step by step. */
static void
test_deep(void)
{
	char name[256];
	struct rlimit few = {20, 20};
	struct catalogue *files;
	bool all_short = true;

	memset(name, 'd', 250);
	name[250] = '\0';
	enter_fresh();
	for (int i = 0; i < 20; i++) {
		make_file("f", 1);
		make_dir(name);
		if (chdir(name) < 0)
			perror(name);
	}
	for (int i = 0; i < 20; i++)
		if (chdir("..") < 0)
			perror("..");
	setrlimit(RLIMIT_NOFILE, &few);
	files = scan(&plain);
	/* 250 * 16 + 16 + 1 bytes: the sixteenth level is the last in reach. */
	tap_is_num((long long)catalogue_count(files), 17,
	    "files are found as deep as a path may be long");
	for (size_t i = 0; i < catalogue_count(files); i++)
		all_short = all_short && nth_file(files, i).path.len <= 4096;
	tap_ok(all_short, "and no deeper");
	tap_is_num((long long)report.unnameable, 1,
	    "the directory that is too deep is counted");
	catalogue_free(files);
	remove_all();
}

static void
test_wide(void)
{
	struct catalogue *files;
	char name[32];

	enter_fresh();
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "d%03d", i);
		make_dir(name);
		snprintf(name, sizeof name, "d%03d/f", i);
		make_file(name, 1);
	}
	files = scan(&plain);
	tap_is_num((long long)catalogue_count(files), 300,
	    "a wide tree is read with few descriptors");
	catalogue_free(files);
	remove_all();
}

/* Who is asked about each directory. */
struct gate {
	struct catalogue *files;
	char entered[64]; /* one after another, each with a blank */
	const char *closed; /* passed over, or NULL */
	int error; /* instead of entering any: ends the scan */
};

static int
on_enter(void *arg, struct slice path, int dir)
{
	struct gate *g = arg;
	size_t len = strlen(g->entered);
	struct stat st;

	if (g->error) {
		errno = g->error;
		return -1;
	}
	if (g->closed && slice_eq(path, slice_str(g->closed)))
		return 1;
	if (fstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && !path.ptr[path.len])
		snprintf(g->entered + len, sizeof g->entered - len, "%s ",
		    path.len ? path.ptr : ".");
	return 0;
}

static int
on_found_behind(void *arg, const struct catalogue_file *file)
{
	struct gate *g = arg;

	return catalogue_fill(g->files, file);
}

/* Scan dir; whether exactly these files are found. */
static bool
finds_behind(struct gate *g, const char *dir, const char *want)
{
	int root = open(".", O_RDONLY | O_DIRECTORY);
	const struct scan_spec spec = {.root = root,
	    .rule = &plain,
	    .report = &report,
	    .enter = on_enter,
	    .found = on_found_behind,
	    .arg = g};
	bool same;

	report = (struct scan_report){0};
	g->files = catalogue_new();
	g->entered[0] = '\0';
	same = scan_tree(&spec, slice_str(dir)) == 0 &&
	    catalogue_settle(g->files) == 0 && are(g->files, want);
	catalogue_free(g->files);
	close(root);
	return same;
}

static void
test_part(void)
{
	struct gate g = {.closed = NULL};

	enter_fresh();
	make_dir("a");
	make_dir("a/b");
	make_dir("a/b/c");
	make_dir("ab");
	make_file("a/b/c/x", 1);
	make_file("a/y", 1);
	make_file("ab/z", 1);
	tap_ok(finds_behind(&g, "a/b", "a/b/c/x"), "a part may be scanned");
	tap_is_str(g.entered, "a/b a/b/c ",
	    "who wants to know is told of each directory before it is read");
	g.closed = "a/b";
	tap_ok(
	    finds_behind(&g, "", "a/y|ab/z"), "and may have one passed over");
	tap_ok(finds_behind(&g, "a/nothing", "") && report.unreadable == 0,
	    "one that is not there has nothing in it");
	tap_ok(finds_behind(&g, "a/y", "") && report.unreadable == 0,
	    "nor has a file");
	g.error = ECANCELED;
	errno = 0;
	tap_ok(
	    !finds_behind(&g, "", "") && errno == ECANCELED, "or end the scan");
	remove_all();
}

/* Somebody who is not root. */
static void
test_unreadable_files(void)
{
	struct identity me;

	if (chmod("open", 0) < 0)
		perror("open");
	finds(&plain, "", "a file that its owner cannot read is left out");
	tap_is_num((long long)report.unreadable, 3, "and counted");
	identity_find(&me);
	identity = &me;
	finds(&plain, "", "so it is when modes are believed");
	if (chmod("open", 0400) < 0)
		perror("open");
	finds(&plain, "open", "one that may be read is found");
	identity = NULL;
	finds(&plain, "open", "also when modes are not believed");
}

static void
test_unreadable(void)
{
	bool root = geteuid() == 0;

	enter_fresh();
	make_dir("closed");
	make_dir("names");
	make_file("closed/x", 1);
	make_file("names/x", 1);
	make_file("names/y", 1);
	make_file("open", 1);
	if (chmod(".", 0755) < 0 || chmod("closed", 0) < 0 ||
	    chmod("names", 0444) < 0 ||
	    (root && chown("open", SOMEBODY, 0) < 0))
		perror("closed");
	/* Root reads all: be somebody else for a moment. */
	if (root && seteuid(SOMEBODY) < 0)
		perror("seteuid");
	finds(&plain, "open",
	    "an unreadable directory is left out, and so is one that tells "
	    "names "
	    "alone");
	tap_is_num((long long)report.unreadable, 2, "both are counted");
	test_unreadable_files();
	if (root && seteuid(0) < 0)
		perror("seteuid");
	remove_all();
}

int
main(void)
{
	log_open("t_scan", LOG_LEVEL_QUIET);
	test_kinds();
	test_facts();
	test_rule();
	test_names();
	test_unreadable();
	test_deep();
	test_wide();
	test_part();
	return tap_done();
}
