#include "nshare/pace.h"

#include "tap.h"

#define PIECE 10000

static void
test_unlimited(void)
{
	struct pace_turn turn = {0};
	struct pace p;

	pace_init(&p, 0);
	tap_is_num((long long)pace_piece(&p, 1u << 30), 1u << 30,
	    "without a rate a piece is all");
	tap_is_num(pace_take(&p, &turn, 1u << 30, 5), 0, "and leaves at once");
	pace_leave(&turn);
	pace_free(&p);
}

static void
test_rate(void)
{
	struct pace_turn turn = {0};
	int64_t now = 1000;
	struct pace p;

	pace_init(&p, 80000);
	tap_is_num((long long)pace_piece(&p, 1000000), PIECE,
	    "a piece is an eighth of a second's");
	tap_is_num((long long)pace_piece(&p, 3), 3, "or what there is");
	tap_is_num(
	    pace_take(&p, &turn, PIECE, now), 0, "the first goes at once");
	tap_is_num(pace_take(&p, &turn, PIECE, now), 125, "the second waits");
	tap_is_num(pace_take(&p, &turn, PIECE, now + 100), 25,
	    "asking again changes nothing");
	tap_is_num(pace_take(&p, &turn, PIECE, now + 125), 0,
	    "and when it has waited it goes");
	pace_take(&p, &turn, PIECE, now + 125);
	tap_is_num(
	    pace_take(&p, &turn, PIECE, now + 260), 0, "or a little later,");
	tap_is_num(pace_take(&p, &turn, PIECE, now + 260), 115,
	    "which does not slow the rate");
	pace_leave(&turn);
	tap_is_num(pace_take(&p, &turn, PIECE, now + 60000), 0,
	    "what was not used is not saved");
	tap_is_num(
	    pace_take(&p, &turn, PIECE, now + 60000), 125, "not even a little");
	pace_leave(&turn);
	pace_free(&p);
}

static void
test_line(void)
{
	struct pace_turn a = {0}, b = {0}, c = {0};
	struct pace p;

	pace_init(&p, 80000);
	pace_take(&p, &a, PIECE, 0);
	tap_is_num(pace_take(&p, &b, PIECE, 0), 125, "one is next");
	tap_is_num(pace_take(&p, &a, PIECE, 0), 125 + PACE_NAP_MS,
	    "who had a piece is behind it");
	tap_ok(pace_take(&p, &a, PIECE, 125) > 0, "even when asking first");
	tap_is_num(pace_take(&p, &b, PIECE, 125), 0, "its turn comes");
	pace_take(&p, &b, PIECE, 125);
	tap_is_num(pace_take(&p, &b, PIECE, 260), 0,
	    "who does not come when it is next is passed");
	pace_take(&p, &a, PIECE, 370);
	tap_is_num(pace_take(&p, &a, PIECE, 375), 0, "and stays the next");
	pace_leave(&a);
	pace_leave(&b);
	pace_take(&p, &b, PIECE, 1000);
	pace_take(&p, &a, PIECE, 1000);
	pace_take(&p, &c, PIECE, 1000);
	pace_take(&p, &b, PIECE, 1000);
	tap_ok(pace_take(&p, &c, PIECE, 1125) > 0 &&
		pace_take(&p, &b, PIECE, 1125) > 0 &&
		pace_take(&p, &a, PIECE, 1125) == 0,
	    "then that of who has waited longest");
	pace_leave(&c);
	tap_is_num(pace_take(&p, &b, PIECE, 1250), 0,
	    "who leaves the line is not waited for");
	pace_leave(&c);
	tap_is_num(pace_take(&p, &a, PIECE, 1375), 0, "and may leave twice");
	pace_free(&p);
}

/* They are many, and each asks once. */
static void
test_abandoned(void)
{
	static struct pace_turn gone[1000];
	struct pace_turn turn = {0};
	struct pace p;

	pace_init(&p, 80000);
	pace_take(&p, &turn, PIECE, 0);
	for (size_t i = 0; i < 1000; i++)
		pace_take(&p, &gone[i], PIECE, 0);
	tap_is_num(pace_take(&p, &turn, PIECE, 0), 125 + PACE_NAP_MS,
	    "however many wait, one asks again soon");
	for (size_t i = 0; i < 1000; i++)
		pace_leave(&gone[(i * 7 + 3) % 1000]);
	tap_is_num(pace_take(&p, &turn, PIECE, 125), 0,
	    "what a thousand asked for and never took delays nobody");
	pace_free(&p);
}

static void
test_extremes(void)
{
	struct pace_turn turn = {0}, other = {0};
	struct pace p;

	pace_init(&p, 1);
	tap_is_num((long long)pace_piece(&p, 1000000), 512,
	    "a piece has a least size");
	pace_take(&p, &turn, 512, 0);
	tap_is_num(
	    pace_take(&p, &turn, 512, 0), 512000, "however slow it goes");
	pace_leave(&turn);
	pace_free(&p);
	pace_init(&p, UINT64_MAX);
	tap_is_num(
	    (long long)pace_piece(&p, UINT64_MAX), 262144, "and a greatest");
	tap_is_num(pace_take(&p, &turn, 262144, 0), 0, "however fast");
	pace_free(&p);
	pace_init(&p, 262144000);
	pace_take(&p, &turn, 262144, 0);
	pace_take(&p, &turn, 262144, 0);
	tap_is_num(pace_take(&p, &other, 262144, 1), 1,
	    "who is not next naps a millisecond at least");
	pace_leave(&turn);
	pace_leave(&other);
	pace_free(&p);
}

int
main(void)
{
	test_unlimited();
	test_rate();
	test_line();
	test_abandoned();
	test_extremes();
	return tap_done();
}
