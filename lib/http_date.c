#include "http_date.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define DAY_SECONDS 86400
#define ERA_YEARS 400 /* after which the Gregorian calendar repeats */
#define ERA_DAYS 146097
#define EPOCH_DAYS 719468 /* from 1 March of year 0 to 1 January 1970 */

#define YEAR_0 INT64_C(-62167219200)
#define YEAR_9999_END INT64_C(253402300799)

/* A moment of the Gregorian calendar, in UTC. */
struct moment {
	unsigned year;
	unsigned month; /* 1 to 12 */
	unsigned day;
	unsigned hour;
	unsigned minute;
	unsigned second;
};

static const char *const day_names[] = {"Sunday", "Monday", "Tuesday",
    "Wednesday", "Thursday", "Friday", "Saturday"};

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/*
 * Years that begin in March have their leap day at the end, and 153 days in
 * every five months. One era is added first, so that nothing is negative.
 */
static int64_t
seconds_of(const struct moment *m)
{
	unsigned year = m->year + ERA_YEARS - (m->month <= 2);
	unsigned month = m->month > 2 ? m->month - 3 : m->month + 9;
	unsigned in_year = (153 * month + 2) / 5 + m->day - 1;
	unsigned in_era = year % ERA_YEARS;
	int64_t days = in_era * 365 + in_era / 4 - in_era / 100 + in_year;

	days += (int64_t)(year / ERA_YEARS) * ERA_DAYS;
	days -= ERA_DAYS + EPOCH_DAYS;
	return ((days * 24 + m->hour) * 60 + m->minute) * 60 + m->second;
}

/* The same backwards; seconds lie in the years 0 to 9999. */
static struct moment
moment_of(int64_t seconds)
{
	unsigned since = (unsigned)(seconds / DAY_SECONDS + ERA_DAYS +
	    EPOCH_DAYS - (seconds % DAY_SECONDS < 0));
	unsigned in_day = (unsigned)((seconds % DAY_SECONDS + DAY_SECONDS) %
	    DAY_SECONDS);
	unsigned in_era = since % ERA_DAYS;
	unsigned leaps = in_era / 1460 - in_era / 36524 + in_era / 146096;
	unsigned year = (in_era - leaps) / 365;
	unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * in_year + 2) / 153;

	year += since / ERA_DAYS * ERA_YEARS - ERA_YEARS;
	return (struct moment){
	    .year = year + (month >= 10),
	    .month = month < 10 ? month + 3 : month - 9,
	    .day = in_year - (153 * month + 2) / 5 + 1,
	    .hour = in_day / 3600,
	    .minute = in_day / 60 % 60,
	    .second = in_day % 60,
	};
}

/* What is out of the range of the form is moved to its edge. */
static int64_t
within_form(time_t when)
{
	int64_t seconds = (int64_t)when;

	if (seconds < YEAR_0)
		return YEAR_0;
	return seconds > YEAR_9999_END ? YEAR_9999_END : seconds;
}

static void
put_two(char *to, unsigned value)
{
	to[0] = (char)('0' + value / 10);
	to[1] = (char)('0' + value % 10);
}

const char *
http_date_text(time_t when, char text[HTTP_DATE_TEXT])
{
	int64_t seconds = within_form(when);
	struct moment m = moment_of(seconds);
	int64_t days = (seconds - YEAR_0) / DAY_SECONDS;

	memcpy(text, "day, 00 mon 0000 00:00:00 GMT", HTTP_DATE_TEXT);
	memcpy(text, day_names[(days + 6) % 7], 3);
	put_two(text + 5, m.day);
	memcpy(text + 8, month_names[m.month - 1], 3);
	put_two(text + 12, m.year / 100);
	put_two(text + 14, m.year % 100);
	put_two(text + 17, m.hour);
	put_two(text + 20, m.minute);
	put_two(text + 23, m.second);
	return text;
}

static bool
take_digits(struct slice *text, size_t digits, unsigned *value)
{
	unsigned n = 0;

	if (text->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (text->ptr[i] < '0' || text->ptr[i] > '9')
			return false;
		n = n * 10 + (unsigned)(text->ptr[i] - '0');
	}
	*value = n;
	*text = slice_skip(*text, digits);
	return true;
}

static bool
take_text(struct slice *text, const char *word, size_t len)
{
	if (!slice_starts(*text, slice_of(word, len)))
		return false;
	*text = slice_skip(*text, len);
	return true;
}

/* A day of the week, by its first letters or in full; it tells nothing. */
static bool
take_day_name(struct slice *text, bool full)
{
	for (size_t i = 0; i < 7; i++) {
		size_t len = full ? strlen(day_names[i]) : 3;

		if (take_text(text, day_names[i], len))
			return true;
	}
	return false;
}

static bool
take_month(struct slice *text, unsigned *month)
{
	for (*month = 1; *month <= 12; ++*month)
		if (take_text(text, month_names[*month - 1], 3))
			return true;
	return false;
}

/* The day of the month in two places, a blank for the first perhaps. */
static bool
take_padded_day(struct slice *text, unsigned *day)
{
	if (take_text(text, " ", 1))
		return take_digits(text, 1, day);
	return take_digits(text, 2, day);
}

/* One byte of a pattern: a letter is a part of the date, the rest itself. */
static bool
take_part(struct slice *text, const char *part, struct moment *m)
{
	switch (*part) {
	case 'w':
		return take_day_name(text, false);
	case 'W':
		return take_day_name(text, true);
	case 'd':
		return take_digits(text, 2, &m->day);
	case 'e':
		return take_padded_day(text, &m->day);
	case 'b':
		return take_month(text, &m->month);
	case 'y':
		return take_digits(text, 2, &m->year);
	case 'Y':
		return take_digits(text, 4, &m->year);
	case 'h':
		return take_digits(text, 2, &m->hour);
	case 'm':
		return take_digits(text, 2, &m->minute);
	case 's':
		return take_digits(text, 2, &m->second);
	default:
		return take_text(text, part, 1);
	}
}

static bool
matches(struct slice text, const char *pattern, struct moment *m)
{
	for (; *pattern != '\0'; pattern++)
		if (!take_part(&text, pattern, m))
			return false;
	return text.len == 0;
}

static bool
is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The second 60 is a leap second (RFC 9110 §5.6.7, by RFC 5322). */
static bool
exists(const struct moment *m)
{
	static const unsigned char lengths[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned length = lengths[m->month - 1];

	if (m->month == 2 && is_leap(m->year))
		length++;
	return m->day >= 1 && m->day <= length && m->hour <= 23 &&
	    m->minute <= 59 && m->second <= 60;
}

/* Orders moments of one year, whichever year that is. */
static unsigned
place_in_year(const struct moment *m)
{
	unsigned day = m->month * 32 + m->day;
	unsigned minute = (day * 24 + m->hour) * 60 + m->minute;

	return minute * 61 + m->second;
}

/* The last year of these two digits that is no more than 50 years ahead. */
static unsigned
year_of_two_digits(const struct moment *m, time_t now)
{
	struct moment today = moment_of(within_form(now));
	unsigned limit = today.year + 50, year;

	if (place_in_year(m) > place_in_year(&today))
		limit--;
	year = limit - limit % 100 + m->year;
	return year > limit && year >= 100 ? year - 100 : year;
}

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

int
http_date_parse(struct slice text, time_t now, time_t *when)
{
	static const struct {
		const char *pattern;
		bool two_digits; /* of the year */
	} forms[] = {
	    {"w, d b Y h:m:s GMT", false},
	    {"W, d-b-y h:m:s GMT", true},
	    {"w b e h:m:s Y", false},
	};
	struct moment m = {0};
	size_t n = sizeof forms / sizeof *forms, form = 0;

	while (form < n && !matches(text, forms[form].pattern, &m))
		form++;
	if (form == n)
		return invalid();
	if (forms[form].two_digits)
		m.year = year_of_two_digits(&m, now);
	if (!exists(&m))
		return invalid();
	if (__builtin_add_overflow(seconds_of(&m), 0, when))
		return invalid();
	return 0;
}
