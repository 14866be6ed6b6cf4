#include "indexd/window.h"

#include "tap.h"

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 32) * below >> 32);
}

static uint32_t
count(const struct window *w)
{
	uint32_t found = 0;

	for (uint32_t n = window_next(w, 0); n < w->to;
	     n = window_next(w, n + 1))
		found++;
	return found;
}

static void
test_open(void)
{
	struct window w = {0};
	uint64_t *bits;

	tap_ok(window_open(&w, 128, 128) == 0, "a window of nothing opens");
	tap_is_num(window_next(&w, 0), 128, "and has nothing");
	tap_ok(!window_and(&w, &w), "nor anything in common with itself");
	tap_ok(window_open(&w, 64, 64 + 1000) == 0, "a window opens");
	tap_is_num(count(&w), 0, "it is empty at first");
	window_set(&w, 64);
	window_set(&w, 64 + 999);
	tap_is_num(window_next(&w, 0), 64, "its first number can be had");
	tap_is_num(window_next(&w, 65), 64 + 999, "and its last");
	tap_is_num(window_next(&w, 64 + 1000), 64 + 1000,
	    "past the end there is nothing");
	tap_is_num(window_next(&w, UINT32_MAX), 64 + 1000, "however far past");
	bits = w.bits;
	tap_ok(window_open(&w, 0, 70) == 0, "it opens again, elsewhere");
	tap_is_num(count(&w), 0, "and is empty again");
	tap_ok(w.bits == bits, "in the same memory where that suffices");
	window_set(&w, 69);
	tap_ok(window_open(&w, 1 << 20, 1 << 21) == 0, "it grows");
	tap_is_num(count(&w), 0, "and is empty then");
	window_free(&w);
	tap_ok(!w.bits && w.room == 0, "a freed window holds no memory");
	window_free(&w);
	tap_ok(window_open(&w, 0, 1) == 0, "and may be opened");
	window_set(&w, 0);
	tap_is_num(count(&w), 1, "even for one number");
	window_free(&w);
}

static void
test_end(void)
{
	const uint32_t from = UINT32_MAX - 63;
	struct window w = {0};

	tap_ok(window_open(&w, from, UINT32_MAX) == 0,
	    "a window may reach up to the last number");
	window_set(&w, UINT32_MAX - 1);
	tap_is_num(
	    window_next(&w, 0), UINT32_MAX - 1, "and have the one before it");
	window_free(&w);
}

/* Windows of random bounds against plain arrays. */
static void
test_random(void)
{
	static bool one[2][2000];
	struct window w = {0}, other = {0};
	uint32_t from, size, n, next, wrong = 0, wrong_any = 0;
	uint64_t seed = 1;
	bool any;

	for (int round = 0; round < 500; round++) {
		from = draw(&seed, 1000) * 64;
		size = draw(&seed, 2000);
		window_open(&w, from, from + size);
		window_open(&other, from, from + size);
		memset(one, 0, sizeof one);
		for (n = draw(&seed, 200); n > 0 && size > 0; n--) {
			next = draw(&seed, size);
			window_set(&w, from + next);
			one[0][next] = true;
			next = draw(&seed, size);
			window_set(&other, from + next);
			one[1][next] = true;
		}
		any = false;
		for (n = 0; n < size; n++)
			any |= one[0][n] &= one[1][n];
		wrong_any += window_and(&w, &other) != any;
		for (next = n = size; n-- > 0;) {
			if (one[0][n])
				next = n;
			wrong += window_next(&w, from + n) != from + next;
		}
	}
	tap_is_num(wrong, 0, "what is left is what two windows share");
	tap_is_num(wrong_any, 0, "and whether they share anything is told");
	window_free(&w);
	window_free(&other);
}

int
main(void)
{
	test_open();
	test_end();
	test_random();
	return tap_done();
}
