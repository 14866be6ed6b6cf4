#include "scan.h"

#include <stdlib.h>
#include <string.h>

#include "spot.h"
#include "top.h"

/* Names and listings looked at under one lock. */
#define SLICE_NAMES 4096u
#define SLICE_LISTINGS 65536u

/* Beginnings until the lock is kept to the end. */
#define TRIES 4

/* An address that may come up again. */
struct sighting {
	struct addr at;
	bool split;
};

struct walk {
	const struct scan *scan;
	const struct catalog *catalog;
	struct top top;
	uint64_t alone;
	uint64_t split;
	uint32_t at; /* the next name */
	uint32_t listings; /* looked at in this slice */
	struct sighting *seen; /* of the name at hand */
	size_t seen_count;
	size_t seen_room;
	char room[MATCH_ROOM];
};

static int
see(struct walk *w, const struct addr *at, bool split)
{
	size_t room = w->seen_room ? 2 * w->seen_room : 64;
	struct sighting *seen;

	if (w->seen_count == w->seen_room) {
		seen = reallocarray(w->seen, room, sizeof *seen);
		if (!seen)
			return -1;
		w->seen = seen;
		w->seen_room = room;
	}
	w->seen[w->seen_count++] = (struct sighting){*at, split};
	return 0;
}

static int
sighting_cmp(const void *a, const void *b)
{
	const struct addr *x = &((const struct sighting *)a)->at;
	const struct addr *y = &((const struct sighting *)b)->at;
	int order = memcmp(x->ip, y->ip, sizeof x->ip);

	return order ? order : x->port - y->port;
}

/* Count the addresses seen, each once. */
static void
count_seen(struct walk *w)
{
	const struct sighting *s = w->seen;

	if (w->seen_count > 1)
		qsort(w->seen, w->seen_count, sizeof *s, sighting_cmp);
	for (size_t i = 0; i < w->seen_count; i++) {
		if (i > 0 && !sighting_cmp(&s[i], &s[i - 1]))
			continue;
		if (s[i].split)
			w->split++;
		else
			w->alone++;
	}
	w->seen_count = 0;
}

static int
count_listing(struct walk *w, const struct listing *l)
{
	const struct store_peer *peer = catalog_peer(w->catalog, l);
	const struct sieve *sieve = &w->scan->sieve;
	struct addr shown;
	bool doubtful;

	if (!sieve_passes(sieve, l, peer, &shown))
		return 0;
	doubtful = w->scan->via_shared &&
	    addr_same_host(&shown, &sieve->view->via);
	if (doubtful || spot_shared(peer->spot))
		return see(w, &shown, doubtful || spot_split(peer->spot));
	w->alone++;
	return 0;
}

/* Count the hits of a name. */
static int
count_name(struct walk *w, uint32_t id)
{
	const struct listing *l;

	for (; id != CATALOG_NONE; id = l->name_next) {
		l = catalog_listing(w->catalog, id);
		if (count_listing(w, l) < 0)
			return -1;
		w->listings++;
	}
	count_seen(w);
	return 0;
}

static int
look_at(struct walk *w, uint32_t id)
{
	const struct names *names = &w->catalog->names;
	uint32_t head = names_at(names, id)->head;
	uint64_t before = w->alone + w->split;
	struct slice path;
	enum match_class class;

	if (head == NAMES_NONE)
		return 0;
	path = names_path(names, id);
	class = match_path(w->scan->match, path, w->room);
	if (class == MATCH_NONE)
		return 0;
	if (count_name(w, head) < 0)
		return -1;
	if (w->alone + w->split == before)
		return 0;
	return top_offer(&w->top, class, path);
}

/* Copy what was found out of the shard, whose text does not last. */
static int
keep(const struct walk *w, struct scan *s)
{
	struct rank rank;

	for (size_t i = 0; i < w->top.count; i++) {
		rank = top_at(&w->top, i);
		if (arena_keep(s->arena, &rank.path) < 0)
			return -1;
		if (ranks_add(&s->found, rank) < 0)
			return -1;
	}
	s->cut = s->cut || w->top.cut;
	s->alone += w->alone;
	s->split_shards += w->split > 0;
	if (w->split > s->split)
		s->split = w->split;
	return 0;
}

/* Look at names up to end, but no longer than others may wait. */
static int
walk_slice(struct walk *w, uint32_t end, bool to_the_end)
{
	uint32_t stop = end;

	w->listings = 0;
	w->top.text = w->catalog->names.text.base;
	if (!to_the_end && stop - w->at > SLICE_NAMES)
		stop = w->at + SLICE_NAMES;
	while (w->at < stop) {
		if (look_at(w, w->at++) < 0)
			return -1;
		if (!to_the_end && w->listings > SLICE_LISTINGS)
			break;
	}
	return 0;
}

static void
begin(struct walk *w)
{
	top_reset(&w->top);
	w->at = 0;
	w->alone = w->split = 0;
}

/*
 * Walk all names that are there now. 0, -1 with ENOMEM, or 1 when they have
 * been renumbered meanwhile.
 */
static int
walk_names(struct walk *w, struct scan *s, struct shard *sh, bool one_lock)
{
	const struct names *names = &sh->catalog.names;
	uint64_t generation;
	uint32_t end;
	int result;

	begin(w);
	shard_read(sh);
	generation = names->generation;
	end = names->end;
	while ((result = walk_slice(w, end, one_lock)) == 0 && w->at < end) {
		shard_unlock(sh);
		shard_read(sh);
		if (names->generation != generation) {
			shard_unlock(sh);
			return 1;
		}
	}
	if (result == 0)
		result = keep(w, s);
	shard_unlock(sh);
	return result;
}

int
scan_shard(struct scan *s, struct shard *sh)
{
	struct walk *w = calloc(1, sizeof *w);
	int result = 1;

	if (!w)
		return -1;
	w->scan = s;
	w->catalog = &sh->catalog;
	top_init(&w->top, s->limit);
	for (int i = 1; i <= TRIES && result > 0; i++)
		result = walk_names(w, s, sh, i == TRIES);
	top_free(&w->top);
	free(w->seen);
	free(w);
	return result;
}
