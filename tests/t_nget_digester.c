#include "nget/digester.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "tap.h"
#include "yard.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)

static void
test_lengths(struct yard *y)
{
	static const uint64_t sizes[] = {0, 1, 64 * KIB - 1, 64 * KIB, MIB - 1,
	    MIB, MIB + 1, 2 * MIB, 4 * MIB, 5 * MIB + 12345, 9 * MIB};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		yard_add(y, sizes[i], sizes[i]);
		yard_add(y, sizes[i], 300 * KIB);
		yard_run(y);
		tap_ok(yard_all_right(y),
		    "a file of %llu bytes has its digest, however it grows",
		    (unsigned long long)sizes[i]);
		yard_clear(y);
	}
}

static void
test_many(struct yard *y, const char *how)
{
	for (int i = 0; i < YARD_MOST; i++)
		yard_add(y, yard_draw(y, 6 * MIB), 1 + yard_draw(y, MIB));
	yard_run(y);
	tap_ok(yard_all_right(y), "many files at once have theirs%s", how);
	yard_clear(y);
	for (int i = 0; i < YARD_MOST; i++)
		yard_add(y, yard_draw(y, 6 * MIB), 6 * MIB);
	yard_run(y);
	tap_ok(yard_all_right(y), "even when they come in one piece%s", how);
	yard_clear(y);
}

static void
test_stop(struct yard *y, const char *how)
{
	struct digester none = {0};
	bool right = true, silent = true;
	size_t left = 0;

	digester_stop(&none);
	y->stops = true;
	for (int round = 0; round < 8; round++) {
		for (int i = 0; i < YARD_MOST; i++)
			yard_add(
			    y, yard_draw(y, 3 * MIB), 1 + yard_draw(y, MIB));
		yard_run(y);
		right = right && yard_all_right(y);
		for (int i = 0; i < YARD_MOST; i++) {
			left += y->list[i].left;
			silent = silent && y->list[i].calls == !y->list[i].left;
		}
		yard_clear(y);
	}
	y->stops = false;
	tap_ok(silent && left > YARD_MOST,
	    "who is stopped is not called any more%s", how);
	tap_ok(right, "and nothing happens to the others%s", how);
}

/* The old file is closed at once: its number is the new one's. */
static void
test_again(struct yard *y)
{
	static const uint64_t sizes[] = {5 * MIB, 100, 3 * MIB};
	struct yard_file *f = yard_add(y, 8 * MIB, 0);

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		yard_grow_up(f);
		yard_finish(f);
		digester_stop(&f->digester);
		digester_stop(&f->digester);
		close(f->fd);
		f->fd = yard_file();
		f->size = sizes[i];
		f->there = 0;
		digester_start(&f->digester, y->pool, f->fd);
	}
	yard_grow_up(f);
	yard_finish(f);
	yard_run(y);
	tap_ok(yard_all_right(y),
	    "one that was stopped may start again with another file");
	yard_clear(y);
}

/* Nothing of it may be looked at any more. */
static void
on_done_stop(void *file, int error)
{
	struct yard_file *f = file;
	struct yard *y = f->yard;

	yard_done(f, error);
	for (size_t i = 0; i < y->count; i++) {
		digester_stop(&y->list[i].digester);
		memset(&y->list[i].digester, 255, sizeof(struct digester));
		y->list[i].digester.pool = NULL;
		if (&y->list[i] != f)
			yard_forgo(y);
	}
}

static void
test_within_done(struct yard *y)
{
	unsigned calls = 0;

	for (uint64_t i = 0; i < YARD_MOST; i++) {
		struct yard_file *f = yard_add(y, i % 2 * 2 * MIB, 0);

		yard_grow_up(f);
		digester_finish(&f->digester, f->size, on_done_stop, f);
		f->left = true;
	}
	yard_run(y);
	for (size_t i = 0; i < y->count; i++)
		calls += y->list[i].calls;
	tap_is_num(
	    calls, 1, "the first that is done may stop itself and all others");
	yard_clear(y);
}

static int
read_short(struct yard *y, uint64_t size, uint64_t there, uint64_t said)
{
	struct yard_file *f = yard_add(y, size, 0);
	int error;

	yard_grow(f, there);
	digester_advance(&f->digester, said);
	yard_finish(f);
	yard_run(y);
	error = f->calls == 1 ? f->error : -1;
	yard_clear(y);
	return error;
}

static void
test_short(struct yard *y, const char *how)
{
	const bool all = read_short(y, 100, 99, 99) == EIO &&
	    read_short(y, 5 * MIB, 4 * MIB, 4 * MIB) == EIO &&
	    read_short(y, 5 * MIB, 1, 5 * MIB) == EIO &&
	    read_short(y, 1, 0, 0) == EIO;

	tap_ok(all, "a file that is shorter than was said is an error%s", how);
}

static void
test_unreadable(struct yard *y)
{
	struct yard_file *f = yard_add(y, 3 * MIB, 0);

	digester_stop(&f->digester);
	close(f->fd);
	f->fd = open("/", O_RDONLY | O_DIRECTORY);
	digester_start(&f->digester, y->pool, f->fd);
	digester_advance(&f->digester, 2 * MIB);
	yard_finish(f);
	yard_run(y);
	tap_ok(f->calls == 1 && f->error == EISDIR,
	    "one that cannot be read tells why");
	yard_clear(y);
}

/* By the time that others are done which came later. */
static void
test_late(struct yard *y)
{
	struct yard_file *f = yard_add(y, 3 * MIB, 0);

	yard_grow_up(f);
	f->left = true;
	y->waiting = 0;
	for (int i = 0; i < 3; i++)
		yard_add(y, 3 * MIB, 3 * MIB);
	yard_run(y);
	y->waiting = 1;
	yard_finish(f);
	yard_run(y);
	tap_ok(yard_is_right(f),
	    "what was hashed already has its digest in the end");
	digester_result(&f->digester, &f->digest);
	tap_ok(yard_is_right(f), "which can be had again");
	yard_clear(y);
}

static void
test_pools(void)
{
	static const uint64_t sizes[] = {100, 4 * MIB};
	struct yard y;
	unsigned calls = 0;

	digesters_free(NULL);
	yard_open(&y);
	yard_close(&y);
	for (size_t i = 0; i < 2; i++) {
		yard_open(&y);
		yard_add(&y, sizes[i], 0);
		yard_grow_up(&y.list[0]);
		yard_finish(&y.list[0]);
		yard_clear(&y);
		yard_close(&y);
		calls += y.list[0].calls;
	}
	tap_is_num(calls, 0, "a pool ends at any time");
}

static void
on_done_free(void *file, int error)
{
	struct yard_file *f = file;

	yard_done(f, error);
	yard_clear(f->yard);
	digesters_free(f->yard->pool);
	f->yard->pool = NULL;
}

static void
test_last(void)
{
	static const uint64_t sizes[] = {0, 2 * MIB};
	struct yard y;
	unsigned calls = 0;

	for (size_t i = 0; i < 2; i++) {
		yard_open(&y);
		yard_add(&y, sizes[i], 0);
		yard_add(&y, 10, 0);
		y.waiting = 1;
		for (size_t k = 0; k < 2; k++) {
			struct yard_file *f = &y.list[k];

			yard_grow_up(f);
			f->left = true;
			digester_finish(&f->digester, f->size, on_done_free, f);
		}
		yard_run(&y);
		calls += y.list[0].calls + y.list[1].calls;
		yard_close(&y);
	}
	tap_is_num(calls, 2, "even within done");
}

/* With stacks too large for any thread, if the C library does not cap them. */
static void
test_alone(void)
{
	pthread_attr_t before, huge;
	struct yard y;

	yard_open(&y);
	pthread_getattr_default_np(&before);
	pthread_getattr_default_np(&huge);
	pthread_attr_setstacksize(&huge, SIZE_MAX / 4);
	pthread_setattr_default_np(&huge);
	test_many(&y, " without threads");
	test_stop(&y, " without threads");
	test_short(&y, " without threads");
	pthread_setattr_default_np(&before);
	test_many(&y, " once there are threads again");
	yard_close(&y);
}

int
main(void)
{
	struct yard y;

	yard_open(&y);
	test_lengths(&y);
	test_many(&y, "");
	test_stop(&y, "");
	test_again(&y);
	test_within_done(&y);
	test_short(&y, "");
	test_unreadable(&y);
	test_late(&y);
	yard_close(&y);
	test_pools();
	test_last();
	test_alone();
	return tap_done();
}
