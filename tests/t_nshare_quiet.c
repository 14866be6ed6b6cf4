#include "nshare/quiet.h"

#include "dice.h"
#include "tap.h"

#define MS 1000

static char taken[PATH_MAX_BYTES + 1];

/* What is due by now, or "none". */
static const char *
take(struct quiet *q, int64_t now)
{
	return quiet_take(q, now, taken) < 0 ? "none" : taken;
}

static void
touch(struct quiet *q, const char *path, int64_t at)
{
	if (quiet_touch(q, slice_str(path), at) < 0)
		abort();
}

static void
test_time(void)
{
	struct quiet *q = quiet_new(100, MS);

	tap_ok(quiet_due(q) == QUIET_NEVER, "at first, nothing is due ever");
	tap_is_str(take(q, INT64_MAX), "none", "and there is nothing to take");
	touch(q, "d/a", 5000);
	tap_is_num(quiet_due(q), 6000, "a file is due a while after its touch");
	tap_is_str(take(q, 5999), "none", "not before");
	tap_ok(quiet_has(q, SLICE("d/a")), "until then it is being written to");
	tap_is_str(take(q, 6000), "d/a", "then it is taken");
	tap_ok(!quiet_has(q, SLICE("d/a")) && quiet_due(q) == QUIET_NEVER,
	    "and forgotten");
	tap_is_str(take(q, 9000), "none", "once");
	quiet_free(q);
	quiet_free(NULL);
}

static void
test_order(void)
{
	struct quiet *q = quiet_new(100, MS);

	touch(q, "a", 1);
	touch(q, "b", 2);
	touch(q, "c", 3);
	touch(q, "a", 500);
	tap_is_num(quiet_due(q), 1002, "one touched again waits again");
	quiet_forget(q, SLICE("b"));
	quiet_forget(q, SLICE("nothing"));
	tap_is_num(quiet_due(q), 1003, "one that is forgotten is not due");
	tap_is_str(take(q, 5000), "c", "the one that was quiet the longest");
	tap_is_str(take(q, 5000), "a", "comes first");
	tap_is_str(take(q, 5000), "none", "and nothing comes twice");

	touch(q, "late", 3000);
	touch(q, "early", 1000);
	tap_is_str(take(q, 3999), "none",
	    "a touch that lies before another's counts as late as that");
	tap_is_str(take(q, 4000), "late", "so that they stay in order");
	tap_is_str(take(q, 4000), "early", "of touching");
	quiet_free(q);
}

static void
test_most(void)
{
	struct quiet *q = quiet_new(2, MS);

	touch(q, "a", 1);
	touch(q, "b", 2);
	tap_is_str(take(q, 3), "none", "as many as there may be wait");
	touch(q, "c", 3);
	tap_is_str(take(q, 3), "a", "of more, the first is due at once");
	tap_is_str(take(q, 3), "none", "and no other one");
	touch(q, "c", 4);
	tap_is_str(take(q, 4), "none", "a second touch is none more");
	quiet_free(q);
}

static void
test_paths(void)
{
	struct quiet *q = quiet_new(100, MS);
	char path[PATH_MAX_BYTES];

	memset(path, 'p', sizeof path);
	quiet_touch(q, slice_of(path, sizeof path), 0);
	quiet_touch(q, slice_of(path, sizeof path - 1), 0);
	tap_is_num(quiet_take(q, MS, taken), PATH_MAX_BYTES,
	    "a path may be as long as any");
	tap_ok(!memcmp(taken, path, sizeof path) && !taken[PATH_MAX_BYTES],
	    "and comes back whole, with a NUL");
	tap_is_num(quiet_take(q, MS, taken), PATH_MAX_BYTES - 1,
	    "what begins another is itself");
	quiet_free(q);
}

/* Held against an array of times. */
static void
test_many(void)
{
	enum { NAMES = 20000 };
	struct quiet *q = quiet_new(NAMES, MS);
	static int64_t touched[NAMES];
	uint64_t seed = 3;
	size_t left = 0, wrong = 0;
	char path[32];

	for (int64_t now = 1; now <= 100000; now++) {
		uint32_t i = dice_draw(&seed, NAMES);

		snprintf(path, sizeof path, "d%u/f%u", i % 7, i);
		if (dice_draw(&seed, 4) == 0) {
			quiet_forget(q, slice_str(path));
			touched[i] = 0;
		} else {
			touch(q, path, now);
			touched[i] = now;
		}
		while (quiet_take(q, now, taken) >= 0) {
			i = (uint32_t)atoi(strchr(taken, 'f') + 1);
			wrong += touched[i] == 0 || touched[i] + MS > now;
			touched[i] = 0;
		}
	}
	tap_is_num((long long)wrong, 0,
	    "among many, none is due too early or after it was forgotten");
	for (size_t i = 0; i < NAMES; i++)
		left += touched[i] != 0;
	while (quiet_take(q, INT64_MAX, taken) >= 0)
		left--;
	tap_is_num((long long)left, 0, "and none gets lost");
	touch(q, "a", 1);
	quiet_free(q);
}

int
main(void)
{
	test_time();
	test_order();
	test_most();
	test_paths();
	test_many();
	return tap_done();
}
