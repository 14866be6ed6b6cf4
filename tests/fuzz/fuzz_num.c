#include "lib/num.h"

#include <errno.h>

#include "lib/http_date.h"
#include "tests/fuzz/fuzz.h"

/*
 * Lines: the least and the largest number, which are moments too; the rest is
 * taken for a number and for a date.
 */

static void
check_number(struct slice text, uint64_t min, uint64_t max)
{
	uint64_t value = 77, plain = 0;
	bool digits = text.len > 0, large = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(text.ptr[i] - '0');

		digits = digits && digit < 10;
		large = large || plain > (UINT64_MAX - digit) / 10;
		plain = 10 * plain + digit;
	}
	if (num_parse(text, min, max, &value) == 0) {
		FUZZ_ASSERT(digits && !large && value == plain);
		FUZZ_ASSERT(value >= min && value <= max);
	} else {
		FUZZ_ASSERT(errno == (digits ? ERANGE : EINVAL));
		FUZZ_ASSERT(value == 77);
		FUZZ_ASSERT(!digits || large || plain < min || plain > max);
	}
}

static void
check_size(struct slice text)
{
	static const char units[] = "kKmMgGtT";
	uint64_t value = 77, count;
	const char *unit = NULL;

	if (text.len > 0 && text.ptr[text.len - 1])
		unit = strchr(units, text.ptr[text.len - 1]);
	if (num_parse_size(text, &value) < 0) {
		FUZZ_ASSERT(
		    value == 77 && (errno == EINVAL || errno == ERANGE));
		return;
	}
	text.len -= unit != NULL;
	FUZZ_ASSERT(num_parse(text, 0, UINT64_MAX, &count) == 0);
	if (unit)
		count <<= 10 * ((unit - units) / 2 + 1);
	FUZZ_ASSERT(value == count);
}

/* What people read is short, and near to what is meant. */
static void
check_size_text(uint64_t bytes)
{
	char text[NUM_SIZE_TEXT];
	double read, meant = (double)bytes;
	char *end;

	FUZZ_ASSERT(num_size_text(bytes, text) == text && strlen(text) <= 5);
	read = strtod(text, &end);
	for (const char *unit = "KMGTPE"; *end && *unit; unit++) {
		read *= 1024;
		if (*unit == *end)
			break;
	}
	FUZZ_ASSERT(read >= meant * 0.94 && read <= meant * 1.06);
}

static void
check_hex(struct slice text)
{
	uint8_t bytes[64], again[64];
	char hex[2 * sizeof bytes + 1];
	size_t n = text.len / 2 < sizeof bytes ? text.len / 2 : sizeof bytes;

	if (num_parse_hex(text, bytes, n, true) < 0) {
		FUZZ_ASSERT(errno == EINVAL);
		FUZZ_ASSERT(num_parse_hex(text, again, n, false) < 0);
		return;
	}
	num_hex(bytes, n, hex);
	FUZZ_ASSERT(slice_eq_nocase(slice_str(hex), text));
	if (num_parse_hex(text, again, n, false) == 0)
		FUZZ_ASSERT(slice_eq(slice_str(hex), text));
}

/* In a year past 9999, the last moment that has a text stands for all. */
static void
check_date(struct slice text, time_t now)
{
	const time_t last = 253402300799;
	char shown[HTTP_DATE_TEXT];
	time_t when, again;

	if (http_date_parse(text, now, &when) == 0) {
		FUZZ_ASSERT(
		    strlen(http_date_text(when, shown)) + 1 == HTTP_DATE_TEXT);
		FUZZ_ASSERT(
		    http_date_parse(slice_str(shown), now, &again) == 0);
		FUZZ_ASSERT(again == (when < last ? when : last));
	}
	FUZZ_ASSERT(strlen(http_date_text(now, shown)) + 1 == HTTP_DATE_TEXT);
	FUZZ_ASSERT(http_date_parse(slice_str(shown), 0, &again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size);
	uint64_t first = fuzz_number(&in), second = fuzz_number(&in);

	check_number(in, first < second ? first : second,
	    first < second ? second : first);
	check_number(in, 0, UINT64_MAX);
	check_size(in);
	check_size_text(first);
	check_size_text(second);
	check_hex(in);
	check_date(in, (time_t)first);
	return 0;
}
