#include "view.h"

#include <string.h>

#include "peer.h"

static const uint8_t v4_loopback[16] = {
    [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};

/* A peer on the index's own host, as it is seen from elsewhere. */
static void
show_own_host(const struct store_view *view, struct addr *shown)
{
	memcpy(shown->ip, view->via.ip, sizeof shown->ip);
	shown->scope = view->via.scope;
	if (view->v4_only && addr_is_loopback(shown))
		memcpy(shown->ip, v4_loopback, sizeof shown->ip);
}

bool
view_shows(const struct store_view *view, const struct store_peer *peer,
    struct addr *shown)
{
	if (peer->at.port == 0)
		return false;
	if (peer->local_only && !addr_is_loopback(&view->client))
		return false;
	*shown = peer->at;
	if (addr_is_loopback(shown) && !peer->local_only)
		show_own_host(view, shown);
	if (addr_is_link_local(shown))
		return false;
	if (view->v4_only && !addr_is_v4(shown))
		return false;
	shown->scope = 0;
	return !view->hide_self || !addr_eq(shown, &view->client);
}

static bool
same_machine(const struct store_view *view, const struct store_peer *peer,
    const struct addr *shown)
{
	return addr_same_host(shown, &view->client) ||
	    (addr_is_loopback(&view->client) && addr_is_loopback(&peer->at));
}

static uint64_t
mix(const struct hash_key *key, const struct addr *client,
    const struct addr *shown)
{
	uint8_t bytes[2 * sizeof shown->ip + sizeof shown->port];

	memcpy(bytes, client->ip, sizeof client->ip);
	memcpy(bytes + sizeof client->ip, shown->ip, sizeof shown->ip);
	memcpy(bytes + 2 * sizeof shown->ip, &shown->port, sizeof shown->port);
	return hash_bytes(key, bytes, sizeof bytes);
}

struct view_standing
view_standing(const struct store_view *view, const struct hash_key *key,
    const struct store_peer *peer, const struct addr *shown)
{
	struct peer_load load = peer_load(peer);
	bool known = load.slots > 0;

	return (struct view_standing){
	    .unreachable = !peer_reachable(peer),
	    .own = same_machine(view, peer, shown),
	    .full = known && load.busy >= load.slots,
	    .busy = known ? load.busy : 0,
	    .slots = known ? load.slots : 1,
	    .mix = mix(key, &view->client, shown),
	};
}

/* Above, below or equal, as qsort likes it. */
static int
order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
view_standing_cmp(const struct view_standing *a, const struct view_standing *b)
{
	if (a->unreachable != b->unreachable)
		return a->unreachable - b->unreachable;
	if (a->own != b->own)
		return a->own - b->own;
	if (a->full != b->full)
		return a->full - b->full;
	if ((uint64_t)a->busy * b->slots != (uint64_t)b->busy * a->slots)
		return order(
		    (uint64_t)a->busy * b->slots, (uint64_t)b->busy * a->slots);
	return order(a->mix, b->mix);
}
