#include "indexd/store.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "config.h"
#include "tap.h"

/* What peers that come and go leave behind, and what they do to each other. */

#define PEERS 1000
#define FILES 1000
#define HOLDERS 100000
#define STABLE 300
#define WRITERS 3
#define ROUNDS 25
#define CHURN 6000
#define FINDERS 2

struct path {
	char text[64];
};

static struct path
path_of(const char *word, unsigned a, unsigned b)
{
	struct path p;

	snprintf(p.text, sizeof p.text, "%s/%u of a directory/file %u.mp3",
	    word, a, b);
	return p;
}

static struct store_peer *
join(struct store *s, unsigned number)
{
	struct store_peer_spec spec = {.max_files = UINT64_MAX};
	struct store_peer *peer;

	addr_parse_ip(SLICE("10.0.0.0"), &spec.at);
	spec.at.ip[13] = (uint8_t)(number >> 16);
	spec.at.ip[14] = (uint8_t)(number >> 8);
	spec.at.ip[15] = (uint8_t)number;
	spec.at.port = 9000;
	peer = store_join(s, number % 2, &spec);
	if (!peer)
		abort();
	return peer;
}

/* Add or delete files of a peer; how many were refused. */
static size_t
change(struct store_peer *peer, bool add, const char *word, unsigned a,
    unsigned count)
{
	struct path paths[50];
	struct store_change changes[50];
	size_t refused = 0;
	unsigned n;

	for (unsigned i = 0; i < count; i += n) {
		for (n = 0; n < 50 && i + n < count; n++) {
			paths[n] = path_of(word, a, i + n);
			changes[n] = (struct store_change){.add = add,
			    .path = slice_str(paths[n].text),
			    .digest = {.known = (i + n) % 5 == 0}};
			changes[n].digest.bytes[0] = (uint8_t)(n % 7);
		}
		refused += store_apply(peer, changes, n);
	}
	return refused;
}

/* What the index holds once all has been tidied up. */
static uint64_t
bytes_of(struct store *s)
{
	struct store_stats stats;

	store_settle(s);
	store_stat(s, &stats);
	return stats.bytes;
}

/* What the process has in memory, in bytes. */
static uint64_t
resident(void)
{
	unsigned long all, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%lu %lu", &all, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A sanitizer keeps what is freed for a while. */
static bool
is_instrumented(void)
{
	const char *flags = getenv("NAP_SANITIZED");

	return flags && *flags != '\0';
}

static void
test_come_and_go(void)
{
	struct store *s = store_new(2);
	struct store_peer *stays = join(s, 0), *peer;
	uint64_t start, before;
	size_t refused = change(stays, true, "stays", 0, FILES);

	start = bytes_of(s);
	before = resident();
	for (unsigned i = 1; i <= PEERS; i++) {
		peer = join(s, i);
		refused += change(peer, true, "goes", i, FILES);
		store_leave(peer);
	}
	tap_is_num((long long)refused, 0, "a thousand peers come and go");
	tap_ok(bytes_of(s) <= start + start * 3 / 10,
	    "and the index holds no more memory than before");
	tap_ok(is_instrumented() || resident() < before + ((uint64_t)32 << 20),
	    "nor does the process");
	store_leave(stays);
	store_free(s);
}

static void
test_all_at_once(void)
{
	static struct store_peer *peers[PEERS / 4];
	struct store *s = store_new(2);
	struct store_peer *stays = join(s, 0);
	uint64_t start, full, half;
	size_t refused = change(stays, true, "stays", 0, FILES);

	start = bytes_of(s);
	for (unsigned i = 0; i < PEERS / 4; i++) {
		peers[i] = join(s, i + 1);
		refused += change(peers[i], true, "goes", i, FILES);
	}
	full = bytes_of(s);
	for (unsigned i = 0; i < PEERS / 4; i += 2)
		store_leave(peers[i]);
	half = bytes_of(s);
	for (unsigned i = 0; i < PEERS / 4; i += 2) {
		peers[i] = join(s, i + 1);
		refused += change(peers[i], true, "returns", i, FILES);
	}
	tap_is_num((long long)refused, 0, "half of all peers leave and return");
	tap_ok(half < full * 3 / 4, "when half leave, memory goes back");
	tap_ok(bytes_of(s) < full + full / 4, "and it is used again");
	for (unsigned i = 0; i < PEERS / 4; i++)
		store_leave(peers[i]);
	tap_ok(bytes_of(s) <= start + start * 3 / 10,
	    "when all have left, all of theirs has gone");
	store_leave(stays);
	store_free(s);
}

/* This takes for ever if anything walks along all holders of a name. */
static void
test_one_name(void)
{
	static struct store_peer *peers[HOLDERS];
	struct store *s = store_new(1);
	struct store_view view = {.client = {.ip = {1}}};
	struct store_hits hits = {0};
	struct path path = path_of("same", 0, 0);
	uint64_t start = bytes_of(s);
	size_t refused = 0;

	for (unsigned i = 0; i < HOLDERS; i++) {
		peers[i] = join(s, i);
		refused += change(peers[i], true, "same", 0, 1);
	}
	for (unsigned i = 0; i < HOLDERS; i++) {
		refused += change(peers[i], true, "same", 0, 1);
		refused += store_files(peers[i]) != 1;
		refused += change(peers[i], false, "same", 0, 1);
		refused += store_files(peers[i]) != 0;
		refused += change(peers[i], true, "same", 0, 1);
	}
	tap_is_num((long long)refused, 0, "very many may have one name");
	store_exact(s, slice_str(path.text), &view, &hits);
	tap_is_num((long long)hits.count, HOLDERS, "all of them are found");
	for (unsigned i = 0; i < HOLDERS; i++)
		store_leave(peers[i]);
	tap_ok(bytes_of(s) <= start + start * 3 / 10, "and all may leave");
	store_hits_free(&hits);
	store_free(s);
}

struct crowd {
	struct store *store;
	_Atomic unsigned writing;
	_Atomic unsigned wrong;
	_Atomic unsigned number;
};

/* A peer that stays, and others that come and go. */
static void *
writer(void *context)
{
	struct crowd *crowd = context;
	unsigned number = atomic_fetch_add(&crowd->number, 1);
	struct store_peer *peer, *other;

	for (unsigned i = 0; i < ROUNDS; i++) {
		peer = join(crowd->store, number);
		other = join(crowd->store, number + WRITERS);
		crowd->wrong += change(peer, true, "goes", i, CHURN) > 0;
		crowd->wrong += change(other, true, "goes", i, CHURN / 9) > 0;
		store_set_load(peer, i, 9);
		store_set_reachable(peer, i % 2);
		crowd->wrong += change(peer, false, "goes", i, CHURN / 2) > 0;
		store_leave(peer);
		store_leave(other);
	}
	crowd->writing--;
	return NULL;
}

/* Each once, none forgotten, and none of them torn. */
static bool
is_whole(const struct store_hits *hits)
{
	static const char begin[] = "stable/";
	const struct store_hit *h = hits->list;

	if (hits->count != 2 * STABLE || hits->matches != hits->count)
		return false;
	for (size_t i = 0; i < hits->count; i++) {
		if (!slice_starts(h[i].path, slice_str(begin)))
			return false;
		if (i > 0 && addr_eq(&h[i].at, &h[i - 1].at) &&
		    slice_eq(h[i].path, h[i - 1].path))
			return false;
	}
	return true;
}

static void *
finder(void *context)
{
	struct crowd *crowd = context;
	struct store_view view = {.client = {.ip = {1}}};
	struct store_query stable = {.words = SLICE("table file mp3"),
	    .under = UINT64_MAX,
	    .limit = 1000};
	struct store_query fleeting = {.words = SLICE("goes directory"),
	    .under = UINT64_MAX,
	    .limit = 500};
	struct digest digest = {.bytes = {3}, .known = true};
	struct store_hits hits = {0};
	struct store_stats stats;

	while (crowd->writing > 0) {
		if (store_find(crowd->store, &stable, &view, &hits) < 0 ||
		    !is_whole(&hits))
			crowd->wrong++;
		if (store_find(crowd->store, &fleeting, &view, &hits) < 0)
			crowd->wrong++;
		if (store_hash(crowd->store, &digest, 50, &view, &hits) < 0)
			crowd->wrong++;
		store_stat(crowd->store, &stats);
	}
	store_hits_free(&hits);
	return NULL;
}

static void
test_crowd(void)
{
	struct crowd crowd = {.store = store_new(2), .writing = WRITERS};
	struct store_peer *stable[2];
	pthread_t threads[WRITERS + FINDERS];

	for (unsigned i = 0; i < 2; i++) {
		stable[i] = join(crowd.store, 1000 + i);
		crowd.wrong += change(stable[i], true, "stable", 0, STABLE) > 0;
	}
	for (unsigned i = 0; i < WRITERS + FINDERS; i++)
		pthread_create(
		    &threads[i], NULL, i < WRITERS ? writer : finder, &crowd);
	for (unsigned i = 0; i < WRITERS + FINDERS; i++)
		pthread_join(threads[i], NULL);
	tap_is_num(crowd.wrong, 0,
	    "searches see what stays, once, whatever comes and goes");
	store_leave(stable[0]);
	store_leave(stable[1]);
	store_free(crowd.store);
}

int
main(void)
{
	/* As indexd does: what is freed goes back to the system. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	mallopt(M_ARENA_MAX, 1);
	test_come_and_go();
	test_all_at_once();
	test_one_name();
	test_crowd();
	return tap_done();
}
