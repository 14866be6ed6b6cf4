#include "catalog.h"

/* Names of so many peers have their listings in pairs. */
#define PAIRS_MIN 8

struct seat {
	uint32_t taken;
	uint32_t unused;
	struct store_peer *peer;
};

static struct store_peer *
peer_at(const struct catalog *c, uint32_t id)
{
	const struct seat *seat = slab_at(&c->peers, id);

	return seat->peer;
}

const struct store_peer *
catalog_peer(const struct catalog *c, const struct listing *listing)
{
	return peer_at(c, listing->peer);
}

void
catalog_init(
    struct catalog *c, const struct hash_key *key, uint32_t segment_max)
{
	*c = (struct catalog){.key = *key};
	names_init(&c->names, segment_max);
	slab_init(&c->listings, sizeof(struct listing));
	slab_init(&c->peers, sizeof(struct seat));
	content_init(&c->contents, key);
}

void
catalog_free(struct catalog *c)
{
	names_free(&c->names);
	slab_free(&c->listings);
	slab_free(&c->peers);
	content_free(&c->contents);
	table_free(&c->pairs);
}

int
catalog_join(struct catalog *c, struct store_peer *peer)
{
	struct seat *seat;

	peer->id = slab_new(&c->peers);
	if (peer->id == CATALOG_NONE)
		return -1;
	seat = slab_at(&c->peers, peer->id);
	seat->taken = 0;
	seat->peer = peer;
	peer->head = CATALOG_NONE;
	return 0;
}

void
catalog_leave(struct catalog *c, struct store_peer *peer)
{
	slab_drop(&c->peers, peer->id);
}

/* Names' tags are secret, so no peer can aim at a tag of a pair. */
static uint32_t
pair_tag(uint32_t peer, uint32_t name_tag)
{
	uint64_t x = ((uint64_t)peer << 32 | name_tag) * 0x9e3779b97f4a7c15;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
	return (uint32_t)(x >> 32);
}

static uint32_t
tag_of_pair(const struct catalog *c, uint32_t id)
{
	const struct listing *l = catalog_listing(c, id);

	return pair_tag(l->peer, names_at(&c->names, l->name)->tag);
}

static uint32_t
find_pair(const struct catalog *c, uint32_t peer, uint32_t name)
{
	uint32_t tag = pair_tag(peer, names_at(&c->names, name)->tag);
	struct table_walk walk = table_walk(&c->pairs, tag);
	const struct listing *l;
	uint32_t id;

	while ((id = table_next(&walk)) != CATALOG_NONE) {
		l = catalog_listing(c, id);
		if (l->peer == peer && l->name == name)
			break;
	}
	return id;
}

/* The peer's listing of a name. */
static uint32_t
holding(const struct catalog *c, uint32_t peer, uint32_t name)
{
	const struct name *n = names_at(&c->names, name);
	uint32_t id;

	if (n->place & SEGMENT_FLAG)
		return find_pair(c, peer, name);
	for (id = n->head; id != CATALOG_NONE;
	     id = catalog_listing(c, id)->name_next)
		if (catalog_listing(c, id)->peer == peer)
			break;
	return id;
}

uint32_t
catalog_find(const struct catalog *c, const struct store_peer *peer,
    uint32_t tag, struct slice path)
{
	uint32_t name = names_find(&c->names, tag, path);

	if (name == NAMES_NONE)
		return CATALOG_NONE;
	return holding(c, peer->id, name);
}

static bool
has_many(const struct catalog *c, uint32_t name)
{
	uint32_t id = names_at(&c->names, name)->head;
	unsigned count = 0;

	while (id != CATALOG_NONE && count < PAIRS_MIN) {
		id = catalog_listing(c, id)->name_next;
		count++;
	}
	return count == PAIRS_MIN;
}

/* Put a listing, and those behind it in its name, into pairs. */
static int
pair_up(struct catalog *c, uint32_t id)
{
	for (; id != CATALOG_NONE; id = catalog_listing(c, id)->name_next)
		if (table_add(&c->pairs, tag_of_pair(c, id), id) < 0)
			return -1;
	return 0;
}

static void
unpair(struct catalog *c, uint32_t id)
{
	for (; id != CATALOG_NONE; id = catalog_listing(c, id)->name_next)
		table_drop(&c->pairs, tag_of_pair(c, id), id);
}

/* A listing has become the first of its name: pairs must know, or need not. */
static int
pair_first(struct catalog *c, uint32_t id)
{
	struct name *name = names_at(&c->names, catalog_listing(c, id)->name);

	if (name->place & SEGMENT_FLAG)
		return table_add(&c->pairs, tag_of_pair(c, id), id);
	if (!has_many(c, catalog_listing(c, id)->name))
		return 0;
	if (pair_up(c, id) < 0) {
		unpair(c, id);
		return -1;
	}
	name->place |= SEGMENT_FLAG;
	return 0;
}

static void
link_listing(struct catalog *c, struct store_peer *peer, uint32_t id)
{
	struct listing *l = catalog_listing(c, id);
	struct name *name = names_at(&c->names, l->name);

	l->name_prev = l->peer_prev = CATALOG_NONE;
	l->name_next = name->head;
	l->peer_next = peer->head;
	if (l->name_next != CATALOG_NONE)
		catalog_listing(c, l->name_next)->name_prev = id;
	if (l->peer_next != CATALOG_NONE)
		catalog_listing(c, l->peer_next)->peer_prev = id;
	name->head = peer->head = id;
	peer->files++;
	peer->bytes += names_path(&c->names, l->name).len;
}

static void
unlink_from_peer(struct catalog *c, const struct listing *l)
{
	struct store_peer *peer = peer_at(c, l->peer);

	if (l->peer_next != CATALOG_NONE)
		catalog_listing(c, l->peer_next)->peer_prev = l->peer_prev;
	if (l->peer_prev != CATALOG_NONE)
		catalog_listing(c, l->peer_prev)->peer_next = l->peer_next;
	else
		peer->head = l->peer_next;
	peer->files--;
	peer->bytes -= names_path(&c->names, l->name).len;
}

static void
unlink_from_name(struct catalog *c, const struct listing *l)
{
	if (l->name_next != CATALOG_NONE)
		catalog_listing(c, l->name_next)->name_prev = l->name_prev;
	if (l->name_prev != CATALOG_NONE)
		catalog_listing(c, l->name_prev)->name_next = l->name_next;
	else if (l->name_next != CATALOG_NONE)
		names_at(&c->names, l->name)->head = l->name_next;
	else
		names_drop(&c->names, l->name);
}

void
catalog_drop(struct catalog *c, uint32_t id)
{
	const struct listing *l = catalog_listing(c, id);

	if (l->content != CONTENT_NONE)
		content_drop(&c->contents, l->content);
	if (names_at(&c->names, l->name)->place & SEGMENT_FLAG)
		table_drop(&c->pairs, tag_of_pair(c, id), id);
	unlink_from_peer(c, l);
	unlink_from_name(c, l);
	slab_drop(&c->listings, id);
}

/* What is told of a listing. On -1 it is as it was. */
static int
describe(struct catalog *c, uint32_t id, const struct store_change *change)
{
	struct listing *l = catalog_listing(c, id);
	uint32_t content = CONTENT_NONE;

	if (change->digest.known) {
		content = content_add(&c->contents, id, &change->digest);
		if (content == CONTENT_NONE)
			return -1;
	}
	if (l->content != CONTENT_NONE)
		content_drop(&c->contents, l->content);
	l->content = content;
	l->size = change->size;
	l->mtime = change->mtime;
	return 0;
}

static int
insert(struct catalog *c, struct store_peer *peer, uint32_t name,
    const struct store_change *change)
{
	uint32_t id = slab_new(&c->listings);
	struct listing *l;

	if (id == CATALOG_NONE) {
		if (names_at(&c->names, name)->head == CATALOG_NONE)
			names_drop(&c->names, name);
		return -1;
	}
	l = catalog_listing(c, id);
	l->name = name;
	l->peer = peer->id;
	l->content = CONTENT_NONE;
	link_listing(c, peer, id);
	if (pair_first(c, id) == 0 && describe(c, id, change) == 0)
		return 0;
	catalog_drop(c, id);
	return -1;
}

int
catalog_add(struct catalog *c, struct store_peer *peer, uint32_t tag,
    const struct store_change *change)
{
	uint32_t name = names_find(&c->names, tag, change->path);
	uint32_t id = CATALOG_NONE;

	if (name != NAMES_NONE)
		id = holding(c, peer->id, name);
	if (id != CATALOG_NONE)
		return describe(c, id, change);
	if (peer->files >= peer->max_files ||
	    change->path.len > peer->max_bytes - peer->bytes)
		return -1;
	if (name == NAMES_NONE)
		name = names_add(&c->names, tag, change->path);
	return name == NAMES_NONE ? -1 : insert(c, peer, name, change);
}

static void
listing_moved(void *context, uint32_t from, uint32_t to)
{
	struct catalog *c = context;
	const struct listing *l = catalog_listing(c, to);

	if (l->name_next != CATALOG_NONE)
		catalog_listing(c, l->name_next)->name_prev = to;
	if (l->name_prev != CATALOG_NONE)
		catalog_listing(c, l->name_prev)->name_next = to;
	else
		names_at(&c->names, l->name)->head = to;
	if (l->peer_next != CATALOG_NONE)
		catalog_listing(c, l->peer_next)->peer_prev = to;
	if (l->peer_prev != CATALOG_NONE)
		catalog_listing(c, l->peer_prev)->peer_next = to;
	else
		peer_at(c, l->peer)->head = to;
	if (names_at(&c->names, l->name)->place & SEGMENT_FLAG)
		table_rename(&c->pairs, tag_of_pair(c, to), from, to);
	if (l->content != CONTENT_NONE)
		content_set_listing(&c->contents, l->content, to);
}

static void
content_moved(void *context, uint32_t listing, uint32_t to)
{
	catalog_listing(context, listing)->content = to;
}

/* A peer's number is in its listings: peers give back all or nothing. */
static void
no_peer_moves(void *context, uint32_t from, uint32_t to)
{
	(void)context, (void)from, (void)to;
}

/* Give a name a number at the head. 0, or -1 with ENOMEM. */
static int
move_name(struct catalog *c, uint32_t name)
{
	uint32_t to = names_move(&c->names, name), id;

	if (to == NAMES_NONE)
		return -1;
	for (id = names_at(&c->names, to)->head; id != CATALOG_NONE;
	     id = catalog_listing(c, id)->name_next)
		catalog_listing(c, id)->name = to;
	return 0;
}

/* Move names out of a segment. Whether more is to be done. */
static bool
move_out(struct catalog *c, struct segment *s, unsigned budget)
{
	for (; s->left < s->end && budget > 0; s->left++, budget--) {
		if (segment_at(s, s->left)->head == SEGMENT_DEAD)
			continue;
		if (move_name(c, names_number(s, s->left)) < 0)
			return false;
	}
	return true;
}

/* Let go of a segment that is not worth its memory. Whether there was one. */
static bool
tidy_names(struct catalog *c, unsigned budget, struct segment **emptied)
{
	struct segment *s = names_sparse(&c->names);

	if (!s)
		return false;
	if (s->live > 0)
		return move_out(c, s, budget);
	names_remove(&c->names, s);
	*emptied = s;
	return true;
}

bool
catalog_tidy(struct catalog *c, unsigned budget, struct segment **emptied)
{
	bool more;

	*emptied = NULL;
	table_trim(&c->names.table);
	table_trim(&c->pairs);
	more = tidy_names(c, budget, emptied);
	more = slab_close_up(&c->listings, budget, listing_moved, c) || more;
	more = content_tidy(&c->contents, budget, content_moved, c) || more;
	if (c->peers.live > 0)
		return more;
	return slab_close_up(&c->peers, budget, no_peer_moves, NULL) || more;
}

uint64_t
catalog_bytes(const struct catalog *c)
{
	return names_bytes(&c->names) + c->listings.region.bytes +
	    c->peers.region.bytes + c->contents.slab.region.bytes +
	    c->contents.table.bytes + c->pairs.bytes;
}
