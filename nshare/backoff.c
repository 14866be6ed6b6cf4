#include "backoff.h"

void
backoff_settle(struct backoff *b, int64_t now_ms)
{
	b->settled = true;
	b->settled_at = now_ms;
}

bool
backoff_relent(struct backoff *b, int64_t now_ms)
{
	if (!b->settled || now_ms - b->settled_at < BACKOFF_STEADY_MS)
		return false;
	b->failures = 0;
	return true;
}

int64_t
backoff_next(struct backoff *b, uint32_t random)
{
	int64_t longest = BACKOFF_MIN_MS;

	b->settled = false;
	for (unsigned i = 0; i <= b->failures && longest < BACKOFF_MAX_MS; i++)
		longest *= 2;
	if (longest > BACKOFF_MAX_MS)
		longest = BACKOFF_MAX_MS;
	else
		b->failures++;
	return BACKOFF_MIN_MS + random % (longest - BACKOFF_MIN_MS + 1);
}
