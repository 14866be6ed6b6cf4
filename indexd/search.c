#include "search.h"

#include <errno.h>
#include <stdlib.h>

#include "seek.h"
#include "sweep.h"

/* While so many runs are made, the search is remembered (shard_crowded). */
#define MEMORY 16

/* Beginnings, and from which on names are asked to stay (shard_hold). */
#define TRIES 8
#define HELD_TRY 3

void
search_init(struct search *s, const struct match *match, size_t limit)
{
	*s = (struct search){
	    .match = match, .limit = limit, .ceiling = UINT64_MAX};
}

void
search_free(struct search *s)
{
	ranks_free(&s->found);
	probe_free(&s->probe);
}

static enum seek_end
search_segment(struct search *s, struct seek *k, const struct segment *segment)
{
	/* Runs that come meanwhile are of names beyond these. */
	uint32_t runs = segment->run_count;
	uint32_t tail = segment_indexed(segment), tail_end = segment->end;
	enum seek_end end = SEEK_ON;

	k->segment = segment;
	for (uint32_t i = 0; i < runs && end == SEEK_ON; i++)
		end = probe_run(&s->probe, k, segment->runs[i]);
	if (end != SEEK_ON)
		return end;
	return sweep_names(k, tail, tail_end);
}

/* The shard is locked. */
static enum seek_end
search_segments(struct search *s, struct seek *k)
{
	const struct names *names = &k->shard->catalog.names;
	const struct segment *segment;
	enum seek_end end = SEEK_ON;
	uint64_t serial = 0;

	k->generation = names->generation;
	while (end == SEEK_ON && (segment = names_next(names, serial))) {
		serial = segment->serial;
		end = search_segment(s, k, segment);
	}
	return end;
}

static void
begin_anew(struct seek *k)
{
	top_reset(&k->top);
	k->tally.alone = k->tally.split = 0;
	k->skipped = false;
	k->spent += k->work;
	k->work = 0;
}

/* Add what was found to what other shards had. */
static int
keep(struct search *s, const struct seek *k)
{
	struct rank rank;

	for (size_t i = 0; i < k->top.count; i++) {
		rank = k->top.heap[i];
		if (arena_keep(s->arena, &rank.path) < 0 ||
		    ranks_add(&s->found, rank) < 0)
			return -1;
	}
	if (k->top.count > 0)
		s->ceiling = top_bound(&k->top);
	s->cut = s->cut || k->top.cut || k->skipped;
	s->skipped = s->skipped || k->skipped;
	s->alone += k->tally.alone;
	s->split_shards += k->tally.split > 0;
	if (k->tally.split > s->split)
		s->split = k->tally.split;
	return 0;
}

/* The shard is locked. */
static enum seek_end
search_held(struct search *s, struct seek *k)
{
	enum seek_end end;

	shard_hold(k->shard);
	end = search_segments(s, k);
	shard_let_go(k->shard);
	return end;
}

static int
search_with(struct search *s, struct seek *k)
{
	enum seek_end end = SEEK_STALE;

	shard_read(k->shard);
	for (int i = 1; i <= TRIES && end == SEEK_STALE; i++) {
		begin_anew(k);
		end = i < HELD_TRY ? search_segments(s, k) : search_held(s, k);
	}
	shard_unlock(k->shard);
	if (end == SEEK_STALE)
		errno = EBUSY;
	return end == SEEK_ON ? keep(s, k) : -1;
}

int
search_shard(struct search *s, struct shard *sh)
{
	struct seek *k = calloc(1, sizeof *k);
	int result;

	if (!k)
		return -1;
	atomic_store(&sh->sought, MEMORY);
	k->match = s->match;
	k->shard = sh;
	k->tally.sieve = s->sieve;
	k->tally.via_shared = s->via_shared;
	top_init(&k->top, s->limit, s->ceiling);
	result = search_with(s, k);
	top_free(&k->top);
	tally_free(&k->tally);
	free(k);
	return result;
}
