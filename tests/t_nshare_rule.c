#include "nshare/rule.h"

#include "lib/path.h"
#include "tap.h"

static const struct rule plain;
static const struct rule hidden = {.hidden = true};

static bool
reaches(const struct rule *rule, const char *path)
{
	return rule_reaches(rule, slice_str(path));
}

static void
test_dotfiles(void)
{
	tap_ok(reaches(&plain, "a/b.c"), "an ordinary file is shared");
	tap_ok(!reaches(&plain, ".a"), "a dotfile is not");
	tap_ok(!reaches(&plain, "a/.b"), "nor is one below");
	tap_ok(!reaches(&plain, ".git/config"), "nor what a dot directory has");
	tap_ok(reaches(&hidden, ".git/.x"), "with hidden, they are");
	tap_ok(reaches(&plain, "a."), "a dot at the end hides nothing");
	tap_ok(reaches(&plain, "...") == false, "three dots begin with one");
}

static void
test_unfinished(void)
{
	tap_ok(!reaches(&plain, "a.part"), "an unfinished download is not");
	tap_ok(!reaches(&plain, "a/b.part.from"), "nor what stands beside it");
	tap_ok(!reaches(&plain, "b.part.from~"),
	    "nor what a crash may leave of that");
	tap_ok(reaches(&plain, "b.part~"), "other files with a tilde are");
	tap_ok(!reaches(&hidden, ".part"), "nor with hidden");
	tap_ok(reaches(&plain, "part"), "a file called part is");
	tap_ok(reaches(&plain, "a.part.x"), "so is one with more behind");
	tap_ok(reaches(&plain, "a.part/b"), "a directory may be called so");
}

static void
test_invalid(void)
{
	char long_path[PATH_MAX_BYTES + 2];

	tap_ok(!reaches(&hidden, ""), "the empty path is none");
	tap_ok(!reaches(&hidden, "/a"), "a path is relative");
	tap_ok(!reaches(&hidden, "a/"), "it does not end in a slash");
	tap_ok(!reaches(&hidden, "a//b"), "no component is empty");
	tap_ok(!reaches(&hidden, "../a"), "none climbs");
	tap_ok(!reaches(&hidden, "a/.."), "at the end neither");
	tap_ok(!reaches(&hidden, "./a"), "none stays");
	tap_ok(!reaches(&hidden, "a\nb"), "a control byte is not carried");
	tap_ok(!reaches(&hidden, "a\x7f"), "nor is DEL");
	tap_ok(!rule_reaches(&hidden, slice_of("a\0b", 3)), "nor is NUL");
	tap_ok(reaches(&hidden, "\xff \"'%"), "all other bytes are");

	memset(long_path, 'a', sizeof long_path);
	long_path[PATH_MAX_BYTES + 1] = '\0';
	tap_ok(!reaches(&plain, long_path), "4097 bytes are too many");
	long_path[PATH_MAX_BYTES] = '\0';
	tap_ok(reaches(&plain, long_path), "4096 bytes are not");
}

static void
test_excludes(void)
{
	const char *const globs[] = {"*.bak", "cache", "a/*/x", "[!z]?"};
	const struct rule rule = {.excludes = globs, .exclude_count = 4};

	tap_ok(!reaches(&rule, "f.bak"), "a glob excludes a file");
	tap_ok(!reaches(&rule, "d/f.bak"), "wherever it lies");
	tap_ok(!reaches(&rule, "d.bak/f"), "and all below a directory");
	tap_ok(!reaches(&rule, "d/cache/e/f"), "however deep");
	tap_ok(reaches(&rule, "d/cache2/f"), "it matches whole components");
	tap_ok(!reaches(&rule, "a/b/x"), "a glob with slashes is of the path");
	tap_ok(reaches(&rule, "a/b/c/x"), "whose stars stop at slashes");
	tap_ok(!reaches(&rule, "a/b/x/y"), "it excludes a directory's files");
	tap_ok(reaches(&rule, "d/a/b/x"), "and begins at the top");
	tap_ok(!reaches(&rule, "qq"), "brackets and question marks are known");
	tap_ok(reaches(&rule, "zz"), "and can fail");
	tap_ok(reaches(&rule, "f.BAK"), "case counts");
}

static void
test_steps(void)
{
	const char *const globs[] = {"skip"};
	const struct rule rule = {.excludes = globs, .exclude_count = 1};

	tap_ok(rule_enters(&rule, SLICE("a/b")), "a directory is entered");
	tap_ok(!rule_enters(&rule, SLICE("a/skip")), "unless it is excluded");
	tap_ok(!rule_enters(&rule, SLICE("a/.b")), "or hidden");
	tap_ok(rule_enters(&rule, SLICE("x.part")), "but not for .part");
	tap_ok(rule_shares(&rule, SLICE("a/b")), "a file is shared");
	tap_ok(!rule_shares(&rule, SLICE("a/b.part")), "unless unfinished");
	tap_ok(rule_shares(&rule, SLICE("skip/b")),
	    "a step looks at the last component alone");
}

int
main(void)
{
	test_dotfiles();
	test_unfinished();
	test_invalid();
	test_excludes();
	test_steps();
	return tap_done();
}
