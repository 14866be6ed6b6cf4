#include "nshare/order.h"

#include "dice.h"
#include "tap.h"

#define NUMBERS 20000

/* Numbers here stand for twice themselves. */
static bool
is_before(const void *arg, uint32_t number)
{
	const uint32_t *sought = arg;

	return 2 * number < *sought;
}

static struct order_spot
spot_of(const struct order *o, uint32_t sought)
{
	const struct order_test test = {is_before, &sought};

	return order_find(o, &test);
}

/* What is found for sought, or -1 past the last. */
static int64_t
found(const struct order *o, uint32_t sought)
{
	struct order_spot spot = spot_of(o, sought);
	uint32_t number;

	return order_at(o, &spot, &number) ? (int64_t)number : -1;
}

static void
test_filled(void)
{
	struct order o = {.count = 0};
	struct order_spot spot;
	uint32_t number, next = 0;

	tap_is_num(order_fill(&o, NUMBERS), 0, "an order can be filled");
	spot = spot_of(&o, 0);
	for (; order_at(&o, &spot, &number); order_step(&o, &spot))
		next += number == next;
	tap_is_num(next, NUMBERS, "and gone through from end to end");
	tap_is_num(found(&o, 2 * 1234), 1234, "what is there is found");
	tap_is_num(found(&o, 2 * 1234 + 1), 1235, "or what comes after it");
	tap_is_num(found(&o, 2 * NUMBERS), -1, "or that nothing does");
	order_free(&o);
	tap_is_num(found(&o, 0), -1, "nothing is found in an empty one");
	order_free(&o);
}

/* Whether o holds what there has. */
static bool
is_like(const struct order *o, const bool *there)
{
	struct order_spot spot = spot_of(o, 0);
	uint32_t number;

	for (uint32_t i = 0; i < NUMBERS; i++) {
		if (!there[i])
			continue;
		if (!order_at(o, &spot, &number) || number != i)
			return false;
		order_step(o, &spot);
	}
	return !order_at(o, &spot, &number);
}

static void
test_changes(void)
{
	static bool there[NUMBERS];
	struct order o = {.count = 0};
	uint64_t seed = 1;
	bool all = true;

	for (unsigned i = 0; i < 10 * NUMBERS; i++) {
		/* In waves, so that blocks become full and empty. */
		bool grows = i / NUMBERS % 2 == 0;
		uint32_t number = dice_draw(&seed, NUMBERS);
		struct order_spot spot = spot_of(&o, 2 * number);

		if (grows && !there[number])
			all = all && order_insert(&o, &spot, number) == 0;
		else if (!grows && there[number])
			order_remove(&o, &spot);
		there[number] = grows;
		if (i % 10007 == 0)
			all = all && is_like(&o, there);
	}
	tap_ok(all && is_like(&o, there),
	    "numbers come and go anywhere, and the order stays");
	order_free(&o);
}

static void
test_removed(void)
{
	struct order o = {.count = 0};
	struct order_spot spot;
	uint32_t number, left = 0;

	order_fill(&o, NUMBERS);
	spot = spot_of(&o, 2 * 10);
	while (order_at(&o, &spot, &number) && number < NUMBERS - 10)
		order_remove(&o, &spot);
	tap_is_num(found(&o, 2 * 10), NUMBERS - 10,
	    "after a removal the spot is that of the next, across blocks");
	spot = spot_of(&o, 0);
	for (; order_at(&o, &spot, &number); order_step(&o, &spot))
		left++;
	tap_is_num(left, 20, "and the rest stays");
	order_free(&o);
}

int
main(void)
{
	test_filled();
	test_changes();
	test_removed();
	return tap_done();
}
