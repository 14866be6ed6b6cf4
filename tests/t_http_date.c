#include "lib/http_date.h"

#include <errno.h>
#include <locale.h>
#include <stdint.h>

#include "tap.h"

#define SUNDAY 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define IN_2024 1718452800 /* 15 June 2024, 12:00 */

static void
writes(time_t when, const char *text, const char *sentence)
{
	char got[HTTP_DATE_TEXT];

	tap_is_str(http_date_text(when, got), text, sentence);
}

static void
reads(const char *text, long long want, const char *sentence)
{
	time_t when = -12345;

	if (http_date_parse(slice_str(text), IN_2024, &when) < 0)
		tap_note("refused");
	tap_is_num(when, want, sentence);
}

static void
refuses(const char *text, const char *sentence)
{
	time_t when;

	errno = 0;
	tap_ok(http_date_parse(slice_str(text), IN_2024, &when) == -1 &&
		errno == EINVAL,
	    "%s", sentence);
}

static void
test_text(void)
{
	setlocale(LC_ALL, "");
	writes(SUNDAY, "Sun, 06 Nov 1994 08:49:37 GMT", "a date is written");
	writes(0, "Thu, 01 Jan 1970 00:00:00 GMT", "so is the epoch");
	writes(-1, "Wed, 31 Dec 1969 23:59:59 GMT", "and what was before");
	writes(
	    951782400, "Tue, 29 Feb 2000 00:00:00 GMT", "2000 has a leap day");
	writes(4107542400, "Mon, 01 Mar 2100 00:00:00 GMT", "2100 has none");
	writes(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT",
	    "the last second of four digits is written");
	writes(253402300800, "Fri, 31 Dec 9999 23:59:59 GMT",
	    "and stands for what comes after it");
	writes(
	    INT64_MAX, "Fri, 31 Dec 9999 23:59:59 GMT", "to the end of time");
	writes(-62167219200, "Sat, 01 Jan 0000 00:00:00 GMT",
	    "the first second of four digits is written");
	writes(INT64_MIN, "Sat, 01 Jan 0000 00:00:00 GMT",
	    "and stands for what was before it");
}

/* The library's calendar against the C library's. */
static void
test_calendar(void)
{
	char got[HTTP_DATE_TEXT], want[64];
	bool same = true, back = true;
	time_t when, parsed;
	struct tm tm;

	for (int64_t t = -62135596800; t < 253402300800; t += 86399 * 37) {
		when = (time_t)t;
		gmtime_r(&when, &tm);
		strftime(want, sizeof want, "%H:%M:%S", &tm);
		http_date_text(when, got);
		same &= !strncmp(got + 17, want, 8) &&
		    atoi(got + 5) == tm.tm_mday &&
		    atoi(got + 12) == tm.tm_year + 1900;
		back &= http_date_parse(slice_str(got), 0, &parsed) == 0 &&
		    parsed == when;
	}
	tap_ok(same, "from year 1 to 9999 dates are those of gmtime");
	tap_ok(back, "and what was written is read back");
}

static void
test_forms(void)
{
	reads("Sun, 06 Nov 1994 08:49:37 GMT", SUNDAY, "IMF-fixdate is read");
	reads("Sunday, 06-Nov-94 08:49:37 GMT", SUNDAY, "RFC 850 is read");
	reads("Sun Nov  6 08:49:37 1994", SUNDAY, "asctime is read");
	reads("Wed Nov 16 08:49:37 1994", SUNDAY + 864000,
	    "asctime with a day of two digits is read");
	reads(
	    "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800, "a leap day is read");
	reads("Sat, 31 Dec 2016 23:59:60 GMT", 1483228800,
	    "a leap second is the next second");
}

static void
test_two_digit_years(void)
{
	time_t when;

	reads(
	    "Sunday, 06-Nov-30 00:00:00 GMT", 1920153600, "30 is 2030 in 2024");
	reads("Friday, 15-Jun-74 12:00:00 GMT", 3296289600,
	    "74 is 2074 while it is no more than 50 years ahead");
	reads("Saturday, 15-Jun-74 12:00:01 GMT", 140529601,
	    "and 1974 a second later");
	http_date_parse(SLICE("Sunday, 06-Nov-05 00:00:00 GMT"), SUNDAY, &when);
	tap_is_num(when, 1131235200, "05 is 2005 in 1994");
}

static void
test_refusals(void)
{
	refuses("", "nothing is no date");
	refuses("yesterday", "a word is no date");
	refuses("784111777", "a number is no date");
	refuses("Sun, 6 Nov 1994 08:49:37 GMT", "a day needs two digits");
	refuses("sun, 06 nov 1994 08:49:37 gmt", "names are case-sensitive");
	refuses("Sun, 06 Nov 1994 08:49:37 UTC", "the zone is GMT");
	refuses("Sun, 06 Nov 1994 08:49:37 +0000", "and no offset");
	refuses("Sun, 06 Nov 1994 08:49:37", "and not left out");
	refuses("Sun, 06 Nov 1994 08:49:37 GMT ", "nothing may follow");
	refuses(" Sun, 06 Nov 1994 08:49:37 GMT", "nothing may go before");
	refuses("Sun, 06 Nov 94 08:49:37 GMT", "a year has four digits");
	refuses("Sun, 06 Nov +994 08:49:37 GMT", "and no sign");
	refuses("Sun, 06 Foo 1994 08:49:37 GMT", "a month has a name");
	refuses("Foo, 06 Nov 1994 08:49:37 GMT", "so has a day");
	refuses("Sun, 00 Nov 1994 08:49:37 GMT", "there is no day 0");
	refuses("Sun, 31 Nov 1994 08:49:37 GMT", "November has 30 days");
	refuses("Thu, 29 Feb 2023 08:49:37 GMT", "2023 has no leap day");
	refuses("Thu, 29 Feb 2100 08:49:37 GMT", "nor has 2100");
	refuses("Sun, 06 Nov 1994 24:00:00 GMT", "there is no hour 24");
	refuses("Sun, 06 Nov 1994 08:60:00 GMT", "there is no minute 60");
	refuses("Sun, 06 Nov 1994 08:49:61 GMT", "there is no second 61");
	refuses("Sun, 06-Nov-94 08:49:37 GMT", "RFC 850 spells the day out");
	refuses("Sun Nov 6 08:49:37 1994", "asctime pads the day");
}

static void
test_beginnings(void)
{
	static const char *const texts[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
	    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	bool refused = true;
	time_t when;

	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n < strlen(texts[i]); n++) {
			char *copy = slice_dup(slice_of(texts[i], n));

			refused &= http_date_parse(
				       slice_of(copy, n), 0, &when) == -1;
			free(copy);
		}
	tap_ok(refused, "no beginning of a date is a date");
}

int
main(void)
{
	test_text();
	test_calendar();
	test_forms();
	test_two_digit_years();
	test_refusals();
	test_beginnings();
	return tap_done();
}
