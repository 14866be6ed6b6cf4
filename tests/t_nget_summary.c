#include "nget/summary.h"
#include "tap.h"

static void
is_line(struct summary s, const char *want, const char *sentence)
{
	struct buf out;

	buf_init(&out, 256);
	tap_is_num(summary_add(&out, &s), 0, "a line is made");
	tap_is_slice(buf_slice(&out), slice_str(want), sentence);
	buf_free(&out);
}

int
main(void)
{
	is_line((struct summary){.fetched = 3, .bytes = 3 << 20, .ms = 3000},
	    "3 files, 3.0M in 0:00:03 (1.0M/s)",
	    "a summary tells files, bytes, time and rate");
	is_line(
	    (struct summary){.fetched = 1, .failed = 2, .bytes = 7, .ms = 0},
	    "1 file, 7 in 0:00:00 (0/s), 2 failed",
	    "and how many failed, if any did");
	is_line((struct summary){.ms = 3723000}, "0 files, 0 in 1:02:03 (0/s)",
	    "hours are told");
	is_line((struct summary){.fetched = 2, .bytes = UINT64_MAX, .ms = 1},
	    "2 files, 16E in 0:00:00 (16E/s)", "nothing overflows");
	return tap_done();
}
