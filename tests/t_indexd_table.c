#include "indexd/table.h"

#include <stdint.h>
#include <unistd.h>

#include "tap.h"

#define COUNT 200000u

/* Tags that differ in all bits; every seventh number shares its tag. */
static uint32_t
tag_of(uint32_t id)
{
	uint64_t x = (id % 7 ? id : 7) * 0x9e3779b97f4a7c15u;

	return (uint32_t)(x >> 32);
}

static bool
has(const struct table *t, uint32_t tag, uint32_t id)
{
	struct table_walk walk = table_walk(t, tag);
	uint32_t found;

	while ((found = table_next(&walk)) != TABLE_NONE)
		if (found == id)
			return true;
	return false;
}

/* How many of the numbers in steps of step are as they should be. */
static uint32_t
count(const struct table *t, uint32_t step)
{
	uint32_t n = 0;

	for (uint32_t id = 1; id < COUNT; id += step)
		n += id % 7 && has(t, tag_of(id), id);
	return n;
}

static void
test_many(void)
{
	struct table t = {0};
	size_t most;
	uint32_t wrong = 0;

	tap_ok(!has(&t, 5, 5), "an empty table has nothing");
	for (uint32_t id = 1; id < COUNT; id++)
		if (id % 7)
			wrong += table_add(&t, tag_of(id), id) < 0;
	tap_is_num(wrong, 0, "numbers are added");
	tap_is_num(count(&t, 1), COUNT - 1 - COUNT / 7, "all are found");
	tap_ok(!has(&t, tag_of(3), 4), "none is found under another tag");
	most = t.bytes;
	for (uint32_t id = 1; id < COUNT; id++)
		if (id % 7 && id % 2)
			table_drop(&t, tag_of(id), id);
	for (uint32_t id = 1; id < COUNT; id++)
		if (id % 7)
			wrong += has(&t, tag_of(id), id) != !(id % 2);
	tap_is_num(wrong, 0, "dropped numbers are gone, and the others stay");
	for (uint32_t id = 1; id < COUNT; id++)
		if (id % 7 && id % 64)
			table_drop(&t, tag_of(id), id);
	tap_ok(t.bytes < most / 4, "a table that empties gives memory back");
	tap_ok(has(&t, tag_of(640), 640), "and keeps what is left");
	for (uint32_t id = 1; id < COUNT; id++)
		table_drop(&t, tag_of(id), id);
	tap_ok(t.bytes <= TABLE_PARTS * (size_t)sysconf(_SC_PAGESIZE),
	    "an empty table holds a page for each of its parts");
	table_add(&t, 1, 2);
	table_trim(&t);
	tap_ok(t.bytes == (size_t)sysconf(_SC_PAGESIZE) && has(&t, 1, 2),
	    "trimmed, it holds but what is in use");
	table_free(&t);
}

static void
test_one_tag(void)
{
	struct table t = {0};
	uint32_t n = 0;
	struct table_walk walk;

	for (uint32_t id = 0; id < 700; id++)
		n += table_add(&t, UINT32_MAX, id) == 0;
	table_drop(&t, UINT32_MAX, 10);
	table_drop(&t, UINT32_MAX, 10);
	table_rename(&t, UINT32_MAX, 20, 9999);
	table_rename(&t, UINT32_MAX, 10, 8888);
	walk = table_walk(&t, UINT32_MAX);
	for (n = 0; table_next(&walk) != TABLE_NONE;)
		n++;
	tap_is_num(n, 699, "a walk meets each number of a tag once");
	tap_ok(has(&t, UINT32_MAX, 9999) && !has(&t, UINT32_MAX, 20),
	    "a number is renamed in its place");
	tap_ok(!has(&t, UINT32_MAX, 8888),
	    "renaming what is not there is nothing");
	table_free(&t);
}

/* Numbers whose slots lie across the end of a part and at its beginning. */
static void
test_wrap(void)
{
	static const uint32_t tags[] = {0xffffffc0, 0xffffff80, 0, 64,
	    0xffffffc0, 1 << 24, 0, 0xff000000, 0xfe000000};
	const uint32_t n = sizeof tags / sizeof *tags;
	uint32_t wrong = 0;
	struct table t;

	for (uint32_t gone = 0; gone < n; gone++) {
		t = (struct table){0};
		for (uint32_t id = 0; id < n; id++)
			wrong += table_add(&t, tags[id], id) < 0;
		for (uint32_t k = 0; k < n; k++) {
			table_drop(&t, tags[(gone + k) % n], (gone + k) % n);
			for (uint32_t j = 0; j < n; j++)
				wrong += has(&t, tags[(gone + j) % n],
					     (gone + j) % n) != (j > k);
		}
		table_free(&t);
	}
	tap_is_num(wrong, 0, "gaps close across the end of a part");
}

int
main(void)
{
	test_many();
	test_one_tag();
	test_wrap();
	return tap_done();
}
