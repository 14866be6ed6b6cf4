#include "radix.h"

#include <string.h>

/* Many items are worth large digits, which make few passes. */
#define DIGIT_MAX 12
#define DIGIT_MIN 8
#define MANY 16384

/* By one digit, from items to spare. */
static void
pass(const uint64_t *items, uint64_t *spare, size_t count, unsigned low,
    unsigned digit)
{
	size_t at[1 << DIGIT_MAX], sum = 0, n, mask = ((size_t)1 << digit) - 1;

	memset(at, 0, sizeof *at << digit);
	for (size_t i = 0; i < count; i++)
		at[items[i] >> low & mask]++;
	for (size_t d = 0; d <= mask; d++) {
		n = at[d];
		at[d] = sum;
		sum += n;
	}
	for (size_t i = 0; i < count; i++)
		spare[at[items[i] >> low & mask]++] = items[i];
}

uint64_t *
radix_sort(
    uint64_t *items, uint64_t *spare, size_t count, unsigned low, unsigned high)
{
	unsigned digit = count < MANY ? DIGIT_MIN : DIGIT_MAX;
	uint64_t *from = items;

	for (; low < high; low += digit) {
		if (digit > high - low)
			digit = high - low;
		pass(items, spare, count, low, digit);
		from = spare;
		spare = items;
		items = from;
	}
	return from;
}
