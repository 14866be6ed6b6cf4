#include "num.h"

#include <errno.h>
#include <stdio.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
fail_with(int error)
{
	errno = error;
	return -1;
}

int
num_parse(struct slice s, uint64_t min, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;
	bool too_large = false;

	if (s.len == 0)
		return fail_with(EINVAL);
	for (size_t i = 0; i < s.len; i++) {
		if (!is_digit(s.ptr[i]))
			return fail_with(EINVAL);
		too_large |= __builtin_mul_overflow(n, 10, &n);
		too_large |= __builtin_add_overflow(
		    n, (unsigned)(s.ptr[i] - '0'), &n);
	}
	if (too_large || n < min || n > max)
		return fail_with(ERANGE);
	*value = n;
	return 0;
}

/* The power of 1024 that c stands for, -1 when it is no unit. */
static int
unit_power(char c)
{
	static const char units[] = "KMGT";
	const char *at = c ? strchr(units, c & ~0x20) : NULL;

	return at && *at ? (int)(at - units) + 1 : -1;
}

int
num_parse_size(struct slice s, uint64_t *value)
{
	uint64_t count, scaled;
	int power = 0;

	if (s.len && !is_digit(s.ptr[s.len - 1])) {
		power = unit_power(s.ptr[--s.len]);
		if (power < 0)
			return fail_with(EINVAL);
	}
	if (num_parse(s, 0, UINT64_MAX, &count) < 0)
		return -1;
	if (__builtin_mul_overflow(count, UINT64_C(1) << (10 * power), &scaled))
		return fail_with(ERANGE);
	*value = scaled;
	return 0;
}

/* Counts in 1/1024 of a unit, which spares the fractions a wider type. */
const char *
num_size_text(uint64_t bytes, char text[NUM_SIZE_TEXT])
{
	const char *unit = "KMGTPE";
	uint64_t parts = bytes, tenths;

	if (bytes < 1024) {
		snprintf(text, NUM_SIZE_TEXT, "%u", (unsigned)bytes);
		return text;
	}
	for (; parts >= 1024 * 1024 - 512 && unit[1]; unit++)
		parts >>= 10;
	tenths = (parts * 10 + 512) / 1024;
	if (tenths < 100)
		snprintf(text, NUM_SIZE_TEXT, "%u.%u%c",
		    (unsigned)(tenths / 10), (unsigned)(tenths % 10), *unit);
	else
		snprintf(text, NUM_SIZE_TEXT, "%u%c",
		    (unsigned)((parts + 512) / 1024), *unit);
	return text;
}

static int
hex_digit(char c, bool any_case)
{
	if (is_digit(c))
		return c - '0';
	if (any_case && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
num_parse_hex(struct slice s, uint8_t *bytes, size_t n, bool any_case)
{
	if (s.len % 2 || s.len / 2 != n)
		return fail_with(EINVAL);
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(s.ptr[2 * i], any_case);
		int low = hex_digit(s.ptr[2 * i + 1], any_case);

		if (high < 0 || low < 0)
			return fail_with(EINVAL);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

void
num_hex(const uint8_t *bytes, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*text++ = digits[bytes[i] >> 4];
		*text++ = digits[bytes[i] & 15];
	}
	*text = '\0';
}
