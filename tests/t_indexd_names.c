#include "indexd/names.h"

#include <stdint.h>

#include "tap.h"

#define COUNT 30000

static const struct hash_key key = {{1, 2}};

struct path {
	char text[32];
	struct slice slice;
};

static struct path
path_of(unsigned i)
{
	struct path p;
	int n = snprintf(p.text, sizeof p.text, "dir/%u name %u", i % 10, i);

	p.slice = slice_of(NULL, (size_t)n);
	return p;
}

static uint32_t
find(const struct names *n, unsigned i)
{
	struct path p = path_of(i);

	p.slice.ptr = p.text;
	return names_find(n, names_tag(&key, p.slice), p.slice);
}

static uint32_t
add(struct names *n, unsigned i)
{
	struct path p = path_of(i);
	uint32_t id;

	p.slice.ptr = p.text;
	id = names_add(n, names_tag(&key, p.slice), p.slice);
	if (id != NAMES_NONE)
		names_at(n, id)->head = i;
	return id;
}

/* Each number that moves must be told once, and downwards. */
static void
moved(void *context, uint32_t from, uint32_t to)
{
	unsigned *moves = context;

	*moves += to < from ? 1 : 1000000;
}

static void
test_names(void)
{
	struct names n = {0};
	unsigned moves = 0, wrong = 0;
	uint64_t generation;
	uint32_t id;

	for (unsigned i = 0; i < COUNT; i++)
		wrong += add(&n, i) != i;
	tap_is_num(wrong, 0, "names get numbers in their order");
	for (unsigned i = 0; i < COUNT; i++)
		wrong += find(&n, i) != i;
	tap_is_num(wrong, 0, "each is found under its number");
	tap_ok(
	    find(&n, COUNT) == NAMES_NONE, "a name that is not there is not");
	tap_ok(!names_sparse(&n), "nothing is to be gained where all live");
	for (unsigned i = 0; i < COUNT; i++)
		if (i % 3)
			names_drop(&n, i);
	tap_ok(find(&n, 1) == NAMES_NONE, "a dropped name is not found");
	tap_ok(find(&n, 3) == 3, "its neighbours keep their numbers");
	tap_ok(names_sparse(&n), "many dead names are worth some work");
	generation = n.generation;
	names_compact(&n, moved, &moves);
	tap_ok(n.generation != generation, "compaction is another generation");
	tap_is_num(moves, COUNT / 3 - 1, "it tells each number that changes");
	for (unsigned i = 0; i < COUNT; i++) {
		id = find(&n, i);
		wrong += id != (i % 3 ? NAMES_NONE : i / 3) ||
		    (id != NAMES_NONE && names_at(&n, id)->head != i);
	}
	tap_is_num(wrong, 0, "live names keep text, head and order");
	for (unsigned i = 0; i < COUNT; i += 3)
		names_drop(&n, i / 3);
	tap_ok(names_sparse(&n), "a house of the dead is worth some work");
	names_compact(&n, moved, &moves);
	tap_is_num((long long)(n.list.bytes + n.text.bytes + n.table.bytes), 0,
	    "and holds no memory afterwards");
	names_free(&n);
}

int
main(void)
{
	test_names();
	return tap_done();
}
