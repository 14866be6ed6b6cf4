#include "lib/slice.h"

#include <errno.h>

#include "tests/tap.h"

static void
test_compare(void)
{
	struct slice none = slice_of(NULL, 0);

	tap_ok(slice_eq(none, SLICE("")), "a null slice equals an empty one");
	tap_ok(!slice_eq(SLICE("ab"), SLICE("abc")),
	    "slices of different lengths differ");
	tap_ok(slice_eq_nocase(SLICE("Content-AZaz"), SLICE("cONTENT-azAZ")),
	    "ASCII letters compare without case");
	tap_ok(!slice_eq_nocase(SLICE("@["), SLICE("`{")),
	    "what stands beside the letters keeps its difference");
	tap_ok(!slice_eq_nocase(SLICE("\xc4"), SLICE("\xe4")),
	    "bytes above ASCII have no case");
	tap_ok(!slice_eq_nocase(SLICE("a"), SLICE("ab")),
	    "a shorter slice is not the same without case");
	tap_ok(slice_starts(SLICE("abc"), SLICE("ab")), "abc starts with ab");
	tap_ok(slice_starts(none, none), "nothing starts with nothing");
	tap_ok(!slice_starts(SLICE("a"), SLICE("ab")),
	    "a slice does not start with a longer one");
	tap_ok(slice_cmp(SLICE("ab"), SLICE("abc")) < 0,
	    "what begins another comes before it");
	tap_ok(slice_cmp(SLICE("b"), SLICE("abc")) > 0,
	    "the first byte that differs decides");
	tap_ok(slice_cmp(SLICE("\xff"), SLICE("a")) > 0,
	    "bytes compare as unsigned");
	tap_is_num(slice_cmp(none, SLICE("")), 0, "empty slices compare equal");
}

static void
test_find(void)
{
	struct slice none = slice_of(NULL, 0);

	tap_is_num(slice_find(SLICE("a/b/c"), '/'), 1, "find finds the first");
	tap_is_num(slice_rfind(SLICE("a/b/c"), '/'), 3, "rfind finds the last");
	tap_is_num(slice_find(SLICE("abc"), '/'), -1,
	    "find of what is not there is -1");
	tap_is_num(slice_rfind(SLICE("abc"), '/'), -1,
	    "rfind of what is not there is -1");
	tap_is_num(slice_find(none, 'x'), -1, "nothing is in a null slice");
	tap_is_num(slice_rfind(none, 'x'), -1, "nor is it from the end");
	tap_is_num(slice_find(SLICE("a\0b"), '\0'), 1, "a NUL is a byte too");
}

static void
test_skip(void)
{
	tap_is_slice(slice_skip(SLICE("abc"), 2), SLICE("c"),
	    "skip drops bytes from the front");
	tap_is_num((long long)slice_skip(SLICE("abc"), 9).len, 0,
	    "skipping more than there is leaves nothing");
	tap_ok(!slice_skip(slice_of(NULL, 0), 3).ptr,
	    "skipping in a null slice leaves it null");
}

static void
test_cut(void)
{
	struct slice head, tail;

	tap_ok(slice_cut(SLICE("a b c"), ' ', &head, &tail), "a cut is told");
	tap_is_slice(head, SLICE("a"), "the head is what stands before");
	tap_is_slice(tail, SLICE("b c"), "the tail is all that follows");
	tap_ok(!slice_cut(SLICE("abc"), ' ', &head, &tail),
	    "without the byte there is no cut");
	tap_is_slice(head, SLICE("abc"), "then the head is everything");
	tap_is_num((long long)tail.len, 0, "and the tail is empty");
	tap_ok(slice_cut(SLICE("a:"), ':', &head, &tail) && tail.len == 0,
	    "a cut at the end leaves an empty tail");
	head = SLICE("x=y");
	slice_cut(head, '=', &head, &tail);
	tap_ok(slice_eq(head, SLICE("x")) && slice_eq(tail, SLICE("y")),
	    "the head may overwrite what is cut");
}

static void
test_token(void)
{
	struct slice rest = SLICE(", a,b  ,"), token;

	tap_ok(slice_token(&rest, ", ", &token), "a token is found");
	tap_is_slice(token, SLICE("a"), "separators before a token are passed");
	tap_ok(slice_token(&rest, ", ", &token), "so is the next");
	tap_is_slice(token, SLICE("b"), "it is what lies between separators");
	tap_ok(!slice_token(&rest, ", ", &token), "separators alone are none");
	tap_is_num((long long)token.len, 0, "and yield an empty token");
	tap_is_num((long long)rest.len, 0, "nothing remains then");
	rest = SLICE("a\0b c");
	slice_token(&rest, " ", &token);
	tap_is_slice(token, SLICE("a\0b"), "a NUL separates nothing");
}

static void
test_trim(void)
{
	tap_is_slice(slice_trim(SLICE(" \ta b\t ")), SLICE("a b"),
	    "trim takes blanks and tabs from both ends");
	tap_is_num((long long)slice_trim(SLICE(" \t ")).len, 0,
	    "nothing is left of blanks alone");
	tap_is_slice(slice_trim(SLICE("\na\r")), SLICE("\na\r"),
	    "line ends are no blanks");
}

static void
test_dup(void)
{
	char *copy = slice_dup(slice_of("abc", 2));

	tap_is_str(copy, "ab", "dup makes a string of the slice alone");
	free(copy);
	copy = slice_dup(slice_of(NULL, 0));
	tap_is_str(copy, "", "dup of nothing is an empty string");
	free(copy);
	errno = 0;
	copy = slice_dup(SLICE("a\0b"));
	tap_ok(!copy && errno == EINVAL, "dup refuses a NUL");
}

int
main(void)
{
	test_compare();
	test_find();
	test_skip();
	test_cut();
	test_token();
	test_trim();
	test_dup();
	return tap_done();
}
