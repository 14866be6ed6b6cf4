#include "nget/rate.h"
#include "tap.h"

static void
test_rate(void)
{
	struct rate none = {0}, slow = {.limit = 1000}, tiny = {.limit = 1};
	int64_t now = 1000000;

	tap_is_num(rate_take(&none, SIZE_MAX, now), 0, "no limit, no waiting");
	tap_is_num(rate_take(&slow, 100, now), 0, "a little is free");
	tap_is_num(
	    rate_take(&slow, 500, now), 500, "then each byte has its time");
	tap_is_num(rate_take(&slow, 500, now), 1000, "which adds up");
	tap_is_num(rate_take(&slow, 0, now + 400), 600, "and passes");
	tap_is_num(rate_take(&slow, 1000, now + 100000), 900,
	    "a long pause does not save up");
	tap_ok(rate_take(&tiny, SIZE_MAX, now) > 0 &&
		rate_take(&tiny, SIZE_MAX, now) > 0,
	    "no sum overflows");
	tap_ok(rate_step(&slow) < rate_step(&none),
	    "small rates take small steps");
	tap_ok(rate_step(&tiny) > 0, "but never none");
}

int
main(void)
{
	test_rate();
	return tap_done();
}
