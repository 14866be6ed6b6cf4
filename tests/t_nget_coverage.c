#include "nget/coverage.h"

#include "dice.h"
#include "tap.h"

static bool
add(struct coverage *c, uint64_t from, uint64_t end, unsigned giver)
{
	const struct coverage_range range = {from, end};

	return coverage_add(c, range, giver) == 0;
}

static bool
is_piece(const struct coverage *c, size_t place, uint64_t from, uint64_t end,
    unsigned giver)
{
	const struct coverage_piece *p = &c->list[place];

	return place < c->count && p->range.from == from &&
	    p->range.end == end && p->giver == giver;
}

static bool
has_gap(const struct coverage *c, struct coverage_range within, uint64_t from,
    uint64_t end)
{
	return coverage_gap(c, &within) && within.from == from &&
	    within.end == end;
}

static void
test_pieces(void)
{
	struct coverage c = {0};

	tap_ok(coverage_prefix(&c) == 0 && coverage_bytes(&c) == 0 &&
		coverage_given(&c, 0) == 0,
	    "at first nothing is there");
	tap_ok(add(&c, 5, 5, 1) && add(&c, 6, 5, 1) && c.count == 0 && !c.list,
	    "an empty range changes nothing");
	add(&c, 10, 20, 1);
	add(&c, 30, 40, 1);
	tap_ok(c.count == 2 && is_piece(&c, 0, 10, 20, 1) &&
		is_piece(&c, 1, 30, 40, 1),
	    "what does not touch is apart");
	add(&c, 20, 30, 1);
	tap_ok(c.count == 1 && is_piece(&c, 0, 10, 40, 1),
	    "what fills a gap makes one piece of two");
	add(&c, 40, 50, 2);
	add(&c, 0, 10, 2);
	tap_ok(c.count == 3 && is_piece(&c, 0, 0, 10, 2) &&
		is_piece(&c, 1, 10, 40, 1) && is_piece(&c, 2, 40, 50, 2),
	    "unless another gave it");
	add(&c, 20, 30, 3);
	tap_ok(c.count == 5 && is_piece(&c, 1, 10, 20, 1) &&
		is_piece(&c, 2, 20, 30, 3) && is_piece(&c, 3, 30, 40, 1),
	    "who gives the middle of a piece cuts it in three");
	add(&c, 12, 45, 2);
	tap_ok(c.count == 3 && is_piece(&c, 1, 10, 12, 1) &&
		is_piece(&c, 2, 12, 50, 2),
	    "who gives several pieces takes their place");
	add(&c, 0, UINT64_MAX, 4);
	tap_ok(c.count == 1 && is_piece(&c, 0, 0, UINT64_MAX, 4),
	    "even that of all");
	coverage_clear(&c);
	tap_ok(c.count == 0 && !c.list, "then it is empty again");
	coverage_clear(&c);
}

static void
test_longer(void)
{
	struct coverage c = {0};
	const struct coverage_piece *list;
	bool same = true;

	for (uint64_t i = 0; i < 8; i++)
		add(&c, i * 100000, i * 100000 + 1, 1);
	list = c.list;
	for (uint64_t i = 1; i < 100; i++)
		for (uint64_t k = 0; k < 8; k++)
			same = same &&
			    add(&c, k * 100000 + i, k * 100000 + i + 1, 1) &&
			    c.list == list && c.room == 8 && c.count == 8;
	tap_ok(same, "a piece that gets longer takes no memory");
	tap_is_num((long long)coverage_bytes(&c), 800, "and has all bytes");
	coverage_clear(&c);
}

static void
test_sums(void)
{
	struct coverage c = {0};

	add(&c, 0, 10, 1);
	add(&c, 10, 30, 2);
	add(&c, 40, 45, 1);
	tap_is_num((long long)coverage_prefix(&c), 30,
	    "the bytes before the first gap count, whoever gave them");
	tap_is_num((long long)coverage_bytes(&c), 35, "and all");
	tap_is_num((long long)coverage_given(&c, 1), 15, "and those of one");
	tap_is_num((long long)coverage_given(&c, 3), 0, "who may have none");
	coverage_clear(&c);
	add(&c, 1, 2, 1);
	tap_is_num((long long)coverage_prefix(&c), 0,
	    "without the first byte nothing counts as the beginning");
	coverage_clear(&c);
}

static void
test_less(void)
{
	struct coverage c = {0};

	add(&c, 0, 10, 1);
	add(&c, 10, 20, 2);
	add(&c, 30, 40, 1);
	coverage_cut(&c, 40);
	tap_is_num((long long)coverage_bytes(&c), 30,
	    "a cut behind all changes nothing");
	coverage_cut(&c, 35);
	tap_ok(c.count == 3 && is_piece(&c, 2, 30, 35, 1),
	    "a cut within a piece makes it shorter");
	coverage_cut(&c, 30);
	tap_ok(c.count == 2 && is_piece(&c, 1, 10, 20, 2),
	    "a cut at its first byte forgets it");
	add(&c, 30, 40, 1);
	coverage_keep(&c, 1);
	tap_ok(c.count == 2 && is_piece(&c, 0, 0, 10, 1) &&
		is_piece(&c, 1, 30, 40, 1),
	    "of all givers one may be kept");
	coverage_keep(&c, 3);
	tap_is_num((long long)c.count, 0, "which may be one who gave nothing");
	coverage_cut(&c, 0);
	coverage_keep(&c, 1);
	tap_is_num(
	    (long long)c.count, 0, "of nothing, nothing can be forgotten");
	coverage_clear(&c);
}

static void
test_gaps(void)
{
	const struct coverage_range all = {0, UINT64_MAX};
	struct coverage_range gap = {12, 18};
	struct coverage c = {0};

	tap_ok(has_gap(&c, all, 0, UINT64_MAX), "at first all is missing");
	add(&c, 10, 15, 1);
	add(&c, 15, 20, 2);
	add(&c, 30, 40, 1);
	tap_ok(has_gap(&c, all, 0, 10), "the first range that is missing");
	tap_ok(has_gap(&c, (struct coverage_range){10, 100}, 20, 30),
	    "or the next, if that is there");
	tap_ok(has_gap(&c, (struct coverage_range){22, 25}, 22, 25),
	    "or what is asked for of it");
	tap_ok(has_gap(&c, (struct coverage_range){35, 50}, 40, 50),
	    "or what is behind everything");
	tap_ok(!coverage_gap(&c, &gap) && gap.from == 12 && gap.end == 18,
	    "there is none where all is there");
	gap = (struct coverage_range){25, 25};
	tap_ok(!coverage_gap(&c, &gap), "nor in an empty range");
	coverage_clear(&c);
}

#define BYTES 2000
#define GIVERS 4

/* Who gave each byte; 0: nobody. */
struct naive {
	unsigned char givers[BYTES];
};

static void
naive_add(struct naive *n, struct coverage_range range, unsigned giver)
{
	for (uint64_t i = range.from; i < range.end; i++)
		n->givers[i] = (unsigned char)giver;
}

static void
naive_cut(struct naive *n, uint64_t end)
{
	for (uint64_t i = end; i < BYTES; i++)
		n->givers[i] = 0;
}

static void
naive_keep(struct naive *n, unsigned giver)
{
	for (size_t i = 0; i < BYTES; i++)
		if (n->givers[i] != giver)
			n->givers[i] = 0;
}

static bool
naive_gap(const struct naive *n, struct coverage_range *gap)
{
	uint64_t from = gap->from, end;

	while (from < gap->end && n->givers[from])
		from++;
	for (end = from; end < gap->end && !n->givers[end];)
		end++;
	if (from == end)
		return false;
	*gap = (struct coverage_range){from, end};
	return true;
}

/* Piece for piece, and that none is empty or ought to be part of another. */
static bool
are_same(const struct coverage *c, const struct naive *n)
{
	size_t at = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct coverage_piece *p = &c->list[i];

		if (p->range.from >= p->range.end || p->range.from < at)
			return false;
		for (; at < p->range.from; at++)
			if (n->givers[at])
				return false;
		if (at > 0 && n->givers[at - 1] == p->giver)
			return false;
		for (; at < p->range.end; at++)
			if (n->givers[at] != p->giver)
				return false;
	}
	for (; at < BYTES; at++)
		if (n->givers[at])
			return false;
	return true;
}

static bool
have_same_sums(const struct coverage *c, const struct naive *n)
{
	uint64_t given[GIVERS + 1] = {0}, prefix = 0;
	bool same = true;

	while (prefix < BYTES && n->givers[prefix])
		prefix++;
	for (size_t i = 0; i < BYTES; i++)
		given[n->givers[i]]++;
	for (unsigned giver = 1; giver <= GIVERS; giver++)
		same = same && coverage_given(c, giver) == given[giver];
	return same && coverage_prefix(c) == prefix &&
	    coverage_bytes(c) == BYTES - given[0];
}

static bool
have_same_gap(const struct coverage *c, const struct naive *n,
    struct coverage_range range)
{
	struct coverage_range naive = range;
	bool is_gap = naive_gap(n, &naive);

	return coverage_gap(c, &range) == is_gap && range.from == naive.from &&
	    range.end == naive.end;
}

static struct coverage_range
draw_range(uint64_t *seed)
{
	uint32_t from = dice_draw(seed, BYTES + 1);
	uint32_t most = dice_draw(seed, 10) ? 60 : BYTES;
	uint32_t end = from + dice_draw(seed, most);

	return (struct coverage_range){from, end < BYTES ? end : BYTES};
}

/* Any call, on both. */
static void
change(struct coverage *c, struct naive *n, uint64_t *seed)
{
	struct coverage_range range = draw_range(seed);
	unsigned giver = 1 + dice_draw(seed, GIVERS);
	uint32_t what = dice_draw(seed, 400);

	if (what == 0) {
		coverage_keep(c, giver);
		naive_keep(n, giver);
	} else if (what < 4) {
		coverage_cut(c, range.from);
		naive_cut(n, range.from);
	} else {
		if (!add(c, range.from, range.end, giver))
			abort();
		naive_add(n, range, giver);
	}
}

static void
test_random(void)
{
	struct coverage c = {0};
	struct naive n = {0};
	uint64_t seed = 7;
	bool same = true, gaps = true, sums = true;
	size_t most = 0;

	for (int i = 0; i < 100000; i++) {
		change(&c, &n, &seed);
		most = c.count > most ? c.count : most;
		same = same && are_same(&c, &n);
		gaps = gaps && have_same_gap(&c, &n, draw_range(&seed));
		if (i % 10 == 0)
			sums = sums && have_same_sums(&c, &n);
	}
	tap_ok(same, "after any calls the pieces are those of a list of bytes");
	tap_ok(gaps, "with the same gaps");
	tap_ok(sums, "and the same sums");
	tap_ok(most > 50, "even when there are many");
	coverage_clear(&c);
}

int
main(void)
{
	test_pieces();
	test_longer();
	test_sums();
	test_less();
	test_gaps();
	test_random();
	return tap_done();
}
