#include "indexd/slab.h"

#include <stdint.h>

#include "tap.h"

#define COUNT 10000u

struct record {
	uint32_t owner;
	uint32_t other;
	uint32_t value;
};

static uint32_t where[COUNT];

static struct record *
at(const struct slab *s, uint32_t id)
{
	return slab_at(s, id);
}

static void
moved(void *context, uint32_t from, uint32_t to)
{
	const struct slab *s = context;

	if (where[at(s, to)->value] == from)
		where[at(s, to)->value] = to;
}

static unsigned
count_wrong(const struct slab *s, uint32_t step)
{
	unsigned wrong = 0;

	for (uint32_t i = 0; i < COUNT; i += step)
		wrong += where[i] >= s->end || at(s, where[i])->value != i;
	return wrong;
}

static void
fill(struct slab *s)
{
	for (uint32_t i = 0; i < COUNT; i++) {
		where[i] = slab_new(s);
		*at(s, where[i]) = (struct record){1, 2, i};
	}
}

static void
test_slab(void)
{
	struct slab s;
	size_t most;

	slab_init(&s, sizeof(struct record));
	tap_ok(!slab_sparse(&s), "an empty slab has nothing to give");
	fill(&s);
	most = s.region.bytes;
	tap_is_num(count_wrong(&s, 1), 0, "records stay while others come");
	slab_drop(&s, where[5]);
	tap_is_num(slab_new(&s), where[5], "a free record is used again");
	*at(&s, where[5]) = (struct record){1, 2, 5};
	for (uint32_t i = 0; i < COUNT; i++)
		if (i % 4)
			slab_drop(&s, where[i]);
	tap_ok(slab_sparse(&s), "many holes are worth some moves");
	slab_compact(&s, moved, &s);
	tap_is_num(s.end, COUNT / 4, "no hole is left");
	tap_is_num(count_wrong(&s, 4), 0, "each move is told");
	tap_ok(s.region.bytes < most / 3, "memory goes back");
	for (uint32_t i = 0; i < COUNT; i += 4)
		slab_drop(&s, where[i]);
	slab_compact(&s, moved, &s);
	tap_is_num((long long)s.region.bytes, 0, "all of it in the end");
	fill(&s);
	tap_is_num(count_wrong(&s, 1), 0, "an emptied slab fills again");
	slab_free(&s);
}

int
main(void)
{
	test_slab();
	return tap_done();
}
