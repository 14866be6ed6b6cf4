#include "nshare/silence.h"

#include "tap.h"

static const struct silence_times times = SILENCE_TIMES;

static struct silence
awaiting(enum silence_awaits what, int64_t now)
{
	struct silence s = {.times = times};

	silence_await(&s, what, now);
	return s;
}

static void
test_times(void)
{
	tap_is_num(times.ping_ms, 15000, "an index may be silent for 15 s");
	tap_is_num(times.answer_ms, 30000, "has 30 s to answer a PING");
	tap_is_num(times.hello_ms, 15000, "15 s to answer HELLO");
	tap_is_num(times.sync_ms, 300000, "and 5 minutes to answer SYNC");
}

static void
test_life(void)
{
	struct silence s = awaiting(SILENCE_AWAITS_LIFE, 1000);

	tap_is_num(silence_left(&s, 1000), 15000, "it may be silent");
	tap_is_num(silence_act(&s, 15999), SILENCE_WAIT, "for a while");
	tap_is_num(silence_left(&s, 15999), 1, "which ends on time");
	tap_is_num(silence_act(&s, 16000), SILENCE_ASK, "then it is asked");
	tap_is_num(silence_act(&s, 16000), SILENCE_WAIT, "once");
	tap_is_num(silence_left(&s, 16000), 30000, "and may take its time");
	tap_is_num(silence_act(&s, 45999), SILENCE_WAIT, "all of that");
	tap_is_num(silence_act(&s, 46000), SILENCE_GIVE_UP,
	    "but no longer is it waited for");
}

static void
test_answers(void)
{
	struct silence s = awaiting(SILENCE_AWAITS_LIFE, 0);
	bool goes_on = true;

	for (int64_t now = 0; now < 3600000; now += 40000) {
		goes_on = goes_on &&
		    silence_act(&s, now + 15000) == SILENCE_ASK &&
		    silence_act(&s, now + 39999) == SILENCE_WAIT;
		silence_heard(&s, now + 40000);
	}
	tap_ok(goes_on, "what answers is asked again and again, and kept");
	silence_heard(&s, 3700000);
	tap_is_num(
	    silence_left(&s, 3701000), 14000, "whatever it says puts that off");
	tap_is_num(silence_act(&s, 9000000), SILENCE_ASK,
	    "however late we come to it, it is asked");
	tap_is_num(silence_act(&s, 9000001), SILENCE_WAIT,
	    "and has its time from then on");
	silence_await(&s, SILENCE_AWAITS_LIFE, 9030000);
	tap_is_num(silence_act(&s, 9030000), SILENCE_GIVE_UP,
	    "to be waited for still is no sign of life");
}

static void
test_late(enum silence_awaits what, int64_t most, const char *name)
{
	struct silence s = awaiting(what, 1000);

	silence_heard(&s, 900 + most);
	tap_ok(silence_act(&s, 999 + most) == SILENCE_WAIT,
	    "the answer to %s may take its time", name);
	tap_ok(silence_left(&s, 900 + most) == 100 &&
		silence_act(&s, 1000 + most) == SILENCE_GIVE_UP,
	    "but no longer, whatever else is said");
}

static void
test_search(void)
{
	struct silence s = awaiting(SILENCE_AWAITS_SEARCH, 0);

	silence_heard(&s, 14000);
	tap_is_num(silence_act(&s, 28999), SILENCE_WAIT,
	    "a seed's index that takes what it is told has longer");
	tap_is_num(silence_act(&s, 29000), SILENCE_GIVE_UP,
	    "but not for ever, and is not asked");
}

static void
test_nothing(void)
{
	struct silence s = awaiting(SILENCE_AWAITS_SYNC, 0);

	silence_await(&s, SILENCE_AWAITS_NOTHING, 1000);
	tap_is_num(silence_left(&s, 1000), 0, "who is to say nothing may");
	tap_is_num(silence_act(&s, INT64_MAX), SILENCE_WAIT, "for ever");
	silence_await(&s, SILENCE_AWAITS_LIFE, 5000);
	tap_is_num(silence_left(&s, 5000), 15000,
	    "what is waited for next has all its time");
}

int
main(void)
{
	test_times();
	test_life();
	test_answers();
	test_late(SILENCE_AWAITS_HELLO, 15000, "HELLO");
	test_late(SILENCE_AWAITS_SYNC, 300000, "SYNC");
	test_search();
	test_nothing();
	return tap_done();
}
