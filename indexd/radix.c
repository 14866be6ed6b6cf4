#include "radix.h"

#define DIGIT 8
#define DIGITS 256

/* By one digit, from items to spare. */
static void
pass(const uint64_t *items, uint64_t *spare, size_t count, unsigned low)
{
	size_t at[DIGITS] = {0}, sum = 0, n;

	for (size_t i = 0; i < count; i++)
		at[items[i] >> low & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		n = at[d];
		at[d] = sum;
		sum += n;
	}
	for (size_t i = 0; i < count; i++)
		spare[at[items[i] >> low & (DIGITS - 1)]++] = items[i];
}

uint64_t *
radix_sort(
    uint64_t *items, uint64_t *spare, size_t count, unsigned low, unsigned high)
{
	uint64_t *from = items;

	for (; low < high; low += DIGIT) {
		pass(items, spare, count, low);
		from = spare;
		spare = items;
		items = from;
	}
	return from;
}
