#include "nshare/backoff.h"

#include "tap.h"

static void
test_growth(void)
{
	struct backoff b = {0};
	int64_t before = 0, longest = 0;
	bool grows = true;

	for (int i = 0; i < 20; i++) {
		struct backoff copy = b;

		longest = 0;
		for (uint32_t random = 0; random < 100000; random++) {
			int64_t ms = backoff_next(&copy, random);

			if (ms > longest)
				longest = ms;
			copy = b;
		}
		grows = grows && longest >= before;
		before = longest;
		backoff_next(&b, 0);
	}
	tap_ok(grows, "the longest wait grows with every failure");
	tap_is_num(longest, BACKOFF_MAX_MS, "up to a limit");
	b = (struct backoff){0};
	tap_ok(backoff_next(&b, 12345) <= 2 * BACKOFF_MIN_MS,
	    "the first is short");
}

/* That naputils(7) promises. */
static void
test_promise(void)
{
	static const int64_t longest[] = {
	    1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct backoff b = {0};
	bool within = true;

	for (size_t i = 0; i < sizeof longest / sizeof *longest; i++) {
		const uint32_t choices = (uint32_t)longest[i] - 500 + 1;
		struct backoff lucky = b, unlucky = b, next = b;

		within = within && backoff_next(&lucky, 0) == 500 &&
		    backoff_next(&unlucky, choices - 1) == longest[i] &&
		    backoff_next(&next, choices) == 500;
		b = next;
	}
	tap_ok(within,
	    "a wait is anything from half a second to 1, 2, 4 and so on to 30 "
	    "s");
}

static void
test_limits(void)
{
	struct backoff b = {0};
	bool within = true;

	for (uint32_t i = 0; i < 1000; i++) {
		int64_t ms = backoff_next(&b, i * 2654435761u);

		within = within && ms >= BACKOFF_MIN_MS && ms <= BACKOFF_MAX_MS;
	}
	tap_ok(within, "a thousand waits are within the limits");
	tap_ok(backoff_next(&b, 0) != backoff_next(&b, 5000),
	    "two who failed alike wait differently");
}

/* The longest wait after one more failure. */
static bool
is_patient(struct backoff b)
{
	return backoff_next(&b, BACKOFF_MAX_MS - BACKOFF_MIN_MS) ==
	    BACKOFF_MAX_MS;
}

static void
test_steady(void)
{
	struct backoff b = {0};

	for (int i = 0; i < 20; i++)
		backoff_next(&b, 0);
	tap_ok(!backoff_relent(&b, 1000000), "what fails is not steady");
	backoff_settle(&b, 5000);
	tap_ok(
	    !backoff_relent(&b, 5000 + BACKOFF_STEADY_MS - 1) && is_patient(b),
	    "what is lost soon after it went well has failed");
	backoff_next(&b, 0);
	tap_ok(!backoff_relent(&b, 5000 + BACKOFF_STEADY_MS),
	    "it does not become steady once it is lost");
	backoff_settle(&b, 50000);
	tap_ok(backoff_relent(&b, 50000 + BACKOFF_STEADY_MS) && !is_patient(b),
	    "what went well for a while lets failures be forgotten");
}

int
main(void)
{
	test_growth();
	test_promise();
	test_limits();
	test_steady();
	return tap_done();
}
