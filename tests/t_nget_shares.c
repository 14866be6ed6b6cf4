#include "nget/shares.h"

#include "tap.h"

#define MIB ((uint64_t)1024 * 1024)
#define STEP ((uint64_t)64 * 1024)
#define UNKNOWN UINT64_MAX

static struct share
busy(uint64_t from, uint64_t end, uint64_t speed)
{
	return (struct share){true, {from, end}, speed};
}

static bool
gets(struct shares *s, uint64_t speed, uint64_t from, uint64_t end)
{
	struct coverage_range range = {1, 0};

	if (!shares_next(s, speed, &range)) {
		tap_note("got nothing");
		return false;
	}
	if (range.from == from && range.end == end)
		return true;
	tap_note("got %llu to %llu", (unsigned long long)range.from,
	    (unsigned long long)range.end);
	return false;
}

static bool
gets_nothing(struct shares *s, uint64_t speed)
{
	struct coverage_range range = {1, 2};

	return !shares_next(s, speed, &range) && range.from == 1 &&
	    range.end == 2;
}

static void
give(struct coverage *there, uint64_t from, uint64_t end)
{
	if (coverage_add(there, (struct coverage_range){from, end}, 0) < 0)
		abort();
}

static void
test_free(void)
{
	struct coverage there = {0};
	struct share list[3] = {0};
	struct shares s = {&there, 100 * MIB, true, list, 3};

	tap_ok(gets(&s, 0, 0, 100 * MIB), "the first gets all");
	give(&there, 0, 10 * MIB);
	give(&there, 20 * MIB, 30 * MIB);
	tap_ok(gets(&s, 0, 10 * MIB, 20 * MIB),
	    "or what is missing before that which is there");
	list[2] = busy(10 * MIB, 12 * MIB, 5);
	tap_ok(gets(&s, 0, 12 * MIB, 20 * MIB), "and nobody fetches");
	list[0] = busy(15 * MIB, 20 * MIB, 5);
	tap_ok(gets(&s, 0, 12 * MIB, 15 * MIB), "up to what somebody fetches");
	list[1] = busy(12 * MIB, 15 * MIB, 5);
	tap_ok(gets(&s, 0, 30 * MIB, 100 * MIB), "one after the other");
	list[1].busy = false;
	tap_ok(
	    gets(&s, 0, 12 * MIB, 15 * MIB), "what one left is for the next");
	list[0] = busy(30 * MIB, 100 * MIB, 5);
	list[1] = busy(12 * MIB, 20 * MIB, 5);
	s.may_split = false;
	tap_ok(gets_nothing(&s, 0),
	    "where nothing may be split, there is nothing for any other");
	give(&there, 0, 100 * MIB);
	s.may_split = true;
	list[0].busy = list[1].busy = list[2].busy = false;
	tap_ok(gets_nothing(&s, 5), "when all is there, nothing is to do");
	s.size = 0;
	coverage_clear(&there);
	tap_ok(gets_nothing(&s, 5), "nor with a file of no bytes");
}

static void
test_endless(void)
{
	struct coverage there = {0};
	struct share list[2] = {0};
	struct shares s = {&there, UNKNOWN, true, list, 2};

	tap_ok(gets(&s, 0, 0, UNKNOWN),
	    "one gets a file of which nobody knows the size");
	list[0] = busy(0, UNKNOWN, 5);
	tap_ok(gets_nothing(&s, 5), "and no other");
	give(&there, 0, 10 * MIB);
	list[0].range.from = 10 * MIB;
	tap_ok(gets_nothing(&s, 5), "even later");
	list[0].busy = false;
	tap_ok(gets(&s, 0, 10 * MIB, UNKNOWN), "unless the one gives up");
	list[0] = busy(20 * MIB, 30 * MIB, 5);
	tap_ok(gets_nothing(&s, 5), "whatever he had");
	list[0] = busy(10 * MIB, UNKNOWN, 5);
	s.size = 110 * MIB;
	tap_ok(
	    gets(&s, 5, 60 * MIB, 110 * MIB) && list[0].range.end == 60 * MIB,
	    "once the size is known, he loses his rear");
	coverage_clear(&there);
}

static void
test_split(void)
{
	struct coverage there = {0};
	struct share list[3] = {busy(0, 100 * MIB, 30)};
	struct shares s = {&there, 100 * MIB, true, list, 3};

	tap_ok(
	    gets(&s, 10, 75 * MIB, 100 * MIB) && list[0].range.end == 75 * MIB,
	    "a slower one gets the rear, as it can be done with it in time");
	list[0] = busy(0, 100 * MIB, 10);
	tap_ok(gets(&s, 30, 25 * MIB, 100 * MIB), "a faster one gets more");
	list[0] = busy(0, 60 * MIB, 60);
	list[1] = busy(60 * MIB, 90 * MIB, 10);
	list[2] = busy(90 * MIB, 100 * MIB, 10);
	tap_ok(gets(&s, 10, 75 * MIB, 90 * MIB) &&
		list[1].range.end == 75 * MIB && list[0].range.end == 60 * MIB,
	    "who would be the last loses something, not who has the most");
	list[0] = busy(0, 60 * MIB, 60);
	list[1] = busy(99 * MIB, 100 * MIB, 1);
	list[2].busy = false;
	give(&there, 60 * MIB, 99 * MIB);
	tap_ok(gets(&s, 60, 30 * MIB, 60 * MIB),
	    "unless he has too little left: then it is the next");
	coverage_clear(&there);
}

static void
test_unknown(void)
{
	struct coverage there = {0};
	struct share list[3] = {busy(0, 100 * MIB, 0)};
	struct shares s = {&there, 100 * MIB, true, list, 3};

	tap_ok(gets(&s, 0, 50 * MIB, 100 * MIB),
	    "as long as no speed is known, each gets half");
	list[0] = busy(0, 100 * MIB, 0);
	tap_ok(gets(&s, 7, 50 * MIB, 100 * MIB), "even who knows his own");
	list[0] = busy(0, 50 * MIB, 10);
	list[1] = busy(50 * MIB, 100 * MIB, 30);
	tap_ok(gets(&s, 0, 50 * MIB / 3 / STEP * STEP, 50 * MIB),
	    "who is not known counts as the mean of the others");
	s.size = 160 * MIB;
	list[0] = busy(0, 60 * MIB, 10);
	list[1] = busy(60 * MIB, 80 * MIB, 20);
	list[2] = busy(80 * MIB, 160 * MIB, 0);
	tap_ok(gets(&s, 10, 120 * MIB, 160 * MIB),
	    "and as the slowest when something is to be taken from him");
}

static void
test_least(void)
{
	struct coverage there = {0};
	struct share list[1] = {busy(0, 2 * MIB - 1, 1)};
	struct shares s = {&there, 2 * MIB - 1, true, list, 1};
	struct coverage_range range;

	tap_ok(gets_nothing(&s, 1000), "less than two MiB are not split");
	s.size = 2 * MIB;
	list[0] = busy(0, 2 * MIB, 1);
	tap_ok(gets(&s, 1, 1 * MIB, 2 * MIB), "two are");
	s.size = 10 * MIB;
	list[0] = busy(0, 10 * MIB, 1000);
	tap_ok(gets_nothing(&s, 1),
	    "nobody gets less than one, which would take too long");
	list[0] = busy(0, 10 * MIB, 1);
	tap_ok(gets(&s, 1000, 1 * MIB, 10 * MIB), "and nobody keeps less");
	list[0] = busy(12345, 10 * MIB, 1);
	tap_ok(shares_next(&s, 2, &range) && range.from % STEP == 0,
	    "cuts are even");
	give(&there, 0, 100);
	s.size = 2 * MIB + 100;
	list[0] = busy(100, 2 * MIB + 100, 1);
	tap_ok(gets(&s, 1, 1 * MIB + 100, 2 * MIB + 100),
	    "if there is room for that");
	coverage_clear(&there);
}

/* Both parts large enough, and nothing lost. */
static bool
splits_well(uint64_t size, uint64_t from, uint64_t victim, uint64_t thief)
{
	struct coverage there = {0};
	struct share list[1] = {busy(from, size, victim)};
	struct shares s = {&there, size, true, list, 1};
	struct coverage_range range;

	if (from > 0)
		give(&there, 0, from);
	if (!shares_next(&s, thief, &range))
		range = (struct coverage_range){size, size};
	coverage_clear(&there);
	if (range.from == size)
		return list[0].range.end == size &&
		    (size - from < 2 * SHARES_LEAST || victim > thief);
	return range.end == size && list[0].range.end == range.from &&
	    range.from - from >= SHARES_LEAST &&
	    size - range.from >= SHARES_LEAST;
}

static void
test_extremes(void)
{
	static const uint64_t sizes[] = {1, MIB, 2 * MIB - 1, 2 * MIB,
	    2 * MIB + 1, 3 * MIB, 1000 * MIB, INT64_MAX, UINT64_MAX - 1};
	static const uint64_t speeds[] = {
	    1, 2, 1000, MIB, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};
	const size_t count = sizeof speeds / sizeof *speeds;
	bool well = true;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (size_t k = 0; k < count * count; k++)
			for (uint64_t from = 0; from < 3; from++)
				well = well &&
				    splits_well(sizes[i], from * (sizes[i] / 3),
					speeds[k / count], speeds[k % count]);
	tap_ok(well, "of any size at any speed no byte is lost");
}

#define TICK_MS 10
#define DELAY_MS 50 /* from a request to the first byte */
#define PATIENCE_MS 5000 /* with one from whom nothing comes */
#define SIZE (1024 * MIB)
#define MOST 8

/* A source in virtual time. */
struct runner {
	uint64_t speed;
	int64_t stalls; /* when; 0: never */
	bool gone;
	int64_t begins; /* to receive */
	int64_t last; /* when something came */
	uint64_t late; /* bytes within this second */
	unsigned requests;
};

struct race {
	struct runner runners[MOST];
	struct share list[MOST];
	struct coverage there;
	struct shares shares;
	int64_t now;
	bool once; /* no byte came twice */
};

static bool
is_running(const struct runner *r, int64_t now)
{
	return !r->gone && (r->stalls == 0 || now < r->stalls);
}

static void
ask(struct race *x, size_t i)
{
	struct runner *r = &x->runners[i];
	struct share *share = &x->list[i];

	if (r->gone || share->busy ||
	    !shares_next(&x->shares, share->speed, &share->range))
		return;
	share->busy = true;
	r->begins = r->last = x->now + DELAY_MS;
	r->requests++;
}

static void
receive(struct race *x, size_t i, uint64_t most)
{
	struct coverage_range *range = &x->list[i].range, got = *range, gap;

	if (got.end - got.from > most)
		got.end = got.from + most;
	gap = got;
	x->once = x->once && coverage_gap(&x->there, &gap) &&
	    gap.from == got.from && gap.end == got.end;
	if (coverage_add(&x->there, got, (unsigned)i) < 0)
		abort();
	x->runners[i].late += got.end - got.from;
	x->runners[i].last = x->now;
	range->from = got.end;
	if (range->from == range->end)
		x->list[i].busy = false;
}

static void
tick(struct race *x, size_t i)
{
	struct runner *r = &x->runners[i];

	if (!x->list[i].busy || x->now < r->begins)
		return;
	if (is_running(r, x->now))
		receive(x, i, r->speed * TICK_MS / 1000);
	if (x->now - r->last < PATIENCE_MS)
		return;
	r->gone = true;
	x->list[i].busy = false;
}

/* Once a second each finds out how fast it is. */
static void
measure(struct race *x)
{
	for (size_t i = 0; i < x->shares.count; i++) {
		if (x->list[i].busy && x->now - x->runners[i].begins >= 1000)
			x->list[i].speed = x->runners[i].late;
		x->runners[i].late = 0;
	}
}

static int64_t
run(struct race *x)
{
	const size_t count = x->shares.count;

	x->once = true;
	while (coverage_bytes(&x->there) < SIZE && x->now < 10000000) {
		for (size_t i = 0; i < count; i++)
			ask(x, i);
		for (size_t i = 0; i < count; i++)
			tick(x, i);
		x->now += TICK_MS;
		if (x->now % 1000 == 0)
			measure(x);
	}
	return x->now;
}

/* When all together are done that never wait. */
static int64_t
find_ideal(const struct runner *runners, size_t count)
{
	uint64_t bytes = 0;
	int64_t now = 0;

	for (; bytes < SIZE; now += TICK_MS)
		for (size_t i = 0; i < count; i++)
			if (is_running(&runners[i], now))
				bytes += runners[i].speed * TICK_MS / 1000;
	return now;
}

static void
race(const struct runner *runners, size_t count, unsigned most,
    const char *sentence)
{
	struct race x = {.shares = {.size = SIZE, .may_split = true}};
	int64_t took, ideal = find_ideal(runners, count);
	unsigned requests = 0;

	memcpy(x.runners, runners, count * sizeof *runners);
	x.shares.there = &x.there;
	x.shares.list = x.list;
	x.shares.count = count;
	took = run(&x);
	for (size_t i = 0; i < count; i++)
		requests += x.runners[i].requests;
	tap_ok(took * 10 <= ideal * 11, "%s", sentence);
	tap_note("%lld ms, ideally %lld", (long long)took, (long long)ideal);
	tap_ok(x.once && coverage_bytes(&x.there) == SIZE &&
		coverage_prefix(&x.there) == SIZE,
	    "each byte once");
	tap_ok(requests <= most, "with few requests");
	tap_note("%u requests", requests);
	coverage_clear(&x.there);
}

static void
test_races(void)
{
	static const struct runner one[] = {{.speed = 10 * MIB}};
	static const struct runner two[] = {
	    {.speed = 10 * MIB}, {.speed = 10 * MIB}};
	static const struct runner uneven[] = {
	    {.speed = 1 * MIB}, {.speed = 10 * MIB}};
	static const struct runner turned[] = {
	    {.speed = 100 * MIB}, {.speed = 1 * MIB}};
	static const struct runner stalling[] = {
	    {.speed = 10 * MIB, .stalls = 20000}, {.speed = 10 * MIB},
	    {.speed = 5 * MIB}};
	static const struct runner silent[] = {
	    {.speed = 10 * MIB, .stalls = 1}, {.speed = 10 * MIB}};
	static const struct runner mixed[] = {{.speed = 1 * MIB},
	    {.speed = 20 * MIB}, {.speed = 3 * MIB}, {.speed = 7 * MIB},
	    {.speed = MIB / 4}};
	struct runner eight[8];

	for (size_t i = 0; i < 8; i++)
		eight[i] = (struct runner){.speed = 4 * MIB};
	race(one, 1, 1, "one fetches a file as fast as it can");
	race(two, 2, 8, "two alike are done in half the time");
	race(uneven, 2, 20, "a fast one does most of what a slow one began");
	race(turned, 2, 10, "a slow one does not delay a fast one");
	race(stalling, 3, 40, "what one leaves that stalls, the others do");
	race(silent, 2, 20, "even when nothing comes from it at all");
	race(mixed, 5, 60, "any five are done nearly at the same time");
	race(eight, 8, 60, "and so are eight alike");
}

int
main(void)
{
	test_free();
	test_endless();
	test_split();
	test_unknown();
	test_least();
	test_extremes();
	test_races();
	return tap_done();
}
