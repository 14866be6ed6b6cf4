#include "indexd/content.h"

#include <stdint.h>

#include "dice.h"
#include "tap.h"

#define LISTINGS 20000u
#define DIGESTS 4000u

/* These have a content in common with many. */
#define COMMON 20u

/* Which digest each listing has, and in which record. */
struct model {
	struct contents contents;
	uint32_t digest[LISTINGS];
	uint32_t id[LISTINGS];
	uint32_t live;
	unsigned moves;
	unsigned wrong;
	uint64_t random;
};

static struct digest
digest_of(uint32_t number)
{
	struct digest digest = {.known = true};

	memcpy(digest.bytes, &number, sizeof number);
	digest.bytes[DIGEST_BYTES - 1] = number % 7;
	return digest;
}

static void
model_init(struct model *m)
{
	static const struct hash_key key = {{1, 2}};

	*m = (struct model){.random = 0x2545f4914f6cdd1d};
	content_init(&m->contents, &key);
	for (uint32_t i = 0; i < LISTINGS; i++)
		m->id[i] = CONTENT_NONE;
}

static void
add(struct model *m, uint32_t listing, uint32_t number)
{
	struct digest digest = digest_of(number);

	m->digest[listing] = number;
	m->id[listing] = content_add(&m->contents, listing, &digest);
	m->wrong += m->id[listing] == CONTENT_NONE;
	m->live++;
}

static void
drop(struct model *m, uint32_t listing)
{
	content_drop(&m->contents, m->id[listing]);
	m->id[listing] = CONTENT_NONE;
	m->live--;
}

/* A digest of its own, or one of a few. */
static void
toggle(struct model *m, uint32_t listing)
{
	if (m->id[listing] != CONTENT_NONE)
		drop(m, listing);
	else if (dice_draw(&m->random, 2))
		add(m, listing, dice_draw(&m->random, COMMON));
	else
		add(m, listing, dice_draw(&m->random, DIGESTS));
}

static void
moved(void *context, uint32_t listing, uint32_t to)
{
	struct model *m = context;

	m->moves++;
	m->wrong += listing >= LISTINGS || m->id[listing] == CONTENT_NONE;
	if (listing < LISTINGS)
		m->id[listing] = to;
}

static bool
step(struct model *m, unsigned budget)
{
	bool more;

	m->moves = 0;
	more = content_tidy(&m->contents, budget, moved, m);
	m->wrong += m->moves > budget;
	return more;
}

/* How many listings a content has, all of which must have it. */
static unsigned
count_chain(struct model *m, uint32_t number)
{
	struct digest digest = digest_of(number);
	uint32_t id = content_find(&m->contents, &digest), listing;
	unsigned count = 0;

	for (; id != CONTENT_NONE && count <= m->live; count++) {
		listing = content_listing(&m->contents, id);
		m->wrong += listing >= LISTINGS || m->id[listing] != id ||
		    m->digest[listing] != number;
		id = content_next(&m->contents, id);
	}
	return count;
}

/* That every listing's record says what it should, and stands in one chain. */
static unsigned
count_wrong(struct model *m)
{
	struct digest digest, want;
	unsigned in_chains = 0;

	for (uint32_t i = 0; i < LISTINGS; i++) {
		if (m->id[i] == CONTENT_NONE)
			continue;
		digest = content_digest(&m->contents, m->id[i]);
		want = digest_of(m->digest[i]);
		m->wrong += !digest_eq(&digest, &want) ||
		    content_listing(&m->contents, m->id[i]) != i;
	}
	for (uint32_t i = 0; i < DIGESTS; i++)
		in_chains += count_chain(m, i);
	return m->wrong + (in_chains != m->live);
}

static void
test_chain(struct model *m)
{
	struct digest unknown = {0}, seven = digest_of(7);

	model_init(m);
	tap_ok(content_find(&m->contents, &seven) == CONTENT_NONE,
	    "what nobody has is not found");
	tap_ok(content_find(&m->contents, &unknown) == CONTENT_NONE,
	    "nor is what is not known");
	unknown = content_digest(&m->contents, CONTENT_NONE);
	tap_ok(!unknown.known, "no record has no digest");
	for (uint32_t i = 0; i < 5; i++)
		add(m, i, 7);
	add(m, 5, 8);
	tap_is_num(
	    count_chain(m, 7), 5, "a content is found in all that have it");
	tap_is_num(count_chain(m, 8), 1, "and another in the one");
	drop(m, 0);
	tap_is_num(count_chain(m, 7), 4, "the first of them may go");
	drop(m, 2);
	tap_is_num(count_chain(m, 7), 3, "one within may");
	content_set_listing(&m->contents, m->id[1], 9);
	m->id[9] = m->id[1];
	m->digest[9] = 7;
	m->id[1] = CONTENT_NONE;
	tap_is_num(count_chain(m, 7), 3, "a listing's number may change");
	tap_is_num(count_wrong(m), 0, "and every record says what it should");
	drop(m, 3), drop(m, 4), drop(m, 9);
	tap_is_num(count_chain(m, 7), 0, "all of them may");
	content_free(&m->contents);
}

static void
test_tidy(struct model *m)
{
	size_t most;
	unsigned steps = 1;

	model_init(m);
	tap_ok(!step(m, 1), "where nothing is, nothing is to be done");
	for (uint32_t i = 0; i < LISTINGS; i++)
		add(m, i, i % DIGESTS);
	most = m->contents.slab.region.bytes;
	tap_ok(!step(m, LISTINGS), "nor where all is in use");
	for (uint32_t i = 0; i < LISTINGS; i++)
		if (i % 5)
			drop(m, i);
	tap_ok(step(m, 100), "many holes take more than one step");
	tap_is_num(count_wrong(m), 0, "between steps all is found");
	while (step(m, 100))
		steps++;
	tap_ok(steps <= LISTINGS / 100, "some steps close them up");
	tap_is_num(count_wrong(m), 0, "each record that moves is told");
	tap_ok(m->contents.slab.region.bytes < most / 4, "memory goes back");
	content_free(&m->contents);
}

/* Listings come up to a bound, then go, with steps at times. */
static void
wave(struct model *m, uint32_t bound, unsigned budget)
{
	uint32_t listing;
	bool grows = true;

	while (grows || m->live > bound / 8) {
		listing = dice_draw(&m->random, LISTINGS);
		if (grows == (m->id[listing] == CONTENT_NONE) ||
		    dice_draw(&m->random, 64) == 0)
			toggle(m, listing);
		if (dice_draw(&m->random, 50) == 0)
			step(m, dice_draw(&m->random, budget + 1));
		grows = grows && m->live < bound;
	}
}

static void
test_mix(struct model *m)
{
	static const unsigned budgets[] = {1, 10, 100, 100000};
	size_t record;

	model_init(m);
	record = m->contents.slab.size;
	for (unsigned i = 0; i < 12; i++) {
		wave(m, LISTINGS / (i % 3 + 2), budgets[i % 4]);
		tap_is_num(count_wrong(m), 0,
		    "changes and steps leave all in its chain");
		while (step(m, budgets[i % 4]))
			continue;
		tap_ok(m->contents.slab.region.bytes <=
			2 * (m->live + 1024) * record,
		    "then memory comes back");
	}
	for (uint32_t i = 0; i < LISTINGS; i++)
		if (m->id[i] != CONTENT_NONE)
			drop(m, i);
	while (step(m, 100))
		continue;
	tap_is_num(count_wrong(m), 0, "in the end nothing is found");
	tap_is_num((long long)(m->contents.slab.region.bytes +
		       m->contents.table.bytes),
	    0, "and no memory is kept");
	content_free(&m->contents);
}

int
main(void)
{
	struct model *m = malloc(sizeof *m);

	if (!m)
		return 1;
	test_chain(m);
	test_tidy(m);
	test_mix(m);
	free(m);
	return tap_done();
}
