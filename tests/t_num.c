#include "lib/num.h"

#include <errno.h>

#include "tests/tap.h"

#define UNTOUCHED 4711

static void
takes(const char *text, uint64_t min, uint64_t max, uint64_t want)
{
	uint64_t n = UNTOUCHED;

	tap_ok(num_parse(slice_str(text), min, max, &n) == 0 && n == want,
	    "'%s' is a number from %ju to %ju", text, (uintmax_t)min,
	    (uintmax_t)max);
}

static void
refuses(struct slice text, uint64_t min, uint64_t max, int error)
{
	uint64_t n = UNTOUCHED;

	errno = 0;
	tap_ok(num_parse(text, min, max, &n) < 0 && errno == error &&
		n == UNTOUCHED,
	    "'%.*s' from %ju to %ju is %s", (int)text.len, text.ptr,
	    (uintmax_t)min, (uintmax_t)max,
	    error == ERANGE ? "out of range" : "no number");
}

static void
test_parse(void)
{
	takes("0", 0, 0, 0);
	takes("65535", 1, 65535, 65535);
	takes("00080", 1, 65535, 80);
	takes("18446744073709551615", 0, UINT64_MAX, UINT64_MAX);
	refuses(SLICE("0"), 1, 65535, ERANGE);
	refuses(SLICE("65536"), 1, 65535, ERANGE);
	refuses(SLICE("18446744073709551616"), 0, UINT64_MAX, ERANGE);
	refuses(SLICE("99999999999999999999999"), 0, UINT64_MAX, ERANGE);
	refuses(SLICE(""), 0, 9, EINVAL);
	refuses(slice_of(NULL, 0), 0, 9, EINVAL);
	refuses(SLICE("+1"), 0, 9, EINVAL);
	refuses(SLICE("-1"), 0, 9, EINVAL);
	refuses(SLICE(" 1"), 0, 9, EINVAL);
	refuses(SLICE("1 "), 0, 9, EINVAL);
	refuses(SLICE("1\0"), 0, 9, EINVAL);
	refuses(SLICE("0x1"), 0, 9, EINVAL);
	refuses(SLICE("1.0"), 0, 9, EINVAL);
	refuses(SLICE("99999999999999999999999x"), 0, 9, EINVAL);
}

static void
takes_size(const char *text, uint64_t want)
{
	uint64_t n = UNTOUCHED;

	tap_ok(num_parse_size(slice_str(text), &n) == 0 && n == want,
	    "'%s' is %ju bytes", text, (uintmax_t)want);
}

static void
refuses_size(const char *text, int error)
{
	uint64_t n = UNTOUCHED;

	errno = 0;
	tap_ok(num_parse_size(slice_str(text), &n) < 0 && errno == error &&
		n == UNTOUCHED,
	    "'%s' is no size", text);
}

static void
test_size(void)
{
	takes_size("0", 0);
	takes_size("1023", 1023);
	takes_size("1k", 1024);
	takes_size("1K", 1024);
	takes_size("3m", 3 << 20);
	takes_size("2G", UINT64_C(2) << 30);
	takes_size("16777215T", UINT64_C(16777215) << 40);
	refuses_size("16777216T", ERANGE);
	refuses_size("18446744073709551616", ERANGE);
	refuses_size("", EINVAL);
	refuses_size("K", EINVAL);
	refuses_size("1KB", EINVAL);
	refuses_size("1 K", EINVAL);
	refuses_size("1 ", EINVAL);
	refuses_size("1P", EINVAL);
	refuses_size("1.5M", EINVAL);
	refuses_size("-1K", EINVAL);
}

static void
test_size_text(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} sizes[] = {
	    {0, "0"},
	    {999, "999"},
	    {1023, "1023"},
	    {1024, "1.0K"},
	    {1536, "1.5K"},
	    {10188, "9.9K"},
	    {10189, "10K"},
	    {23 << 20, "23M"},
	    {1048575, "1.0M"},
	    {1023 * 1024, "1023K"},
	    {UINT64_C(1288490189), "1.2G"},
	    {UINT64_C(5) << 40, "5.0T"},
	    {UINT64_MAX, "16E"},
	};
	char text[NUM_SIZE_TEXT];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		num_size_text(sizes[i].bytes, text);
		tap_ok(!strcmp(text, sizes[i].text), "%ju bytes read as %s",
		    (uintmax_t)sizes[i].bytes, sizes[i].text);
	}
	tap_ok(num_size_text(5, text) == text, "the text given is returned");
}

static void
test_hex(void)
{
	uint8_t bytes[3] = {0};
	char text[7];

	tap_ok(num_parse_hex(SLICE("00af9C"), bytes, 3, true) == 0 &&
		bytes[0] == 0 && bytes[1] == 0xaf && bytes[2] == 0x9c,
	    "hexadecimal digits make bytes");
	num_hex(bytes, 3, text);
	tap_is_str(text, "00af9c", "bytes make lower-case digits");
	num_hex(bytes, 0, text);
	tap_is_str(text, "", "no bytes make an empty text");
	errno = 0;
	tap_ok(
	    num_parse_hex(SLICE("AF"), bytes, 1, false) < 0 && errno == EINVAL,
	    "upper case is refused where lower case is asked for");
	tap_ok(num_parse_hex(SLICE("0a0"), bytes, 1, true) < 0,
	    "half a byte too many is refused");
	tap_ok(num_parse_hex(SLICE("0a"), bytes, 2, true) < 0,
	    "too few digits are refused");
	tap_ok(num_parse_hex(SLICE("0g"), bytes, 1, true) < 0, "g is no digit");
	tap_ok(num_parse_hex(SLICE("-1"), bytes, 1, true) < 0,
	    "a sign is no digit");
}

int
main(void)
{
	test_parse();
	test_size();
	test_size_text();
	test_hex();
	return tap_done();
}
