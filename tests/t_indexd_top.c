#include "indexd/top.h"

#include <stdint.h>

#include "tap.h"

#define COUNT 5000
#define KEEP 100

static uint32_t
roll(uint64_t *state, uint32_t sides)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*state >> 33) % sides);
}

static void
test_rank(void)
{
	static const struct {
		unsigned class;
		const char *path;
	} ascending[] = {
	    {1, "z/z/zzzzzzzzzzzzzzzz"},
	    {2, ""},
	    {2, "x/b"},
	    {2, "y/b"},
	    {2, "aa"},
	    {2, "\xff\xff"},
	    {2, "abcdefg"},
	    {2, "abcdefh"},
	    {2, "b/abcdefh"},
	    {2, "abcdefghij"},
	    {3, "a"},
	};
	const size_t n = sizeof ascending / sizeof *ascending;
	struct rank a, b;
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			a = rank_of(
			    ascending[i].class, slice_str(ascending[i].path));
			b = rank_of(
			    ascending[j].class, slice_str(ascending[j].path));
			wrong += (rank_cmp(&a, &b) < 0) != (i < j);
			wrong += (rank_cmp(&a, &b) == 0) != (i == j);
		}
	tap_is_num(wrong, 0,
	    "class, length of the basename, basename and path decide in turn");
	tap_is_num(rank_class(&b), 3, "a rank knows its class");
}

/* How many of all come before one. */
static unsigned
count_before(const struct rank *all, const struct rank *one)
{
	unsigned n = 0;

	for (unsigned i = 0; i < COUNT; i++)
		n += rank_cmp(&all[i], one) < 0;
	return n;
}

static void
test_top(void)
{
	static char text[COUNT * 16];
	static struct rank all[COUNT];
	struct top top;
	uint64_t dice = 7;
	unsigned class, wrong = 0;
	int len;

	top_init(&top, KEEP, UINT64_MAX);
	for (unsigned i = 0; i < COUNT; i++) {
		class = 1 + roll(&dice, 5);
		len = snprintf(text + i * 16, 16, "%0*x/%u",
		    (int)roll(&dice, 4), roll(&dice, 99), i);
		all[i] = rank_of(class, slice_of(text + i * 16, (size_t)len));
		wrong += top_offer(&top, class, all[i].path) < 0;
	}
	tap_is_num((long long)top.count, KEEP, "so many are kept");
	tap_ok(top.cut, "and that there were more is known");
	for (size_t i = 0; i < top.count; i++)
		wrong += count_before(all, &top.heap[i]) >= KEEP;
	tap_is_num(wrong, 0, "the best are kept");
	for (unsigned i = 0; i < COUNT; i++)
		wrong += all[i].key > top_bound(&top) &&
		    count_before(all, &all[i]) < KEEP;
	tap_is_num(wrong, 0, "nothing beyond the bound is among them");
	top_reset(&top);
	tap_ok(top.count == 0 && !top.cut, "a reset forgets them");
	tap_ok(top_offer(&top, 1, all[0].path) == 0 && !top.cut,
	    "what has room is not cut");
	top_free(&top);
}

static void
test_ceiling(void)
{
	struct rank last = rank_of(2, SLICE("dir/middle"));
	struct top top;

	top_init(&top, 2, last.key);
	tap_ok(top_offer(&top, 3, SLICE("a")) == 1 && top.count == 0 && top.cut,
	    "what is above the ceiling is cut");
	tap_ok(top_offer(&top, 2, SLICE("middle")) == 0 && top.count == 1,
	    "what is as high as it is kept");
	tap_ok(top_bound(&top) == last.key, "the ceiling is the first bound");
	top_free(&top);
	top_init(&top, 0, UINT64_MAX);
	tap_ok(top_offer(&top, 1, SLICE("a")) == 0 && top.cut,
	    "who keeps nothing is offered all");
	top_free(&top);
}

/* Each better than all before, so that each is kept for a while. */
static void
test_worst_first(void)
{
	static char path[4096];
	char number[12];
	struct top top;
	size_t most = 0;
	unsigned wrong = 0;

	top_init(&top, 2, UINT64_MAX);
	memset(path, 'x', sizeof path);
	path[sizeof path - 9] = '/';
	for (unsigned i = 20000; i-- > 0;) {
		snprintf(number, sizeof number, "%07u", i);
		memcpy(path + sizeof path - 8, number, 8);
		wrong += top_offer(&top, 1, slice_of(path, sizeof path - 1)) !=
		    0;
		most = top.copied > most ? top.copied : most;
	}
	tap_ok(wrong == 0 && most < 2 * 1024 * 1024,
	    "what is no good any more does not add up");
	for (size_t i = 0; i < top.count; i++)
		wrong += top.heap[i].path.len != sizeof path - 1 ||
		    memcmp(top.heap[i].path.ptr, path, sizeof path - 8) != 0;
	tap_ok(top.count == 2 && wrong == 0, "and the best stay as they are");
	top_free(&top);
}

int
main(void)
{
	test_rank();
	test_worst_first();
	test_top();
	test_ceiling();
	return tap_done();
}
