#include "indexd/store.h"

#include <stdint.h>

#include "bench/song.h"
#include "tap.h"

/*
 * More names than runs know all letters of (run.h), in stores that have one
 * run of them, sketches, or neither: whatever is asked, the answers are the
 * same, those far down the order of ranks as well.
 */
#define NAMES 150000u
#define BATCH 500u

static const struct {
	const char *what;
	struct store_shape shape;
} stores[] = {
    {"swept", {1 << 20, 1 << 19, 1 << 20, true}},
    {"sketched", {1 << 20, 4096, 1 << 20, true}},
    {"listed", {1 << 20, 4096, 1 << 20, false}},
};

#define STORES (sizeof stores / sizeof *stores)

struct sample {
	struct store *stores[STORES];
	struct store_peer *peers[STORES];
	struct store_hits hits[STORES];
};

static void
sample_init(struct sample *s)
{
	struct store_peer_spec spec = {.max_files = UINT64_MAX};

	addr_parse_ip(SLICE("192.0.2.1"), &spec.at);
	spec.at.port = 9000;
	for (size_t i = 0; i < STORES; i++) {
		s->stores[i] = store_new_shaped(1, &stores[i].shape);
		if (!s->stores[i])
			abort();
		s->peers[i] = store_join(s->stores[i], 0, &spec);
		if (!s->peers[i])
			abort();
	}
}

static void
share(struct sample *s, const struct store_change *changes, size_t count)
{
	for (size_t i = 0; i < STORES; i++)
		if (store_apply(s->peers[i], changes, count) > 0)
			abort();
}

static void
share_songs(struct sample *s)
{
	static char names[BATCH][SONG_BYTES];
	static struct store_change changes[BATCH];
	size_t len;

	for (uint32_t i = 0; i < NAMES; i++) {
		len = song_name(SONG_RANDOM, i, NAMES, names[i % BATCH]);
		changes[i % BATCH] = (struct store_change){
		    .add = true, .path = slice_of(names[i % BATCH], len)};
		if (i % BATCH == BATCH - 1)
			share(s, changes, BATCH);
	}
	for (size_t i = 0; i < STORES; i++)
		store_settle(s->stores[i]);
}

static void
sample_free(struct sample *s)
{
	for (size_t i = 0; i < STORES; i++) {
		store_leave(s->peers[i]);
		store_hits_free(&s->hits[i]);
		store_free(s->stores[i]);
	}
}

static bool
same(const struct store_hits *a, const struct store_hits *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!slice_eq(a->list[i].path, b->list[i].path) ||
		    a->list[i].rank != b->list[i].rank)
			return false;
	return true;
}

/* How many stores answer otherwise than the first. */
static unsigned
ask(struct sample *s, const char *words, size_t limit)
{
	static const struct store_view view = {.client = {.ip = {1}}};
	struct store_query query = {
	    .words = slice_str(words), .under = UINT64_MAX, .limit = limit};
	unsigned wrong = 0;

	for (size_t i = 0; i < STORES; i++) {
		if (store_find(s->stores[i], &query, &view, &s->hits[i]) < 0)
			return STORES;
		if (same(&s->hits[i], &s->hits[0]))
			continue;
		wrong++;
		tap_note("'%s' limit %zu, %s: %zu rows instead of %zu", words,
		    limit, stores[i].what, s->hits[i].count, s->hits[0].count);
	}
	return wrong;
}

int
main(void)
{
	static const char *const queries[] = {"a", "7", "an", "la", "rn", "zz",
	    "xq", "0q", "q7", "tan", "rock", "waltz", "sphynx", "qwxyzq",
	    "an la", "a b c", "folk an", "rock jazz", "jazz waltz", "zx 9"};
	static const size_t limits[] = {1, 100, 3000, 10000};
	struct sample s = {.hits = {{0}}};
	unsigned wrong = 0;

	sample_init(&s);
	share_songs(&s);
	for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
		for (size_t l = 0; l < sizeof limits / sizeof *limits; l++)
			wrong += ask(&s, queries[q], limits[l]);
	tap_ok(wrong == 0, "%u names have one order, however they are found",
	    NAMES);
	sample_free(&s);
	return tap_done();
}
