#include "tally.h"

#include <stdlib.h>
#include <string.h>

#include "spot.h"

/* An address that may come up again. */
struct tally_seen {
	struct addr at;
	bool split;
};

void
tally_free(struct tally *t)
{
	free(t->seen);
	*t = (struct tally){0};
}

static int
see(struct tally *t, const struct addr *at, bool split)
{
	size_t room = t->seen_room ? 2 * t->seen_room : 64;
	struct tally_seen *seen;

	if (t->seen_count == t->seen_room) {
		seen = reallocarray(t->seen, room, sizeof *seen);
		if (!seen)
			return -1;
		t->seen = seen;
		t->seen_room = room;
	}
	t->seen[t->seen_count++] = (struct tally_seen){*at, split};
	return 0;
}

static int
seen_cmp(const void *a, const void *b)
{
	const struct addr *x = &((const struct tally_seen *)a)->at;
	const struct addr *y = &((const struct tally_seen *)b)->at;
	int order = memcmp(x->ip, y->ip, sizeof x->ip);

	return order ? order : x->port - y->port;
}

/* Count the addresses seen, each once. */
static void
count_seen(struct tally *t)
{
	const struct tally_seen *s = t->seen;

	if (t->seen_count > 1)
		qsort(t->seen, t->seen_count, sizeof *s, seen_cmp);
	for (size_t i = 0; i < t->seen_count; i++) {
		if (i > 0 && !seen_cmp(&s[i], &s[i - 1]))
			continue;
		if (s[i].split)
			t->split++;
		else
			t->alone++;
	}
	t->seen_count = 0;
}

static int
count_listing(struct tally *t, const struct catalog *c, const struct listing *l)
{
	const struct store_peer *peer = catalog_peer(c, l);
	struct addr shown;
	bool doubtful;

	if (!sieve_passes(&t->sieve, l, peer, &shown))
		return 0;
	doubtful = t->via_shared && addr_same_host(&shown, &t->sieve.view->via);
	if (doubtful || spot_shared(peer->spot))
		return see(t, &shown, doubtful || spot_split(peer->spot));
	t->alone++;
	return 0;
}

int
tally_name(struct tally *t, const struct catalog *c, uint32_t listing)
{
	uint64_t before = t->alone + t->split;
	const struct listing *l;

	for (; listing != CATALOG_NONE; listing = l->name_next) {
		l = catalog_listing(c, listing);
		if (count_listing(t, c, l) < 0)
			return -1;
		t->listings++;
	}
	count_seen(t);
	return t->alone + t->split > before;
}
