#include "gather.h"

#include <errno.h>

/* Offers beyond the limit that are worth a sort to be rid of. */
#define SURPLUS 4096

/* Holders of one content that are looked at in a shard, under its lock. */
#define HOLDERS_MAX 32768

/* Listings of one file that are looked at for who is in a hurry. */
#define HURRIED_MAX 512

/* Whether to look at so many takes too long for who asks. */
static bool
too_many(const struct gather *g, unsigned listings)
{
	return g->sieve.view->haste == STORE_NOW && listings > HURRIED_MAX;
}

static int
give_up(void)
{
	errno = EAGAIN;
	return -1;
}

static bool
make_offer(const struct gather *g, const struct catalog *c,
    const struct listing *l, struct offer *offer)
{
	const struct store_peer *peer = catalog_peer(c, l);
	struct addr shown;

	if (!sieve_passes(&g->sieve, l, peer, &shown))
		return false;
	*offer = (struct offer){
	    .hit = {.at = shown,
		.size = l->size,
		.mtime = l->mtime,
		.digest = content_digest(&c->contents, l->content)},
	    .standing = view_standing(g->sieve.view, g->key, peer, &shown),
	};
	return true;
}

static int
offer_name(const struct gather *g, const struct catalog *c, uint32_t id,
    const struct store_hit *like)
{
	unsigned listings = 0;
	const struct listing *l;
	struct offer offer;

	for (; id != CATALOG_NONE; id = l->name_next) {
		if (too_many(g, ++listings))
			return give_up();
		l = catalog_listing(c, id);
		if (!make_offer(g, c, l, &offer))
			continue;
		offer.hit.path = like->path;
		offer.hit.rank = like->rank;
		if (offers_add(&g->hits->memory->offers, &offer) < 0)
			return -1;
	}
	return 0;
}

int
gather_path(const struct gather *g, struct slice path, unsigned rank)
{
	struct store_hit like = {.path = path, .rank = rank};
	uint32_t id, tag = names_tag(g->key, path);
	const struct catalog *c;
	int result = 0;

	for (unsigned i = 0; i < g->count && result == 0; i++) {
		c = &g->shards[i].catalog;
		shard_read(&g->shards[i]);
		id = names_find(&c->names, tag, path);
		if (id != NAMES_NONE)
			result = offer_name(
			    g, c, names_at(&c->names, id)->head, &like);
		shard_unlock(&g->shards[i]);
	}
	return result;
}

/* Keep the best limit, ordered. */
static void
prune(struct offers *offers, size_t limit)
{
	offers_sort(offers);
	if (offers->count > limit)
		offers->count = limit;
}

static int
offer_content(const struct gather *g, const struct catalog *c, uint32_t id,
    size_t limit, bool *all)
{
	struct offers *offers = &g->hits->memory->offers;
	unsigned holders = 0;
	const struct listing *l;
	struct offer offer;

	for (; id != CONTENT_NONE; id = content_next(&c->contents, id)) {
		if (++holders > HOLDERS_MAX) {
			*all = false;
			break;
		}
		if (too_many(g, holders))
			return give_up();
		l = catalog_listing(c, content_listing(&c->contents, id));
		if (!make_offer(g, c, l, &offer))
			continue;
		offer.hit.path = names_path(&c->names, l->name);
		if (arena_keep(&g->hits->memory->arena, &offer.hit.path) < 0)
			return -1;
		if (offers_add(offers, &offer) < 0)
			return -1;
		if (offers->count > SURPLUS && offers->count / 4 > limit) {
			prune(offers, limit);
			*all = *all && offers->count < limit;
		}
	}
	return 0;
}

int
gather_content(const struct gather *g, const struct digest *digest,
    size_t limit, bool *all)
{
	const struct catalog *c;
	int result = 0;

	*all = true;
	for (unsigned i = 0; i < g->count && result == 0; i++) {
		c = &g->shards[i].catalog;
		shard_read(&g->shards[i]);
		result = offer_content(
		    g, c, content_find(&c->contents, digest), limit, all);
		shard_unlock(&g->shards[i]);
	}
	return result;
}
