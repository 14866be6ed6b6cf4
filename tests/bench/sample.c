#include "sample.h"

#include <err.h>
#include <stdlib.h>

void
sample_add(struct sample *s, int64_t ns)
{
	if (s->count == s->room) {
		s->room = s->room > 0 ? 2 * s->room : 256;
		s->ns = reallocarray(s->ns, s->room, sizeof *s->ns);
		if (!s->ns)
			err(1, NULL);
	}
	s->ns[s->count++] = ns;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int64_t
sample_percentile(struct sample *s, unsigned percent)
{
	size_t rank = (s->count * percent + 99) / 100;

	if (s->count == 0)
		return 0;
	qsort(s->ns, s->count, sizeof *s->ns, compare);
	return s->ns[rank > 0 ? rank - 1 : 0];
}

void
sample_free(struct sample *s)
{
	free(s->ns);
	*s = (struct sample){.ns = NULL};
}
