#include "nshare/ready.h"

#include "tap.h"

static int times;
static char told[ADDR_TEXT];

static void
happened(void *arg, const char *at)
{
	(void)arg;
	times++;
	snprintf(told, sizeof told, "%s", at);
}

static void
test_all(void)
{
	struct ready r;

	times = 0;
	tap_is_num(ready_init(&r, 3, happened, NULL), 0, "three are awaited");
	ready_tell(&r, 2, SLICE("c:1"));
	ready_tell(&r, 2, SLICE("c:1"));
	ready_tell(&r, 0, SLICE("a:1"));
	tap_is_num(times, 0, "the same one twice is once");
	ready_tell(&r, 1, SLICE("b:1"));
	tap_is_num(times, 1, "with the last it happens");
	tap_is_str(told, "a:1", "at what the first said");
	ready_tell(&r, 1, SLICE("b:1"));
	tap_is_num(times, 1, "and never again");
	tap_ok(!ready_give_up(&r), "it cannot be given up any more");
	ready_free(&r);
}

static void
test_give_up(void)
{
	struct ready r;

	times = 0;
	if (ready_init(&r, 1, happened, NULL) < 0)
		exit(1);
	tap_ok(ready_give_up(&r), "it can be given up before");
	ready_tell(&r, 0, SLICE("a:1"));
	tap_is_num(times, 0, "then it never happens");
	ready_free(&r);
}

int
main(void)
{
	test_all();
	test_give_up();
	return tap_done();
}
