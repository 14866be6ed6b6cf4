#include "nget/progress.h"
#include "tap.h"

static void
is_line(struct progress_state s, unsigned width, const char *want,
    const char *sentence)
{
	struct buf out;

	buf_init(&out, 4096);
	tap_is_num(progress_line(&out, &s, width), 0, "a line is made");
	tap_is_slice(buf_slice(&out), slice_str(want), sentence);
	buf_free(&out);
}

static void
test_lines(void)
{
	is_line((struct progress_state){"song", NULL, 512, 1024, 128}, 50,
	    "song                  50%    512    128/s  0:00:04",
	    "a line shows name, percent, size, rate and time left");
	is_line(
	    (struct progress_state){"song", "192.0.2.7:9000", 512, 1024, 128},
	    79,
	    "song                        192.0.2.7:9000         50%    512    "
	    "128/s  0:00:04",
	    "and who sends, where there is room");
	is_line(
	    (struct progress_state){"song", "192.0.2.7:9000", 512, 1024, 128},
	    60, "song                            50%    512    128/s  0:00:04",
	    "which is left out before the name suffers");
	is_line((struct progress_state){"song",
		    "[2001:db8:1234:5678:9abc:def0:1234:5678]:9000", 0, 0, 0},
	    79,
	    "song                        [2001:db8:1234:5678:9           0   "
	    "   0/s         ",
	    "and clipped as well");
	is_line((struct progress_state){"song", NULL, 512, 0, 0}, 50,
	    "song                         512      0/s         ",
	    "what is not known is left out");
	is_line((struct progress_state){"a rather long name", NULL, 1, 2, 0},
	    42, "a rather lon  50%      1      0/s         ",
	    "a name is clipped");
	is_line((struct progress_state){"song", NULL, 5, 4, 0}, 50,
	    "song                 100%      5      0/s         ",
	    "more than all is all");
	is_line((struct progress_state){"long name", NULL, 1, 2, 0}, 4, "long",
	    "a narrow window has room for a bit of the name");
	is_line((struct progress_state){"x", NULL, 1, 2, 0}, 0, "",
	    "and one without width for nothing");
	is_line((struct progress_state){"a\033[2J\xff", NULL, 0, 0, 0}, 12,
	    "a\\x1b[2J\\xff", "control bytes are shown, not sent");
	is_line((struct progress_state){"\u65e5\u672c\u8a9e", NULL, 0, 0, 0}, 5,
	    "\u65e5\u672c ", "wide characters count twice");
}

int
main(void)
{
	test_lines();
	return tap_done();
}
