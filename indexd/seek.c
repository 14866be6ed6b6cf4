#include "seek.h"

#include <errno.h>

/* Others may wait so long: about a millisecond. */
#define WORK_MAX 100000u

/* What a shard may cost, in the same units. */
static const uint64_t work_max[] = {
    [STORE_ANY] = UINT64_MAX,
    [STORE_SOON] = 1000000,
    [STORE_NOW] = 20000,
};

/* Matches of a shard that are counted even if they are of no use otherwise. */
#define COUNTED 200u

/* So many bytes are gone through at the price of a name. */
#define BYTES_INCLUDED 128u

/* Names whose memory is fetched at once. */
#define BATCH 16u

enum seek_end
seek_rest(struct seek *s, unsigned work)
{
	s->work += work;
	if (s->spent + s->work > work_max[s->tally.sieve.view->haste]) {
		errno = EAGAIN;
		return SEEK_FAILED;
	}
	if (s->work < WORK_MAX)
		return SEEK_ON;
	s->spent += s->work;
	s->work = 0;
	shard_unlock(s->shard);
	shard_read(s->shard);
	if (s->shard->catalog.names.generation != s->generation)
		return SEEK_STALE;
	return SEEK_ON;
}

static bool
has_counted(const struct seek *s)
{
	return s->tally.alone + s->tally.split >= COUNTED;
}

/* As match_path, whose cost it adds. */
static enum match_class
match(struct seek *s, struct slice path)
{
	struct match_desk *desk = &s->desk;
	enum match_class class;

	desk->bytes = 0;
	class = match_path(s->match, path, desk);
	if (desk->bytes > BYTES_INCLUDED)
		s->work += SEEK_BYTES_WORK(desk->bytes - BYTES_INCLUDED);
	return class;
}

bool
seek_promises(struct seek *s, uint32_t index, enum match_class best)
{
	uint64_t bound = top_bound(&s->top);
	size_t len;

	if (bound == UINT64_MAX || !has_counted(s))
		return true;
	len = segment_base_len(s->segment, index);
	if (rank_least(best, len) <= bound)
		return true;
	if (best <= MATCH_WORDS && len <= match_longest(s->match))
		return true;
	s->skipped = true;
	return false;
}

enum seek_end
seek_name(struct seek *s, uint32_t index, enum match_class wanted)
{
	const struct name *name = segment_at(s->segment, index);
	struct slice path = segment_path(s->segment, index);
	uint64_t listings = s->tally.listings;
	enum match_class class;
	int found;

	s->work += SEEK_NAME_WORK;
	if (name->head == SEGMENT_DEAD)
		return SEEK_ON;
	if (wanted > MATCH_BASENAME && !seek_promises(s, index, wanted))
		return SEEK_ENOUGH;
	class = match(s, path);
	if (class == MATCH_NONE || (wanted && class != wanted))
		return SEEK_ON;
	if (has_counted(s) && rank_of(class, path).key > top_bound(&s->top)) {
		s->skipped = true;
		return SEEK_ENOUGH;
	}
	found = tally_name(&s->tally, &s->shard->catalog, name->head);
	s->work += (unsigned)(s->tally.listings - listings) * SEEK_NAME_WORK;
	if (found <= 0)
		return found < 0 ? SEEK_FAILED : SEEK_ON;
	return (enum seek_end)top_offer(&s->top, class, path);
}

/* Fetch what seek_name reads: first the names, then what these point to. */
static void
approach(const struct seek *s, const uint32_t *indexes, uint32_t count)
{
	const struct name *name;

	for (uint32_t i = 0; i < count; i++)
		__builtin_prefetch(segment_at(s->segment, indexes[i]));
	for (uint32_t i = 0; i < count; i++) {
		name = segment_at(s->segment, indexes[i]);
		__builtin_prefetch(segment_path(s->segment, indexes[i]).ptr);
		if (name->head != SEGMENT_DEAD)
			__builtin_prefetch(
			    catalog_listing(&s->shard->catalog, name->head));
	}
}

static enum seek_end
look_at(struct seek *s, const uint32_t *indexes, uint32_t count,
    enum match_class wanted)
{
	enum seek_end end = SEEK_ON;

	approach(s, indexes, count);
	for (uint32_t i = 0; i < count && end == SEEK_ON; i++) {
		end = seek_name(s, indexes[i], wanted);
		if (end == SEEK_ENOUGH && wanted == MATCH_NONE)
			end = SEEK_ON;
		if (end == SEEK_ON)
			end = seek_rest(s, 0);
	}
	return end;
}

enum seek_end
seek_names(struct seek *s, const uint32_t *indexes, uint32_t count,
    enum match_class wanted)
{
	enum seek_end end = SEEK_ON;
	uint32_t n;

	for (; count > 0 && end == SEEK_ON; indexes += n, count -= n) {
		n = count < BATCH ? count : BATCH;
		end = look_at(s, indexes, n, wanted);
	}
	return end;
}
