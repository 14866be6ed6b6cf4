#include "window.h"

#include <stdlib.h>
#include <string.h>

static inline size_t
words(const struct window *w)
{
	return (w->to - w->from) / 64 + ((w->to - w->from) % 64 > 0);
}

int
window_open(struct window *w, uint32_t from, uint32_t to)
{
	size_t need;

	w->from = from;
	w->to = to;
	need = words(w);
	if (need > w->room) {
		window_free(w);
		w->bits = calloc(need, sizeof *w->bits);
		if (!w->bits)
			return -1;
		*w = (struct window){w->bits, need, from, to};
	} else if (need > 0) {
		memset(w->bits, 0, need * sizeof *w->bits);
	}
	return 0;
}

void
window_free(struct window *w)
{
	free(w->bits);
	*w = (struct window){0};
}

bool
window_and(struct window *w, const struct window *other)
{
	size_t n = words(w);
	uint64_t any = 0;

	for (size_t i = 0; i < n; i++) {
		w->bits[i] &= other->bits[i];
		any |= w->bits[i];
	}
	return any != 0;
}

uint32_t
window_next(const struct window *w, uint32_t n)
{
	size_t i, end = words(w);
	uint64_t word;

	if (n < w->from)
		n = w->from;
	if (n >= w->to)
		return w->to;
	i = (n - w->from) / 64;
	word = w->bits[i] & UINT64_MAX << n % 64;
	while (word == 0) {
		if (++i == end)
			return w->to;
		word = w->bits[i];
	}
	return w->from + (uint32_t)i * 64 + (uint32_t)__builtin_ctzll(word);
}

uint32_t
window_count(const struct window *w)
{
	uint32_t count = 0;

	for (size_t i = 0; i < words(w); i++)
		count += (uint32_t)__builtin_popcountll(w->bits[i]);
	return count;
}
