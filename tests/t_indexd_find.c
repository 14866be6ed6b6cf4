#include "indexd/store.h"

#include <errno.h>
#include <stdint.h>

#include "tap.h"

/* What is answered, in which order, and what is counted. */

static struct addr
at(const char *ip, uint16_t port)
{
	struct addr a = {.port = port};

	addr_parse_ip(slice_str(ip), &a);
	return a;
}

static struct store_view
view_of(const char *client)
{
	return (struct store_view){
	    .client = at(client, 0), .via = at("192.0.2.200", 8080)};
}

static struct store_peer *
join(struct store *s, unsigned shard, const char *ip, uint16_t port)
{
	struct store_peer_spec spec = {.at = at(ip, port), .max_files = 5000};
	struct store_peer *peer = store_join(s, shard, &spec);

	if (!peer)
		abort();
	store_set_reachable(peer, true);
	return peer;
}

static void
share(struct store_peer *peer, const char *path, uint64_t size, int64_t mtime)
{
	struct store_change change = {
	    .add = true, .path = slice_str(path), .size = size, .mtime = mtime};

	if (store_apply(peer, &change, 1) != 0)
		abort();
}

static void
find(struct store *s, const char *words, size_t limit,
    const struct store_view *view, struct store_hits *hits)
{
	struct store_query query = {
	    .words = slice_str(words), .under = UINT64_MAX, .limit = limit};

	if (store_find(s, &query, view, hits) < 0)
		abort();
}

static void
test_peers_in_order(void)
{
	static const char *const order[] = {"192.0.2.1", "192.0.2.2",
	    "192.0.2.3", "192.0.2.4", "192.0.2.9", "192.0.2.5"};
	struct store *s = store_new(2);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer *peers[6];
	char text[ADDR_TEXT];

	for (unsigned i = 6; i-- > 0;) {
		peers[i] = join(s, i % 2, order[i], 9000);
		share(peers[i], "file", 1, 1);
	}
	store_set_load(peers[0], 9, 0);
	store_set_load(peers[1], 1, 4);
	store_set_load(peers[2], 4, 8);
	store_set_load(peers[3], 2, 2);
	store_set_reachable(peers[5], false);
	store_exact(s, SLICE("file"), &view, &hits);
	tap_is_num((long long)hits.count, 6, "each peer with a file is a hit");
	for (size_t i = 0; i < hits.count; i++)
		tap_is_str(addr_ip_text(&hits.list[i].at, text), order[i],
		    i == 0	 ? "unknown slots are free, with no load"
			: i == 1 ? "a quarter busy is better than"
			: i == 2 ? "half busy"
			: i == 3 ? "full is worse than busy"
			: i == 4 ? "the asker's own host comes after others"
				 : "and who cannot be reached is last");
	for (size_t i = 0; i < 6; i++)
		store_leave(peers[i]);
	store_hits_free(&hits);
	store_free(s);
}

/* Eight equal peers, and the first of them for a client. */
static uint8_t
first_for(struct store *s, unsigned client, struct store_hits *hits)
{
	struct store_view view = view_of("198.51.100.1");

	view.client.ip[15] = (uint8_t)client;
	find(s, "file", 1, &view, hits);
	return hits->list[0].at.ip[15];
}

static void
test_ties(void)
{
	struct store *s = store_new(1);
	struct store_hits hits = {0};
	struct store_peer *peers[8];
	char ip[] = "192.0.2.1";
	unsigned seen = 0, changed = 0;

	for (unsigned i = 0; i < 8; i++) {
		ip[8] = (char)('1' + i);
		peers[i] = join(s, 0, ip, 9000);
		share(peers[i], "file", 1, 1);
	}
	for (unsigned client = 0; client < 256; client++) {
		seen |= 1u << first_for(s, client, &hits);
		changed += first_for(s, client, &hits) !=
		    first_for(s, client, &hits);
	}
	tap_is_num(__builtin_popcount(seen), 8,
	    "many clients are spread over equal peers");
	tap_is_num(changed, 0, "and each gets the same answer again");
	for (unsigned i = 0; i < 8; i++)
		store_leave(peers[i]);
	store_hits_free(&hits);
	store_free(s);
}

static void
test_one_address(void)
{
	struct store *s = store_new(2);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer *a = join(s, 0, "192.0.2.1", 9000);
	struct store_peer *b = join(s, 0, "192.0.2.1", 9000);
	struct store_peer *c = join(s, 1, "192.0.2.1", 9000);

	share(a, "file", 1, 10);
	share(b, "file", 2, 30);
	share(c, "file", 3, 20);
	find(s, "file", 10, &view, &hits);
	tap_ok(hits.count == 1 && hits.matches == 1 && !hits.more,
	    "several connections at one address are one hit");
	tap_is_num((long long)hits.list[0].size, 2, "the newest word counts");
	share(c, "file", STORE_NO_SIZE, 30);
	store_exact(s, SLICE("file"), &view, &hits);
	tap_is_num((long long)hits.list[0].size, 2,
	    "of equally new ones that with a size");
	share(c, "file", 4, 30);
	store_exact(s, SLICE("file"), &view, &hits);
	tap_is_num((long long)hits.list[0].size, 4, "or the larger one");
	store_set_reachable(c, false);
	store_exact(s, SLICE("file"), &view, &hits);
	tap_is_num((long long)hits.list[0].size, 2,
	    "but before all that a connection that stands better");
	store_leave(b);
	store_leave(a);
	find(s, "file", 10, &view, &hits);
	tap_is_num((long long)hits.count, 1, "the last one there remains");
	store_leave(c);
	store_hits_free(&hits);
	store_free(s);
}

/* Share count files, the numbers in their names from first. */
static void
share_many(struct store_peer *peer, unsigned first, unsigned count)
{
	char path[32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(path, sizeof path, "file %u", i);
		share(peer, path, i, 1);
	}
}

static void
test_counts(void)
{
	struct store *s = store_new(2);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer *a = join(s, 0, "192.0.2.1", 9000);
	struct store_peer *b = join(s, 0, "192.0.2.1", 9000);
	struct store_peer *c = join(s, 1, "192.0.2.2", 9000);
	struct store_peer *d = join(s, 1, "192.0.2.3", 9000);
	struct store_peer *e;

	share_many(a, 1, 100);
	share_many(b, 51, 100);
	share_many(c, 1, 50);
	share_many(d, 1, 50);
	find(s, "file", 3, &view, &hits);
	tap_ok(hits.count == 3 && hits.matches == 250 && !hits.more,
	    "a hundred matches beyond the limit are counted exactly");
	tap_is_slice(hits.list[2].path, SLICE("file 1"),
	    "a limit cuts between peers of one path");
	find(s, "file", 0, &view, &hits);
	tap_ok(hits.count == 0 && hits.matches == 250, "limit 0 counts only");
	find(s, "file 37", 0, &view, &hits);
	tap_is_num((long long)hits.matches, 4, "few of them too");
	e = join(s, 1, "192.0.2.1", 9000);
	share_many(e, 1, 25);
	find(s, "file", 3, &view, &hits);
	tap_ok(hits.more && hits.matches == 250,
	    "one address in two shards makes them a lower bound");
	find(s, "file", 10000, &view, &hits);
	tap_ok(!hits.more && hits.matches == 250 && hits.count == 250,
	    "unless all are answered");
	store_leave(a);
	store_leave(b);
	store_leave(e);
	find(s, "file", 3, &view, &hits);
	tap_ok(hits.matches == 100 && !hits.more, "who left does not count");
	share_many(c, 51, 4000);
	find(s, "file", 3, &view, &hits);
	tap_ok(hits.more && hits.matches >= 3 && hits.matches < 4100,
	    "thousands of them are not all counted");
	find(s, "file", 0, &view, &hits);
	tap_ok(
	    !hits.more && hits.matches == 4100, "unless that was the question");
	store_leave(c);
	store_leave(d);
	store_hits_free(&hits);
	store_free(s);
}

static void
test_own_host_twice(void)
{
	struct store *s = store_new(2);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer *a = join(s, 0, "127.0.0.1", 9000);
	struct store_peer *b = join(s, 1, "192.0.2.200", 9000);

	share_many(a, 1, 100);
	share_many(b, 1, 100);
	find(s, "file", 3, &view, &hits);
	tap_ok(hits.matches == 100 && hits.more && hits.count == 3,
	    "a peer on loopback may be one that is known elsewhere");
	view.via = at("192.0.2.201", 8080);
	find(s, "file", 3, &view, &hits);
	tap_ok(hits.matches == 200 && !hits.more,
	    "seen through another address it is not");
	store_leave(a);
	store_leave(b);
	store_hits_free(&hits);
	store_free(s);
}

static void
test_content(void)
{
	struct store *s = store_new(2);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer *far = join(s, 0, "192.0.2.1", 9000);
	struct store_peer *near = join(s, 1, "192.0.2.2", 9000);
	struct store_change change = {.add = true,
	    .path = SLICE("a"),
	    .digest = {.bytes = {9}, .known = true}};
	struct digest digest = change.digest, unknown = {.known = false};

	store_apply(far, &change, 1);
	change.path = SLICE("z/long name");
	store_apply(near, &change, 1);
	change.path = SLICE("z/name");
	store_apply(near, &change, 1);
	store_set_reachable(far, false);
	store_hash(s, &digest, 10, &view, &hits);
	tap_is_num(
	    (long long)hits.count, 3, "a content is found by its digest");
	tap_is_slice(hits.list[0].path, SLICE("z/name"),
	    "the better peer first, the shorter name before the longer");
	tap_is_slice(hits.list[2].path, SLICE("a"), "whatever the names");
	store_hash(s, &digest, 1, &view, &hits);
	tap_ok(hits.count == 1 && hits.matches == 3, "the limit cuts");
	change.digest.known = false;
	store_apply(near, &change, 1);
	store_hash(s, &digest, 10, &view, &hits);
	tap_is_num((long long)hits.count, 2,
	    "a file that is announced anew has the content no more");
	store_hash(s, &unknown, 10, &view, &hits);
	tap_is_num((long long)hits.count, 0, "nothing has an unknown content");
	store_leave(near);
	store_leave(far);
	store_hash(s, &digest, 10, &view, &hits);
	tap_is_num((long long)hits.count, 0, "nor one whose peers have left");
	store_hits_free(&hits);
	store_free(s);
}

/* Far more files of one content than are wanted. */
static void
test_much_content(void)
{
	struct store *s = store_new(1);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer *peers[10];
	struct store_change change = {
	    .add = true, .digest = {.bytes = {9}, .known = true}};
	char text[32];

	for (unsigned i = 0; i < 10; i++) {
		snprintf(text, sizeof text, "192.0.2.%u", 10 + i);
		peers[i] = join(s, 0, text, 9000);
		store_set_load(peers[i], 9 - i, 10);
	}
	for (unsigned i = 0; i < 30000; i++) {
		snprintf(text, sizeof text, "%u", 90000 - i);
		change.path = slice_str(text);
		store_apply(peers[i % 10], &change, 1);
	}
	store_hash(s, &change.digest, 2, &view, &hits);
	tap_ok(hits.count == 2 && hits.more && hits.list[0].at.ip[15] == 19 &&
		slice_eq(hits.list[0].path, SLICE("60001")) &&
		slice_eq(hits.list[1].path, SLICE("60011")),
	    "the best of very many files of one content are found");
	for (unsigned i = 0; i < 10; i++)
		store_leave(peers[i]);
	store_hits_free(&hits);
	store_free(s);
}

static void
test_path_bytes(void)
{
	struct store *s = store_new(1);
	struct store_peer_spec spec = {
	    .at = at("192.0.2.1", 9000), .max_files = 9, .max_bytes = 10};
	struct store_peer *peer = store_join(s, 0, &spec);
	struct store_change changes[] = {
	    {.add = true, .path = SLICE("sixsix")},
	    {.add = true, .path = SLICE("fives")},
	    {.add = true, .path = SLICE("four")},
	    {.add = true, .path = SLICE("sixsix"), .size = 7},
	    {.path = SLICE("sixsix")},
	    {.add = true, .path = SLICE("fives")},
	};

	tap_is_num((long long)store_apply(peer, changes, 4), 1,
	    "paths that pass max_bytes together are refused");
	tap_is_num((long long)store_apply(peer, changes + 4, 2), 0,
	    "one that is deleted makes room");
	tap_is_num((long long)store_files(peer), 2, "for others");
	store_leave(peer);
	store_free(s);
}

static void
test_refusals(void)
{
	static char longest[4097];
	struct store *s = store_new(1);
	struct store_view view = view_of("192.0.2.9");
	struct store_hits hits = {0};
	struct store_peer_spec spec = {
	    .at = at("192.0.2.1", 9000), .max_files = 2};
	struct store_peer *peer = store_join(s, 0, &spec);
	struct store_query query = {.words = SLICE("--"), .under = UINT64_MAX};
	struct store_change changes[6] = {
	    {.add = true, .path = SLICE("a")},
	    {.add = true, .path = SLICE("")},
	    {.add = true, .path = slice_of(longest, 4097)},
	    {.add = true, .path = slice_of(longest, 4096)},
	    {.add = true, .path = SLICE("b")},
	    {.add = true, .path = SLICE("a"), .size = 7},
	};

	memset(longest, 'x', sizeof longest);
	tap_is_num((long long)store_apply(peer, changes, 6), 3,
	    "empty and endless paths are refused, and what passes max_files");
	tap_is_num((long long)store_files(peer), 2, "the rest is taken");
	store_exact(s, SLICE("a"), &view, &hits);
	tap_is_num((long long)hits.list[0].size, 7,
	    "a path is replaced though there is no room");
	store_exact(s, slice_of(longest, 4096), &view, &hits);
	tap_is_num((long long)hits.count, 1, "the longest path is found");
	errno = 0;
	tap_ok(store_find(s, &query, &view, &hits) < 0 && errno == EINVAL,
	    "a search without words is refused");
	changes[4].add = false;
	changes[1].add = false;
	tap_is_num((long long)store_apply(peer, changes + 4, 1), 0,
	    "to delete what is not there is nothing");
	tap_ok(!store_new(0) && errno == EINVAL, "a store has a shard");
	store_leave(peer);
	store_leave(NULL);
	store_hits_free(&hits);
	store_free(s);
	store_free(NULL);
}

static void
test_stats(void)
{
	struct store *s = store_new(2);
	struct store_stats stats;
	struct store_peer *a = join(s, 0, "192.0.2.1", 9000);
	struct store_peer *b = join(s, 1, "192.0.2.2", 9000);

	share(a, "x", 1, 1);
	share(a, "y", 1, 1);
	share(b, "x", 1, 1);
	store_set_reachable(b, false);
	store_set_reachable(b, false);
	store_stat(s, &stats);
	tap_ok(stats.peers == 2 && stats.unreachable == 1 &&
		stats.listings == 3 && stats.names == 3 && stats.bytes > 0,
	    "the index counts peers, those out of reach, names and listings");
	store_leave(b);
	store_settle(s);
	store_stat(s, &stats);
	tap_ok(stats.peers == 1 && stats.unreachable == 0 &&
		stats.listings == 2 && stats.names == 2,
	    "and forgets who leaves");
	store_leave(a);
	store_free(s);
}

/* Who is in a hurry gets what is quickly found, or nothing. */
static void
test_hurry(void)
{
	struct store *s = store_new(2);
	struct store_view view = view_of("192.0.2.9");
	struct store_query query = {
	    .words = SLICE("song"), .under = UINT64_MAX, .limit = 1000};
	struct store_peer *a = join(s, 0, "192.0.2.1", 9000);
	struct store_hits hits = {0};
	char path[64];

	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof path, "song %d", i);
		share(a, path, 1, 1);
	}
	view.haste = STORE_NOW;
	errno = 0;
	tap_ok(store_find(s, &query, &view, &hits) < 0 && errno == EAGAIN,
	    "a thousand hits are too many for who is in a hurry");
	query.limit = 100;
	tap_ok(store_find(s, &query, &view, &hits) == 0 && hits.count == 100,
	    "a hundred are not");
	query.limit = 1000;
	query.words = SLICE("song 99");
	tap_ok(store_find(s, &query, &view, &hits) == 0 && hits.count == 19,
	    "few are found whatever the limit");
	view.haste = STORE_ANY;
	query.words = SLICE("song");
	tap_ok(store_find(s, &query, &view, &hits) == 0 && hits.count == 1000,
	    "who has time gets all");
	store_hits_free(&hits);
	store_leave(a);
	store_free(s);
}

int
main(void)
{
	test_peers_in_order();
	test_ties();
	test_one_address();
	test_counts();
	test_own_host_twice();
	test_content();
	test_much_content();
	test_path_bytes();
	test_refusals();
	test_stats();
	test_hurry();
	return tap_done();
}
