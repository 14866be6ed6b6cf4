#include "segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "title.h"

/* Dead names and dead text that are never worth the work. */
#define DEAD_MIN 64u
#define DEAD_TEXT_MIN ((size_t)32 << 10)

struct segment *
segment_new(uint32_t slot, uint64_t serial)
{
	struct segment *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->slot = slot;
	s->serial = serial;
	return s;
}

void
segment_free(struct segment *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->run_count; i++)
		run_free(s->runs[i]);
	free(s->runs);
	region_free(&s->list);
	region_free(&s->text);
	free(s);
}

int
segment_add(struct segment *s, uint32_t tag, struct slice path)
{
	struct name *name;

	if (region_reserve(&s->text, s->text_end + path.len) < 0 ||
	    region_reserve(&s->list, ((size_t)s->end + 1) * sizeof *name) < 0)
		return -1;
	name = segment_at(s, s->end);
	name->head = SEGMENT_DEAD;
	name->tag = tag;
	name->place = (uint64_t)s->text_end << SEGMENT_OFFSET_SHIFT |
	    (uint64_t)title_basename(path).len << SEGMENT_BASE_SHIFT | path.len;
	memcpy(s->text.base + s->text_end, path.ptr, path.len);
	s->text_end += path.len;
	s->end++;
	s->live++;
	return 0;
}

void
segment_drop(struct segment *s, uint32_t index)
{
	s->text_dead += segment_path(s, index).len;
	s->live--;
	segment_at(s, index)->head = SEGMENT_DEAD;
}

bool
segment_sparse(const struct segment *s)
{
	uint32_t dead = s->end - s->live;
	size_t text_live = s->text_end - s->text_dead;

	if (s->live == 0)
		return s->end > 0;
	return (dead > DEAD_MIN && dead / 3 > s->live / 7) ||
	    (s->text_dead > DEAD_TEXT_MIN && s->text_dead / 3 > text_live / 7);
}

uint32_t
segment_sketched(const struct segment *s)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < s->run_count; i++)
		if (s->runs[i]->sketch.rows)
			sum += s->runs[i]->count;
	return sum;
}

int
segment_install(
    struct segment *s, uint32_t first, uint32_t count, struct run *run)
{
	uint32_t rest = s->run_count - first - count;
	struct run **runs = s->runs;

	if (count == 0) {
		runs = reallocarray(
		    s->runs, (size_t)s->run_count + 1, sizeof *runs);
		if (!runs)
			return -1;
		s->runs = runs;
	}
	memmove(runs + first + 1, runs + first + count, rest * sizeof *runs);
	runs[first] = run;
	s->run_count = first + 1 + rest;
	return 0;
}

uint64_t
segment_bytes(const struct segment *s)
{
	uint64_t sum = sizeof *s + s->list.bytes + s->text.bytes;

	for (uint32_t i = 0; i < s->run_count; i++)
		sum += s->runs[i]->bytes;
	return sum;
}
