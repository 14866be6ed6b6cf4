#include "indexd/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "indexd/rank.h"
#include "tap.h"

/*
 * Threads that change the index and threads that search it, all at once, in a
 * store that is cut so small that segments and runs come and go all the time.
 * What stays must be seen by every search, whole and once; what has left, or
 * never was, by none.
 */
#define SHARDS 3
#define WRITERS 4
#define FINDERS 3
#define ROUNDS 9
#define FINDS 1500 /* of each finder, unless writers end before */
#define GOES 2400 /* files of a peer that goes */
#define ANCHORS 4 /* peers that stay, the last two of them at one address */
#define ADDRESSES 3
#define HELD 120 /* files of each of them */
#define RARE 7 /* of these, one in so many has a word of its own */
#define STEADY 60 /* files that are replaced, and never away */
#define BALLAST 9000 /* files of one peer a shard, to be looked through */

/* Peers that are there from first to last. */
#define LASTING (ANCHORS + WRITERS + SHARDS + 1)

/* Addresses end in these, and in the thread's number. */
enum {
	AT_ANCHOR = 10,
	AT_GHOST = 50,
	AT_BALLAST = 60,
	AT_STEADY = 100,
	AT_GOES = 150
};

struct path {
	char text[80];
};

struct crowd {
	struct store *store;
	struct store_peer *anchors[ANCHORS];
	struct store_peer *steady[WRITERS];
	struct store_peer *ballast[SHARDS];
	struct store_peer *ghost; /* may have no files */
	_Atomic unsigned writing;
	_Atomic unsigned number;
	_Atomic unsigned finds;
	_Atomic unsigned failed;
	_Atomic unsigned torn; /* what stays was not whole, or not once */
	_Atomic unsigned haunted; /* what is not there was found */
	_Atomic unsigned disordered;
	_Atomic unsigned missed; /* what was just added, or not just deleted */
	_Atomic unsigned miscounted;
	_Atomic uint64_t peak; /* bytes held, about */
};

static struct store_peer *
join(struct crowd *c, unsigned last, unsigned shard)
{
	struct store_peer_spec spec = {
	    .max_files = last == AT_GHOST ? 0 : UINT64_MAX};
	struct store_peer *peer;

	addr_parse_ip(SLICE("192.0.2.0"), &spec.at);
	spec.at.ip[15] = (uint8_t)last;
	spec.at.port = 9000;
	peer = store_join(c->store, shard % SHARDS, &spec);
	if (!peer)
		abort();
	return peer;
}

/* The word stands in all, and begins with the extension. */
static struct path
path_of(const char *word, unsigned a, unsigned i)
{
	struct path p;

	if (i % RARE == 0)
		snprintf(p.text, sizeof p.text, "%s/rare%ux%u/%u file.%.3s",
		    word, i, a, i, word);
	else
		snprintf(p.text, sizeof p.text, "%u/%s %u by the file.%.3s", a,
		    word, i, word);
	return p;
}

static void
change(struct crowd *c, struct store_peer *peer, bool adds, const char *word,
    unsigned a, unsigned from, unsigned to)
{
	struct path paths[40];
	struct store_change changes[40];
	unsigned n;

	for (; from < to; from += n) {
		for (n = 0; n < 40 && from + n < to; n++) {
			paths[n] = path_of(word, a, from + n);
			changes[n] = (struct store_change){.add = adds,
			    .path = slice_str(paths[n].text),
			    .size = from + n,
			    .digest = {.known = (from + n) % 3 == 0}};
			changes[n].digest.bytes[0] = (uint8_t)((from + n) % 9);
		}
		c->failed += store_apply(peer, changes, n) > 0;
		(void)store_crowded(peer);
	}
}

static const struct store_view view = {.client = {.ip = {1}}};

static bool
find(struct crowd *c, const char *words, size_t limit, struct store_hits *hits)
{
	struct store_query query = {
	    .words = slice_str(words), .under = UINT64_MAX, .limit = limit};

	c->finds++;
	if (store_find(c->store, &query, &view, hits) == 0)
		return true;
	c->failed++;
	return false;
}

static unsigned
count_at(const struct store_hits *hits, unsigned last)
{
	unsigned count = 0;

	for (size_t i = 0; i < hits->count; i++)
		count += hits->list[i].at.ip[15] == last;
	return count;
}

/* The better path first, and no peer twice with one path. */
static bool
in_order(const struct store_hits *hits)
{
	const struct store_hit *a, *b;
	struct rank x, y;
	int order;

	for (size_t i = 1; i < hits->count; i++) {
		a = &hits->list[i - 1];
		b = &hits->list[i];
		x = rank_of(a->rank, a->path);
		y = rank_of(b->rank, b->path);
		order = rank_cmp(&x, &y);
		if (order > 0 || (order == 0 && addr_eq(&a->at, &b->at)))
			return false;
	}
	return true;
}

static void
judge(struct crowd *c, const struct store_hits *hits, size_t limit)
{
	c->disordered += !in_order(hits);
	c->haunted += count_at(hits, AT_GHOST) > 0;
	c->miscounted += hits->count > limit || hits->matches < hits->count;
}

/* What anchors and steady peers have, seen amid all the rest. */
static void
find_all(struct crowd *c, struct store_hits *hits)
{
	if (!find(c, "anchor", 10000, hits))
		return;
	judge(c, hits, 10000);
	for (unsigned i = 0; i < ADDRESSES; i++)
		c->torn += count_at(hits, AT_ANCHOR + i) != HELD;
	if (!find(c, "stead", 10000, hits))
		return;
	judge(c, hits, 10000);
	c->torn += hits->count != (size_t)WRITERS * STEADY;
	for (unsigned i = 0; i < WRITERS; i++)
		c->torn += count_at(hits, AT_STEADY + i) != STEADY;
}

/* A word that few names have, so that all of them are looked at. */
static void
find_rare(struct crowd *c, struct store_hits *hits, unsigned i)
{
	char word[32];

	snprintf(word, sizeof word, "rare%ux0", i % (HELD / RARE) * RARE);
	if (!find(c, word, 100, hits))
		return;
	judge(c, hits, 100);
	for (unsigned k = 0; k < ADDRESSES; k++)
		c->torn += count_at(hits, AT_ANCHOR + k) != 1;
	if (find(c, "nobodyhasthis", 10, hits))
		c->haunted += hits->count > 0 || hits->matches > 0;
}

/* Words that nearly all names have, of which the best few are wanted. */
static void
find_common(struct crowd *c, struct store_hits *hits, unsigned i)
{
	static const char *const words[] = {
	    "file", "f", "e", "t", "3", "file by the", "anc file", "0 file"};
	size_t limit = i % 2 ? 1 : 25;

	if (find(c, words[i % 8], limit, hits))
		judge(c, hits, limit);
}

/*
 * All names hold the word, and few the extension: while they are looked
 * through, others change them.
 */
static void
find_long(struct crowd *c, struct store_hits *hits)
{
	struct store_query query = {.words = SLICE("file"),
	    .ext = SLICE("ste,xyz"),
	    .under = UINT64_MAX,
	    .limit = 10000};

	c->finds++;
	if (store_find(c->store, &query, &view, hits) < 0) {
		c->failed++;
		return;
	}
	judge(c, hits, query.limit);
	c->torn += hits->count != (size_t)WRITERS * STEADY;
	for (unsigned i = 0; i < WRITERS; i++)
		c->torn += count_at(hits, AT_STEADY + i) != STEADY;
}

/* Counting alone finds at least what stays. */
static void
find_count(struct crowd *c, struct store_hits *hits)
{
	if (!find(c, "file", 0, hits))
		return;
	/* Which shard has what is at an address of several is not told. */
	c->miscounted += hits->count > 0 ||
	    hits->matches < SHARDS * BALLAST + HELD + WRITERS * STEADY;
	if (find(c, "stead", 0, hits))
		c->miscounted += hits->matches != WRITERS * STEADY ||
		    hits->more;
}

static void
find_exact(struct crowd *c, struct store_hits *hits, unsigned i)
{
	struct path path = path_of("anchor", 0, i % HELD);
	unsigned first = i % 3 * 3;
	struct digest digest = {.bytes = {(uint8_t)first}, .known = true};

	if (store_exact(c->store, slice_str(path.text), &view, hits) < 0)
		c->failed++;
	for (unsigned k = 0; k < ADDRESSES; k++)
		c->torn += count_at(hits, AT_ANCHOR + k) != 1;
	c->haunted += count_at(hits, AT_GHOST) > 0;
	if (store_hash(c->store, &digest, 10000, &view, hits) < 0)
		c->failed++;
	for (unsigned k = 0; k < ADDRESSES; k++)
		c->torn += count_at(hits, AT_ANCHOR + k) !=
		    (HELD - first + 8) / 9;
	c->haunted += count_at(hits, AT_GHOST) > 0;
	c->miscounted += hits->matches < hits->count;
}

/* Load and reach are anybody's to set. */
static void
meddle(struct crowd *c, unsigned i)
{
	struct store_peer *peer = c->anchors[i % ANCHORS];
	struct store_stats stats;

	store_set_load(peer, i % 5, 4);
	store_set_reachable(peer, i % 3 > 0);
	store_stat(c->store, &stats);
	if (stats.bytes > c->peak)
		c->peak = stats.bytes;
	c->miscounted += stats.peers < LASTING;
	c->miscounted += stats.unreachable > LASTING + 2 * WRITERS;
	c->miscounted += stats.names <
	    SHARDS * (BALLAST + HELD) + WRITERS * STEADY;
	c->miscounted += stats.listings <
	    SHARDS * BALLAST + ANCHORS * HELD + WRITERS * STEADY;
}

static void *
finder(void *context)
{
	struct crowd *c = context;
	struct store_hits hits = {0};

	for (unsigned i = 0; i < FINDS && c->writing > 0; i++) {
		find_all(c, &hits);
		find_rare(c, &hits, i);
		find_common(c, &hits, i);
		find_long(c, &hits);
		find_count(c, &hits);
		find_exact(c, &hits, i);
		meddle(c, i);
	}
	store_hits_free(&hits);
	return NULL;
}

/* What a thread has done it sees at once. */
static void
expect(struct crowd *c, const char *word, size_t count, struct store_hits *hits)
{
	if (!find(c, word, 5000, hits))
		return;
	c->missed += hits->count != count || hits->matches != count ||
	    hits->more;
	c->disordered += !in_order(hits);
}

/*
 * A peer comes, also with names that anchors have, some of which go again, and
 * leaves, all of its names with it.
 */
static void
come_and_go(
    struct crowd *c, unsigned me, unsigned round, struct store_hits *hits)
{
	struct store_peer *peer = join(c, AT_GOES + me, me + round);
	char word[32];

	snprintf(word, sizeof word, "goes%uin%uend", me, round);
	change(c, peer, true, word, 0, 0, GOES);
	change(c, peer, true, "anchor", 0, 0, HELD);
	expect(c, word, GOES, hits);
	c->missed += store_files(peer) != GOES + HELD;
	change(c, peer, false, word, 0, 0, GOES / 3);
	change(c, peer, false, "anchor", 0, HELD / 2, HELD);
	expect(c, word, GOES - GOES / 3, hits);
	change(c, peer, true, word, 0, GOES / 4, GOES / 2);
	expect(c, word, GOES - GOES / 4, hits);
	store_leave(peer);
	expect(c, word, 0, hits);
}

/* Names that no other peer has come and go beside those that stay. */
static void
churn(struct crowd *c, unsigned me, unsigned round)
{
	struct store_peer *steady = c->steady[me];

	change(c, steady, true, "steady", me + 1, 0, STEADY);
	change(c, steady, true, "brief", me * 100 + round, 0, GOES / 2);
	change(c, steady, true, "steady", me + 1, 0, STEADY);
	change(c, steady, false, "brief", me * 100 + round, 0, GOES / 2);
	store_set_load(steady, round, 9);
	store_set_reachable(steady, round % 2);
}

/* Who joins and leaves at an address of several makes it one and many. */
static void *
writer(void *context)
{
	struct crowd *c = context;
	unsigned me = atomic_fetch_add(&c->number, 1);
	struct store_peer *twin;
	struct store_hits hits = {0};

	for (unsigned round = 0; round < ROUNDS; round++) {
		twin = join(c, AT_ANCHOR + round % 3, me + 1);
		change(c, twin, true, "anchor", 0, round, HELD);
		churn(c, me, round);
		come_and_go(c, me, round, &hits);
		store_leave(twin);
	}
	c->missed += store_files(c->steady[me]) != STEADY;
	store_hits_free(&hits);
	c->writing--;
	return NULL;
}

/* A peer whose every file is refused. */
static void
haunt(struct crowd *c)
{
	struct path path = path_of("anchor", 0, 1);
	struct store_change add = {.add = true, .path = slice_str(path.text)};

	c->haunted += store_apply(c->ghost, &add, 1) != 1;
	c->haunted += store_files(c->ghost) != 0;
}

static void
settle_in(struct crowd *c)
{
	unsigned last;

	for (unsigned i = 0; i < ANCHORS; i++) {
		last = AT_ANCHOR + (i < ADDRESSES ? i : ADDRESSES - 1);
		c->anchors[i] = join(c, last, i);
		change(c, c->anchors[i], true, "anchor", 0, 0, HELD);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		c->steady[i] = join(c, AT_STEADY + i, i);
		change(c, c->steady[i], true, "steady", i + 1, 0, STEADY);
	}
	for (unsigned i = 0; i < SHARDS; i++) {
		c->ballast[i] = join(c, AT_BALLAST + i, i);
		change(c, c->ballast[i], true, "ballast", 9, 0, BALLAST);
	}
	c->ghost = join(c, AT_GHOST, 0);
	haunt(c);
}

static void
move_out(struct crowd *c)
{
	for (unsigned i = 0; i < ANCHORS; i++)
		store_leave(c->anchors[i]);
	for (unsigned i = 0; i < WRITERS; i++)
		store_leave(c->steady[i]);
	for (unsigned i = 0; i < SHARDS; i++)
		store_leave(c->ballast[i]);
	store_leave(c->ghost);
}

static void
run(struct crowd *c)
{
	pthread_t threads[WRITERS + FINDERS];

	c->writing = WRITERS;
	for (unsigned i = 0; i < WRITERS + FINDERS; i++)
		if (pthread_create(&threads[i], NULL,
			i < WRITERS ? writer : finder, c) != 0)
			abort();
	for (unsigned i = 0; i < WRITERS + FINDERS; i++)
		pthread_join(threads[i], NULL);
}

static void
report(const struct crowd *c)
{
	tap_is_num(c->failed, 0, "no change is refused, and no search fails");
	tap_is_num(c->torn, 0, "what stays is found whole, and once");
	tap_is_num(c->haunted, 0, "what never was is not found");
	tap_is_num(c->missed, 0, "what a thread has done it finds at once");
	tap_is_num(c->disordered, 0, "answers are in order, each hit once");
	tap_is_num(c->miscounted, 0, "and so many as are counted");
}

static struct store_stats
stats_of(struct crowd *c)
{
	struct store_stats stats;

	store_settle(c->store);
	store_stat(c->store, &stats);
	return stats;
}

int
main(void)
{
	static struct crowd c;
	struct store_stats empty, before, after;

	c.store = store_new_shaped(
	    SHARDS, &(struct store_shape){512, 32, 256, false});
	if (!c.store)
		return 1;
	empty = stats_of(&c);
	settle_in(&c);
	before = stats_of(&c);
	run(&c);
	haunt(&c);
	report(&c);
	tap_note("%u searches by words", c.finds);
	after = stats_of(&c);
	tap_is_num((long long)after.peers, (long long)before.peers,
	    "those who stayed are left");
	tap_is_num((long long)after.listings, (long long)before.listings,
	    "with what they had");
	tap_is_num((long long)after.pending, 0, "and nothing is left to do");
	tap_ok(after.bytes <= before.bytes * 13 / 10, "memory has come back");
	tap_note("%llu bytes before, %llu at most, %llu after",
	    (unsigned long long)before.bytes, (unsigned long long)c.peak,
	    (unsigned long long)after.bytes);
	move_out(&c);
	after = stats_of(&c);
	tap_is_num((long long)(after.peers + after.names + after.listings +
		       after.pending),
	    0, "when all have left, nothing is left");
	tap_ok(after.bytes <= empty.bytes * 13 / 10, "nor any memory");
	tap_note("%llu bytes at first, %llu at last",
	    (unsigned long long)empty.bytes, (unsigned long long)after.bytes);
	store_free(c.store);
	return tap_done();
}
