#include "summary.h"

#include "lib/num.h"

static uint64_t
speed(const struct summary *s)
{
	uint64_t scaled;

	if (s->ms <= 0)
		return 0;
	if (__builtin_mul_overflow(s->bytes, UINT64_C(1000), &scaled))
		scaled = UINT64_MAX;
	return scaled / (uint64_t)s->ms;
}

int
summary_add(struct buf *out, const struct summary *s)
{
	char size[NUM_SIZE_TEXT], rate[NUM_SIZE_TEXT];
	unsigned long long seconds = (unsigned long long)s->ms / 1000;

	if (buf_printf(out, "%zu %s, %s in %llu:%02llu:%02llu (%s/s)",
		s->fetched, s->fetched == 1 ? "file" : "files",
		num_size_text(s->bytes, size), seconds / 3600,
		seconds / 60 % 60, seconds % 60,
		num_size_text(speed(s), rate)) < 0)
		return -1;
	return s->failed ? buf_printf(out, ", %zu failed", s->failed) : 0;
}
