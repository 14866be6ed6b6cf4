#include "backoff.h"

int64_t
backoff_next(struct backoff *b, uint32_t random)
{
	int64_t longest = BACKOFF_MIN_MS;

	for (unsigned i = 0; i <= b->failures && longest < BACKOFF_MAX_MS; i++)
		longest *= 2;
	if (longest > BACKOFF_MAX_MS)
		longest = BACKOFF_MAX_MS;
	else
		b->failures++;
	return BACKOFF_MIN_MS + random % (longest - BACKOFF_MIN_MS + 1);
}
