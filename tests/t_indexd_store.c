#include "indexd/store.h"

#include <stdint.h>

#include "naive.h"
#include "tap.h"

/*
 * The store, held against the naive index: whatever peers do, in whatever
 * order, both give the same answers.
 */
#define OPERATIONS 100000
#define SHARDS 3
#define MANY 4

/* Numbers that are the same in every run. */
struct dice {
	uint64_t state;
};

static uint32_t
roll(struct dice *d, uint32_t sides)
{
	d->state = d->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((d->state >> 33) % sides);
}

/* Low numbers come up more often. */
static uint32_t
roll_low(struct dice *d, uint32_t sides)
{
	uint32_t a = roll(d, sides), b = roll(d, sides);

	return a < b ? a : b;
}

static const char *const words[] = {"song", "Song", "a", "live", "LIVE",
    "s\xc3\xb3ng", "so\xcc\x81ng", "S\xc3\x93NG", "01", "mix", "remix", "songs",
    "\xce\x91\xce\xb2\xce\xb3", "\xce\xb1\xce\x92\xce\x93",
    "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82",
    "\xd0\xbf\xd1\x80\xd0\x98\xd0\xb2", "b", "ab", "abc", "\xff\xfe", "2001",
    "x1", "the", "intermission"};
static const char *const gaps[] = {" ", "-", "_", ".", "", " - "};
static const char *const exts[] = {"", ".mp3", ".MP3", ".flac", ".",
    ".t\xc3\xa4r", ".longerthansixteen", ".tar.gz"};

/* Paths that many peers have. */
static const char *const famous[] = {
    "a/song.mp3", "song.mp3", "intro.mp3", "b/Song.mp3", "live"};

#define PICK(d, list) (list)[roll_low(d, sizeof(list) / sizeof *(list))]

struct text {
	char bytes[256];
};

static void
put(struct text *t, const char *s)
{
	size_t len = strlen(t->bytes);

	snprintf(t->bytes + len, sizeof t->bytes - len, "%s", s);
}

static struct text
some_words(struct dice *d, uint32_t most)
{
	struct text t = {""};

	put(&t, PICK(d, words));
	for (uint32_t n = roll(d, most); n > 0; n--) {
		put(&t, PICK(d, gaps));
		put(&t, PICK(d, words));
	}
	return t;
}

static struct text
some_path(struct dice *d)
{
	struct text t = {""};

	if (roll(d, 4) == 0) {
		put(&t, PICK(d, famous));
		return t;
	}
	for (uint32_t n = roll(d, 3); n > 0; n--) {
		put(&t, some_words(d, 2).bytes);
		put(&t, "/");
	}
	put(&t, some_words(d, 3).bytes);
	put(&t, PICK(d, exts));
	return t;
}

static struct addr
at(const char *ip, uint16_t port)
{
	struct addr a = {.port = port};

	addr_parse_ip(slice_str(ip), &a);
	return a;
}

/* Peers of all kinds, some of them at the same address. */
static const struct {
	const char *ip;
	uint16_t port;
	bool local_only;
	unsigned shard;
} kinds[NAIVE_PEERS] = {
    {"192.0.2.1", 9000, false, 0},
    {"192.0.2.1", 9000, false, 0},
    {"192.0.2.1", 9000, false, 1},
    {"192.0.2.2", 9000, false, 1},
    {"192.0.2.2", 9001, false, 2},
    {"2001:db8::7", 9000, false, 0},
    {"127.0.0.1", 9000, false, 1},
    {"::1", 9000, false, 2},
    {"127.0.0.1", 9001, true, 0},
    {"::1", 9001, true, 0},
    {"198.51.100.1", 9000, false, 0},
    {"fe80::1", 9000, false, 0},
    {"192.0.2.3", 0, false, 0},
    {"192.0.2.4", 9000, false, 0},
    {"192.0.2.5", 9000, false, 0},
    {"192.0.2.6", 9000, false, 0},
};

static const struct {
	const char *client;
	uint16_t port;
	const char *via;
	bool v4_only;
	bool hide_self;
} views[] = {
    {"203.0.113.5", 0, "198.51.100.1", false, false},
    {"192.0.2.1", 9000, "198.51.100.2", false, true},
    {"192.0.2.1", 9001, "198.51.100.1", true, true},
    {"127.0.0.1", 9000, "127.0.0.1", false, true},
    {"::1", 0, "::1", false, false},
    {"::1", 9000, "::1", true, true},
    {"198.51.100.1", 9000, "198.51.100.1", false, true},
    {"fe80::9", 9000, "fe80::2", false, false},
    {"2001:db8::7", 9000, "2001:db8::1", true, false},
};

static struct store_view
some_view(struct dice *d)
{
	size_t i = roll(d, sizeof views / sizeof *views);

	return (struct store_view){
	    .client = at(views[i].client, views[i].port),
	    .via = at(views[i].via, 8080),
	    .v4_only = views[i].v4_only,
	    .hide_self = views[i].hide_self,
	};
}

/* Both indexes, and who is in them. */
struct pair {
	struct dice dice;
	struct store *store;
	struct store_peer *peers[NAIVE_PEERS];
	struct naive naive;
	struct store_hits hits;
	unsigned asked;
	unsigned disagreed;
};

static struct digest
some_digest(struct dice *d)
{
	struct digest digest = {.known = roll(d, 3) > 0};

	digest.bytes[7] = (uint8_t)roll_low(d, 20);
	return digest;
}

static struct store_change
some_change(struct dice *d, struct text *path)
{
	static const uint64_t sizes[] = {4096, 0, 1, 100, 1 << 20};

	*path = some_path(d);
	return (struct store_change){
	    .add = roll(d, 7) > 0,
	    .path = slice_str(path->bytes),
	    .size = roll(d, 6) ? PICK(d, sizes) : STORE_NO_SIZE,
	    .mtime = roll(d, 6) ? (int64_t)roll(d, 4) - 1 : STORE_NO_TIME,
	    .digest = some_digest(d),
	};
}

static void
join(struct pair *p, size_t i)
{
	struct store_peer_spec spec = {
	    .at = at(kinds[i].ip, kinds[i].port),
	    .local_only = kinds[i].local_only,
	    .max_files = roll(&p->dice, 4) ? 1000 : 20,
	};

	p->peers[i] = store_join(p->store, kinds[i].shard, &spec);
	if (!p->peers[i])
		abort();
	naive_join(&p->naive, i, &spec);
}

static void
leave(struct pair *p, size_t i)
{
	store_leave(p->peers[i]);
	p->peers[i] = NULL;
	naive_leave(&p->naive, i);
}

static void
change(struct pair *p, size_t i)
{
	struct store_change changes[MANY];
	struct text paths[MANY];
	size_t n = 1 + roll(&p->dice, MANY), refused = 0;

	for (size_t k = 0; k < n; k++) {
		changes[k] = some_change(&p->dice, &paths[k]);
		refused += !naive_apply(&p->naive, i, &changes[k]);
	}
	if (store_apply(p->peers[i], changes, n) != refused)
		p->disagreed++;
	if (store_files(p->peers[i]) != p->naive.peers[i].files)
		p->disagreed++;
}

static void
set_state(struct pair *p, size_t i)
{
	struct naive_peer *peer = &p->naive.peers[i];

	peer->reachable = roll(&p->dice, 3) > 0;
	peer->busy = roll(&p->dice, 5);
	peer->slots = roll(&p->dice, 5);
	store_set_load(p->peers[i], peer->busy, peer->slots);
	store_set_reachable(p->peers[i], peer->reachable);
}

static void
judge(struct pair *p, const struct naive_query *query, int result)
{
	p->asked++;
	if (result < 0 || !naive_agrees(&p->naive, query, &p->hits))
		p->disagreed++;
}

static void
ask_words(struct pair *p, const struct store_view *view)
{
	static const char *const lists[] = {"", "mp3", "FLAC,Mp3", "T\xc3\x84R",
	    "gz,", "tar,longerthansixteen"};
	static const size_t limits[] = {5, 1000, 0, 1, 2, 50};
	struct text query = some_words(&p->dice, 3);
	struct text not_words[2] = {
	    some_words(&p->dice, 2), some_words(&p->dice, 1)};
	struct slice not_list[2] = {
	    slice_str(not_words[0].bytes), slice_str(not_words[1].bytes)};
	struct store_query asked = {
	    .words = slice_str(query.bytes),
	    .not_words = not_list,
	    .not_count = roll(&p->dice, 3) ? 0 : roll(&p->dice, 3),
	    .ext = slice_str(PICK(&p->dice, lists)),
	    .over = roll(&p->dice, 3) ? 0 : roll(&p->dice, 200),
	    .under = roll(&p->dice, 3) ? UINT64_MAX : roll(&p->dice, 5000),
	    .limit = PICK(&p->dice, limits),
	};
	struct naive_query same = {
	    .words = &asked, .view = view, .limit = asked.limit};

	if (roll(&p->dice, 2))
		asked.ext = slice_str("");
	judge(p, &same, store_find(p->store, &asked, view, &p->hits));
}

static void
ask_exact(struct pair *p, const struct store_view *view)
{
	struct text path = some_path(&p->dice);
	struct slice wanted = slice_str(path.bytes);
	struct naive_query same = {
	    .path = &wanted, .view = view, .limit = SIZE_MAX};

	judge(p, &same, store_exact(p->store, wanted, view, &p->hits));
}

static void
ask_content(struct pair *p, const struct store_view *view)
{
	struct digest digest = some_digest(&p->dice);
	size_t limit = roll(&p->dice, 2) ? 5 : 10000;
	struct naive_query same = {
	    .digest = &digest, .view = view, .limit = limit};

	judge(p, &same, store_hash(p->store, &digest, limit, view, &p->hits));
}

static void
ask(struct pair *p)
{
	static void (*const questions[])(struct pair *,
	    const struct store_view *) = {ask_words, ask_exact, ask_content};
	struct store_view view = some_view(&p->dice);

	PICK(&p->dice, questions)(p, &view);
}

/* What a peer does next. */
static void
step(struct pair *p)
{
	size_t i = roll(&p->dice, NAIVE_PEERS);
	uint32_t kind = roll(&p->dice, 200);

	if (!p->peers[i])
		join(p, i);
	else if (kind < 2)
		leave(p, i);
	else if (kind < 10)
		set_state(p, i);
	else if (kind < 170)
		change(p, i);
	else if (kind == 170 && roll(&p->dice, 20) == 0)
		store_settle(p->store);
	else
		ask(p);
}

static void
test_against_naive(uint64_t seed)
{
	static const struct store_shape shape = {512, 16, 256, false};
	static struct pair pair;
	const unsigned operations = tap_times(OPERATIONS);
	struct pair *p = &pair;
	struct store_stats stats;

	*p = (struct pair){
	    .dice = {seed}, .store = store_new_shaped(SHARDS, &shape)};
	for (unsigned i = 0; i < operations; i++)
		step(p);
	tap_ok(p->disagreed == 0,
	    "%u answers among %u operations are those of the naive index",
	    p->asked, operations);
	store_stat(p->store, &stats);
	tap_is_num((long long)stats.listings, (long long)p->naive.count,
	    "and as many listings are left");
	for (size_t i = 0; i < NAIVE_PEERS; i++)
		if (p->peers[i])
			leave(p, i);
	store_settle(p->store);
	store_stat(p->store, &stats);
	tap_is_num((long long)(stats.listings + stats.names + stats.peers), 0,
	    "nothing is left when all have left");
	store_hits_free(&p->hits);
	store_free(p->store);
	naive_free(&p->naive);
}

int
main(int argc, char **argv)
{
	test_against_naive(argc > 1 ? strtoull(argv[1], NULL, 10) : 1);
	return tap_done();
}
