#ifndef NAP_NGET_SHARES_H
#define NAP_NGET_SHARES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "coverage.h"

/* Less than this is left to who fetches it already. */
#define SHARES_LEAST (1024 * 1024)

/* What one source is at. */
struct share {
	bool busy; /* it fetches the range, which shrinks from its front */
	struct coverage_range range;
	uint64_t speed; /* bytes a second of late; 0: not known yet */
};

/* All that is at one file. */
struct shares {
	const struct coverage *there;
	uint64_t size; /* of the file; UINT64_MAX while that is not known */
	bool may_split;
	struct share *list;
	size_t count;
};

/*
 * What a source with this speed, which is at nothing, is to fetch: the first
 * range that nobody has or fetches; or, if that may be, the rear of the range
 * that would be the last to be done, cut so that both will be done at the same
 * time. *range is that, and whoever loses his rear has a shorter range. False
 * when there is nothing for it. While the size is not known, one source alone
 * has all from the first gap on.
 */
bool shares_next(
    struct shares *s, uint64_t speed, struct coverage_range *range);

#endif
