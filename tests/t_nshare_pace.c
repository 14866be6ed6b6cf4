#include "nshare/pace.h"

#include "tap.h"

static void
test_unlimited(void)
{
	struct pace p;

	pace_init(&p, 0);
	tap_is_num((long long)pace_piece(&p, 1u << 30), 1u << 30,
	    "without a rate a piece is all");
	tap_is_num(pace_reserve(&p, 1u << 30, 5), 0, "and leaves at once");
	pace_free(&p);
}

static void
test_rate(void)
{
	struct pace p;
	int64_t now = 1000;

	pace_init(&p, 80000);
	tap_is_num((long long)pace_piece(&p, 1000000), 10000,
	    "a piece is an eighth of a second's");
	tap_is_num((long long)pace_piece(&p, 3), 3, "or what there is");
	tap_is_num(pace_reserve(&p, 10000, now), 0, "the first goes at once");
	tap_is_num(pace_reserve(&p, 10000, now), 125, "the second waits");
	tap_is_num(pace_reserve(&p, 10000, now), 250, "the third for both");
	tap_is_num(pace_reserve(&p, 10000, now + 300), 75,
	    "time that passes is taken off");
	tap_is_num(pace_reserve(&p, 10000, now + 60000), 0,
	    "what was not used is not saved");
	tap_is_num(
	    pace_reserve(&p, 10000, now + 60000), 125, "not even a little");
	pace_free(&p);
}

static void
test_extremes(void)
{
	struct pace p;

	pace_init(&p, 1);
	tap_is_num((long long)pace_piece(&p, 1000000), 512,
	    "a piece has a least size");
	pace_reserve(&p, 512, 0);
	tap_is_num(pace_reserve(&p, 512, 0), 512000, "however slow it goes");
	pace_free(&p);
	pace_init(&p, UINT64_MAX);
	tap_is_num(
	    (long long)pace_piece(&p, UINT64_MAX), 262144, "and a greatest");
	tap_is_num(pace_reserve(&p, 262144, 0), 0, "however fast");
	pace_free(&p);
}

int
main(void)
{
	test_unlimited();
	test_rate();
	test_extremes();
	return tap_done();
}
