#include "named.h"

#include <string.h>

#include "job.h"
#include "lib/digest.h"
#include "lib/locator.h"

static int
parse_raw(const struct job_order *order, struct locator *l, struct outcome *why)
{
	if (order->text.len > sizeof l->path)
		return outcome_fail(why, STATUS_USAGE,
		    "the name is longer than %d bytes", LOCATOR_PATH_BYTES);
	l->host = *order->host;
	memcpy(l->path, order->text.ptr, order->text.len);
	l->path_len = order->text.len;
	return 0;
}

/* Of several it has to be said which one is none. */
static int
parse_one(struct slice text, bool alone, struct locator *l, struct outcome *why)
{
	const char *reason;

	if (locator_parse(text, l, &reason) == 0)
		return 0;
	if (!alone)
		return outcome_fail(why, STATUS_USAGE, "no locator: '%.*s': %s",
		    (int)text.len, text.ptr, reason);
	return outcome_fail(why, STATUS_USAGE, "no locator: %s", reason);
}

int
named_parse(const struct job_order *order, struct locator *locators,
    struct outcome *why)
{
	bool alone = order->other_count == 0;

	if (order->host)
		return parse_raw(order, locators, why);
	if (parse_one(order->text, alone, locators, why) < 0)
		return -1;
	for (size_t i = 0; i < order->other_count; i++)
		if (parse_one(slice_str(order->others[i]), false,
			locators + i + 1, why) < 0)
			return -1;
	return 0;
}

int
named_agree(struct locator *locators, size_t count, const struct digest *wanted,
    struct outcome *why)
{
	struct digest all = *wanted;

	for (size_t i = 0; i < count; i++) {
		const struct digest *named = &locators[i].digest;

		if (named->known && all.known && !digest_eq(named, &all))
			return outcome_fail(why, STATUS_USAGE,
			    wanted->known
				? "its digest is not the one that --digest "
				  "gives"
				: "the locators have different digests");
		if (named->known)
			all = *named;
	}
	for (size_t i = 0; i < count; i++)
		locators[i].digest = all;
	return 0;
}
