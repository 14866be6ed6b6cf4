#include "seek.h"

/* Others may wait so long: about a millisecond. */
#define WORK_MAX 100000u

enum seek_end
seek_rest(struct seek *s, unsigned work)
{
	s->work += work;
	if (s->work < WORK_MAX || s->restless)
		return SEEK_ON;
	s->work = 0;
	shard_unlock(s->shard);
	shard_read(s->shard);
	if (s->shard->catalog.names.generation != s->generation)
		return SEEK_STALE;
	return SEEK_ON;
}

bool
seek_promises(struct seek *s, uint32_t index)
{
	struct rank rank;
	struct slice path;

	if (top_bound(&s->top) == UINT64_MAX)
		return true;
	path = segment_path(s->segment, index);
	rank = rank_of(MATCH_WORDS, path);
	if (rank.key <= top_bound(&s->top) ||
	    rank_length(&rank) <= match_longest(s->match))
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
	class = match_path(s->match, path, s->room);
	if (class == MATCH_NONE || (wanted && class != wanted))
		return SEEK_ON;
	found = tally_name(&s->tally, &s->shard->catalog, name->head);
	s->work += (unsigned)(s->tally.listings - listings) * SEEK_NAME_WORK;
	if (found <= 0)
		return found < 0 ? SEEK_FAILED : SEEK_ON;
	return (enum seek_end)top_offer(&s->top, class, path);
}
