#include "keep.h"

#include <stdlib.h>

#include "draft.h"
#include "plan.h"
#include "run.h"

/* Listings and peers that are buried, records that are moved, under one lock. */
#define BURY_AT_ONCE 2048u
#define TIDY_AT_ONCE 1024u

/* Names that are copied under one lock. */
#define COPY_AT_ONCE 4096u

/*
 * Bury listings of a peer that has gone, and take it away when it has no more;
 * *work, of which each costs some, is what is left to do under this lock.
 * Whether it was taken away.
 */
static bool
bury_peer(struct shard *sh, struct store_peer *peer, unsigned *work)
{
	for (; peer->head != CATALOG_NONE && *work > 0; --*work) {
		catalog_drop(&sh->catalog, peer->head);
		sh->gone_files--;
	}
	if (peer->head != CATALOG_NONE || *work == 0)
		return false;
	--*work;
	catalog_leave(&sh->catalog, peer);
	sh->gone = peer->gone_next;
	sh->gone_peers--;
	return true;
}

static void
free_all(struct store_peer *peer)
{
	struct store_peer *next;

	for (; peer; peer = next) {
		next = peer->gone_next;
		free(peer);
	}
}

/* Bury what one lock allows. Whether there was anything. */
static bool
bury(struct shard *sh)
{
	struct store_peer *peer, *done = NULL;
	unsigned work = BURY_AT_ONCE;

	shard_write(sh);
	while ((peer = sh->gone) && bury_peer(sh, peer, &work)) {
		peer->gone_next = done;
		done = peer;
	}
	shard_unlock(sh);
	free_all(done);
	return work < BURY_AT_ONCE;
}

static enum keep_end
tidy(struct shard *sh, bool patient)
{
	struct segment *emptied = NULL;
	enum keep_end end = KEEP_IDLE;

	shard_write(sh);
	if (patient && atomic_load(&sh->holds) > 0)
		end = KEEP_HELD;
	else if (catalog_tidy(&sh->catalog, TIDY_AT_ONCE, &emptied))
		end = KEEP_SOME;
	shard_unlock(sh);
	segment_free(emptied);
	return end;
}

typedef bool plan_fn(const struct segment *s, uint32_t run_min, struct plan *p);

/* The first segment for which there is a plan. */
static struct segment *
choose(struct shard *sh, plan_fn *look, struct plan *plan)
{
	const struct names *names = &sh->catalog.names;
	struct segment *s;

	shard_read(sh);
	for (s = names_next(names, 0); s; s = names_next(names, s->serial))
		if (look(s, sh->shape.run_min, plan))
			break;
	shard_unlock(sh);
	return s;
}

/* Copy the live names of a segment that only this thread may take away. */
static int
copy_names(struct shard *sh, const struct segment *s, const struct plan *plan,
    struct draft *draft)
{
	uint32_t i = plan->from, stop;
	int result = 0;

	while (i < plan->end && result == 0) {
		stop = plan->end - i > COPY_AT_ONCE ? i + COPY_AT_ONCE
						    : plan->end;
		shard_read(sh);
		for (; i < stop && result == 0; i++)
			if (segment_at(s, i)->head != SEGMENT_DEAD)
				result = draft_add(
				    draft, i, segment_path(s, i));
		shard_unlock(sh);
	}
	return result;
}

static struct run *
make_run(struct shard *sh, const struct segment *s, const struct plan *plan)
{
	struct draft draft = {0};
	struct run *run;

	if (copy_names(sh, s, plan, &draft) < 0) {
		draft_free(&draft);
		return NULL;
	}
	run = plan->sketch ? run_sketch(&draft, &sh->catalog.key)
			   : run_new(&draft, &sh->catalog.key);
	if (!run)
		return NULL;
	run->from = plan->from;
	run->end = plan->end;
	return run;
}

/* Put a run in its place, and free those whose place it was. */
static int
install(struct shard *sh, struct segment *s, const struct plan *plan,
    struct run *run)
{
	struct run **old = calloc((size_t)plan->count + 1, sizeof *old);
	uint32_t fresh;
	int result;

	if (!old)
		return -1;
	shard_write(sh);
	for (uint32_t i = 0; i < plan->count; i++)
		old[i] = s->runs[plan->first + i];
	fresh = plan->end - segment_indexed(s);
	result = segment_install(s, plan->first, plan->count, run);
	if (plan->count > 0)
		sh->catalog.names.generation++;
	if (result == 0)
		names_indexed(&sh->catalog.names, fresh);
	shard_unlock(sh);
	if (atomic_load(&sh->sought) > 0)
		atomic_fetch_sub(&sh->sought, 1);
	if (result == 0)
		for (uint32_t i = 0; i < plan->count; i++)
			run_free(old[i]);
	free(old);
	return result;
}

/* Whether a run was made. Where memory is short, names wait in the tail. */
static bool
index_some(struct shard *sh, plan_fn *look)
{
	struct segment *s;
	struct plan plan;
	struct run *run;
	bool made;

	s = choose(sh, look, &plan);
	if (!s)
		return false;
	run = make_run(sh, s, &plan);
	made = run && install(sh, s, &plan, run) == 0;
	atomic_store(&sh->cramped, !made);
	if (!made)
		run_free(run);
	return made;
}

enum keep_end
keep_at_once(struct shard *sh, bool patient)
{
	bool some = bury(sh);
	enum keep_end end = tidy(sh, patient);

	some = index_some(sh, plan_haste) || some;
	return some ? KEEP_SOME : end;
}

bool
keep_at_leisure(struct shard *sh)
{
	return !sh->shape.hasty && index_some(sh, plan_leisure);
}
