#include "indexd/keep.h"

#include <stdint.h>
#include <stdio.h>

#include "indexd/peer.h"
#include "tap.h"

#define NAMES 64u

static const struct store_shape shape = {NAMES, 8, 16, false};

static void
change(struct shard *sh, struct store_peer *peer, unsigned name, bool add)
{
	char path[16];
	int len = snprintf(path, sizeof path, "song %u", name);
	const struct store_change c = {
	    .add = add, .path = slice_of(path, (size_t)len)};

	if (shard_apply(sh, peer, &c, 1) != 0)
		abort();
}

/* Until that is how it ends. Returns how many steps it took. */
static unsigned
keep_until(struct shard *sh, bool patient, enum keep_end end)
{
	unsigned steps = 0;

	while (keep_at_once(sh, patient) != end)
		if (++steps == 1000)
			abort();
	return steps;
}

int
main(void)
{
	const struct hash_key key = {{1, 2}};
	static struct shard sh;
	struct store_peer *peer = calloc(1, sizeof *peer);
	const struct names *names = &sh.catalog.names;
	uint64_t generation;

	shard_init(&sh, 0, &key, &shape);
	peer->max_files = 10 * NAMES;
	peer->max_bytes = UINT64_MAX;
	peer->at.port = 9000;
	peer->shard = &sh;
	if (shard_join(&sh, peer) < 0)
		abort();
	for (unsigned i = 0; i < 2 * NAMES; i++)
		change(&sh, peer, i, true);
	keep_until(&sh, true, KEEP_IDLE);
	for (unsigned i = 0; i < NAMES; i++)
		change(&sh, peer, i, false);
	generation = names->generation;
	shard_read(&sh);
	shard_hold(&sh);
	shard_unlock(&sh);
	keep_until(&sh, true, KEEP_HELD);
	tap_is_num((long long)names->generation, (long long)generation,
	    "the segment of names that a search holds stays");
	tap_ok(keep_until(&sh, false, KEEP_IDLE) > 0 &&
		names->generation > generation,
	    "but for who is not patient it goes when it is empty");
	shard_let_go(&sh);
	tap_is_num(keep_at_once(&sh, true), KEEP_IDLE,
	    "when it has let go nothing is held");
	tap_is_num(names->live, NAMES, "none is lost");
	shard_leave(&sh, peer);
	keep_until(&sh, true, KEEP_IDLE);
	shard_free(&sh);
	return tap_done();
}
