#include "yard.h"

#include <stdlib.h>
#include <unistd.h>

#include "dice.h"
#include "lib/sha256.h"

#define BYTES ((size_t)16 * 1024 * 1024)

uint64_t
yard_draw(struct yard *y, uint64_t below)
{
	return dice_draw(&y->seed, (uint32_t)below);
}

void
yard_open(struct yard *y)
{
	uint64_t seed = 5;

	*y = (struct yard){.loop = loop_new(), .bytes = malloc(BYTES)};
	if (!y->loop || !y->bytes)
		abort();
	y->pool = digesters_new(y->loop);
	if (!y->pool)
		abort();
	for (size_t i = 0; i < BYTES; i++)
		y->bytes[i] = (char)dice_draw(&seed, 256);
}

void
yard_close(struct yard *y)
{
	digesters_free(y->pool);
	loop_free(y->loop);
	free(y->bytes);
}

int
yard_file(void)
{
	char name[] = "/tmp/yard.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) < 0)
		abort();
	return fd;
}

struct yard_file *
yard_add(struct yard *y, uint64_t size, uint64_t step)
{
	struct yard_file *f = &y->list[y->count++];

	*f = (struct yard_file){.yard = y, .size = size, .step = step};
	f->fd = yard_file();
	f->from = (size_t)yard_draw(y, BYTES - size + 1);
	digester_start(&f->digester, y->pool, f->fd);
	y->waiting++;
	return f;
}

void
yard_clear(struct yard *y)
{
	for (size_t i = 0; i < y->count; i++) {
		digester_stop(&y->list[i].digester);
		close(y->list[i].fd);
	}
	y->count = y->waiting = 0;
}

void
yard_forgo(struct yard *y)
{
	y->waiting--;
	if (y->waiting == 0)
		loop_stop(y->loop);
}

void
yard_done(void *file, int error)
{
	struct yard_file *f = file;

	f->calls++;
	f->error = error;
	digester_result(&f->digester, &f->digest);
	yard_forgo(f->yard);
}

void
yard_grow(struct yard_file *f, uint64_t len)
{
	const char *bytes = f->yard->bytes + f->from + f->there;

	if (pwrite(f->fd, bytes, (size_t)len, (off_t)f->there) != (ssize_t)len)
		abort();
	f->there += len;
	digester_advance(&f->digester, f->there);
}

void
yard_grow_up(struct yard_file *f)
{
	yard_grow(f, f->size - f->there);
}

void
yard_finish(struct yard_file *f)
{
	unsigned calls = f->calls;

	digester_finish(&f->digester, f->size, yard_done, f);
	if (f->calls != calls)
		abort();
}

/* What is read from now on would be wrong. */
static void
stop(struct yard_file *f)
{
	digester_stop(&f->digester);
	if (ftruncate(f->fd, 0) < 0)
		abort();
	f->left = true;
	yard_forgo(f->yard);
}

/* False when it has all and was told so. */
static bool
move(struct yard_file *f)
{
	uint64_t len = f->size - f->there;

	if (f->left || f->digester.finishing)
		return false;
	if (len == 0) {
		yard_finish(f);
		return false;
	}
	if (len > f->step)
		len = f->step;
	yard_grow(f, 1 + yard_draw(f->yard, len));
	return true;
}

static void
defer(struct yard *y)
{
	if (!y->deferred)
		loop_defer(y->loop, &y->task);
	y->deferred = true;
}

/* A step of each, and again after the events at hand. */
static void
on_task(struct loop_task *task)
{
	struct yard *y = LOOP_OWNER(task, struct yard, task);
	bool moved = false;

	y->deferred = false;
	for (size_t i = 0; i < y->count; i++) {
		struct yard_file *f = &y->list[i];

		moved |= move(f);
		if (y->stops && !f->left && f->calls == 0 &&
		    yard_draw(y, 20) == 0)
			stop(f);
	}
	if (moved || (y->stops && y->waiting > 0))
		defer(y);
}

void
yard_run(struct yard *y)
{
	y->task.run = on_task;
	defer(y);
	if (loop_run(y->loop) < 0)
		abort();
}

bool
yard_is_right(const struct yard_file *f)
{
	struct sha256 hash;
	struct digest want;

	sha256_init(&hash);
	sha256_add(&hash, f->yard->bytes + f->from, (size_t)f->size);
	sha256_end(&hash, &want);
	return f->calls == 1 && f->error == 0 && digest_eq(&f->digest, &want);
}

bool
yard_all_right(const struct yard *y)
{
	bool right = true;

	for (size_t i = 0; i < y->count; i++)
		right = right &&
		    (y->list[i].left || yard_is_right(&y->list[i]));
	return right;
}
