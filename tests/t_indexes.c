#include "lib/indexes.h"

#include <errno.h>

#include "tests/tap.h"

static struct indexes
parse(const char *text)
{
	struct indexes list = {0};
	const char *why = NULL;

	if (indexes_parse(slice_str(text), &list, &why) < 0)
		tap_note("'%s' was refused: %s", text, why);
	return list;
}

static void
is_host(const struct indexes *list, size_t i, const char *name, unsigned port)
{
	tap_ok(i < list->count && !strcmp(list->list[i].name, name) &&
		list->list[i].port == port,
	    "index %zu is %s port %u", i, name, port);
}

static void
test_forms(void)
{
	struct indexes list = parse(
	    " alpha,beta:81\t192.0.2.1:82 , [2001:db8::7]:83\n::1,,");

	tap_is_num((long long)list.count, 5,
	    "blanks and commas separate, in any number");
	is_host(&list, 0, "alpha", 8080);
	is_host(&list, 1, "beta", 81);
	is_host(&list, 2, "192.0.2.1", 82);
	is_host(&list, 3, "2001:db8::7", 83);
	is_host(&list, 4, "::1", 8080);
	indexes_free(&list);
	tap_ok(list.count == 0 && !list.list, "a freed list is empty");
}

static void
test_same(void)
{
	struct indexes list = parse("a A:8080 a:81 a");

	tap_is_num((long long)list.count, 2, "the same index twice is once");
	indexes_free(&list);
	list = parse("  , \t");
	tap_is_num((long long)list.count, 0, "text without any adds none");
	indexes_free(&list);
}

static void
test_refusals(void)
{
	static const char *const bad[] = {"a:0", "a:65536", "a:x", "a:", "*",
	    "*:80", "a/b", "[::1", "http://a", "a b:0", ":80"};
	struct indexes list = {0};
	const char *why;

	indexes_parse(SLICE("kept"), &list, &why);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int outcome;

		why = NULL;
		errno = 0;
		outcome = indexes_parse(slice_str(bad[i]), &list, &why);
		tap_ok(
		    outcome == -1 && errno == EINVAL && why && list.count == 1,
		    "'%s' is refused with a reason and adds none", bad[i]);
	}
	indexes_free(&list);
}

static void
test_many(void)
{
	struct indexes list = {0};
	const char *why;
	char name[16];
	int outcome = 0;

	for (int i = 0; i < INDEXES_MAX; i++) {
		snprintf(name, sizeof name, "h%d", i);
		outcome |= indexes_parse(slice_str(name), &list, &why);
	}
	tap_ok(!outcome && list.count == INDEXES_MAX, "64 indexes are taken");
	tap_ok(!indexes_parse(SLICE("h0"), &list, &why),
	    "one of them again is no 65th");
	tap_ok(
	    indexes_parse(SLICE("h64"), &list, &why) < 0, "a 65th is refused");
	indexes_free(&list);
}

static void
test_default(void)
{
	struct indexes list = {0};
	const char *why = NULL;

	tap_ok(!indexes_default(&list, NULL, &why) && list.count == 1,
	    "an empty list gets one index by default");
	is_host(&list, 0, "localhost", 8080);
	tap_ok(!indexes_default(&list, " ", &why) && list.count == 1,
	    "a list that holds one is left alone by an environment without");
	tap_ok(indexes_default(&list, "x:0", &why) < 0 && list.count == 1,
	    "and by one that is wrong");
	tap_ok(!indexes_default(&list, "other", &why) && list.count == 1,
	    "an environment that names one takes its place");
	is_host(&list, 0, "other", 8080);
	indexes_free(&list);
	tap_ok(!indexes_default(&list, "x:1,y:2", &why) && list.count == 2,
	    "the environment comes before the default");
	indexes_free(&list);
	tap_ok(!indexes_default(&list, " ", &why) && list.count == 1,
	    "an environment that names none is as none");
	is_host(&list, 0, "localhost", 8080);
	indexes_free(&list);
	tap_ok(indexes_default(&list, "x:0", &why) < 0 && why,
	    "an environment that is wrong is refused");
	indexes_free(&list);
}

int
main(void)
{
	test_forms();
	test_same();
	test_refusals();
	test_many();
	test_default();
	return tap_done();
}
