#include "indexd/plan.h"

#include <stdint.h>

#include "dice.h"
#include "tap.h"

/* Which runs a segment is to have, and when, and how they get there. */

/* Names that are sketched at a time. */
#define PIECE 65536u

/* What a run says that it takes. */
#define RUN_BYTES 1000u

/* More than any tail. */
#define NEVER 1000000u

/* Names that live come to a segment. */
static void
grow(struct segment *s, uint32_t count)
{
	for (; count > 0; count--) {
		if (segment_add(s, s->end, SLICE("name")) < 0)
			abort();
		segment_at(s, s->end - 1)->head = 1;
	}
}

/* A segment that has no runs. */
static struct segment *
segment_of(uint32_t count)
{
	struct segment *s = segment_new(0, 1);

	if (!s)
		abort();
	grow(s, count);
	return s;
}

/* A run without anything to ask. */
static struct run *
fake_run(const struct plan *p)
{
	struct run *r = calloc(1, sizeof *r);

	if (!r)
		abort();
	r->from = p->from;
	r->end = p->end;
	r->count = p->end - p->from;
	r->bytes = RUN_BYTES;
	if (!p->sketch)
		return r;
	r->sketch.rows = calloc(1, sizeof *r->sketch.rows);
	if (!r->sketch.rows)
		abort();
	return r;
}

/* Do as planned. */
static void
carry_out(struct segment *s, const struct plan *p)
{
	for (uint32_t i = 0; i < p->count; i++)
		run_free(s->runs[p->first + i]);
	if (segment_install(s, p->first, p->count, fake_run(p)) < 0)
		abort();
}

/* What a run has. */
enum kind { LISTS, SKETCH };

/* The names up to end that have no run get one. */
static void
put(struct segment *s, uint32_t end, enum kind kind)
{
	uint32_t from = segment_indexed(s);

	carry_out(
	    s, &(struct plan){from, end, s->run_count, 0, kind == SKETCH});
}

static bool
is_plan(const struct plan *p, const struct plan *want)
{
	return p->from == want->from && p->end == want->end &&
	    p->first == want->first && p->count == want->count &&
	    p->sketch == want->sketch;
}

/* Do whatever is planned at leisure. Returns how many names were indexed. */
static uint64_t
take_leisure(struct segment *s, uint32_t run_min)
{
	uint64_t work = 0;
	struct plan p;

	while (plan_leisure(s, run_min, &p)) {
		work += p.end - p.from;
		carry_out(s, &p);
	}
	return work;
}

/* A segment, and the plan that there is for it. */
struct example {
	const char *sentence;
	uint32_t names;
	struct {
		uint32_t end; /* 0: there are no more */
		enum kind kind;
	} runs[4];
	bool sealed;
	uint32_t run_min;
	struct plan want; /* zeroed: none */
};

static const struct example in_haste[] = {
    {"nothing is sketched of an empty segment", 0, {{0}}, false, 1, {0}},
    {"nor once it is sealed", 0, {{0}}, true, 1, {0}},
    {"a tail that is not twice as long as a run need be is not sketched", 99,
	{{0}}, false, 50, {0}},
    {"one that is, is, all of it", 100, {{0}}, false, 50, {0, 100, 0, 0, true}},
    {"what has a run is not of the tail", 100, {{70, LISTS}}, false, 16, {0}},
    {"a sketch follows a run", 100, {{70, LISTS}}, false, 15,
	{70, 100, 1, 0, true}},
    {"nor is of the tail what is in a sketch", 100, {{70, LISTS}, {80, SKETCH}},
	false, 11, {0}},
    {"a sketch follows another, which stays", 100, {{70, LISTS}, {80, SKETCH}},
	false, 10, {80, 100, 2, 0, true}},
    {"a tail may be too long for one sketch", PIECE + 1, {{0}}, false, 1,
	{0, PIECE, 0, 0, true}},
    {"one that is not is sketched at once", PIECE + 1, {{2, LISTS}}, false, 1,
	{2, PIECE + 1, 1, 0, true}},
    {"of a sealed segment any tail is sketched, be it one name", 100,
	{{99, LISTS}}, true, NEVER, {99, 100, 1, 0, true}},
    {"but none that is empty", 100, {{99, LISTS}, {100, SKETCH}}, true, 1, {0}},
};

static const struct example at_leisure[] = {
    {"nothing is indexed of an empty segment", 0, {{0}}, false, 1, {0}},
    {"nor once it is sealed", 0, {{0}}, true, 1, {0}},
    {"a short tail waits", 99, {{0}}, false, 100, {0}},
    {"one that is long enough gets a run", 100, {{0}}, false, 100,
	{0, 100, 0, 0, false}},
    {"that run may be of any length", 2 * PIECE, {{0}}, false, 100,
	{0, 2 * PIECE, 0, 0, false}},
    {"what has a run does not wait", 100, {{70, LISTS}}, false, 31, {0}},
    {"a run follows another that is twice as long", 90, {{60, LISTS}}, false,
	30, {60, 90, 1, 0, false}},
    {"one that is not takes the tail in", 91, {{60, LISTS}}, false, 30,
	{0, 91, 0, 1, false}},
    {"a run half as long may stay behind another", 1000,
	{{400, LISTS}, {600, LISTS}}, false, NEVER, {0}},
    {"when more follow, all become one", 1000,
	{{400, LISTS}, {600, LISTS}, {601, LISTS}}, false, NEVER,
	{0, 601, 0, 3, false}},
    {"a long run stays when those behind it become one", 1000,
	{{601, LISTS}, {701, LISTS}, {761, LISTS}}, false, NEVER,
	{601, 761, 1, 2, false}},
    {"a sketch becomes a run while a short tail waits", 1000, {{400, SKETCH}},
	false, 601, {0, 400, 0, 1, false}},
    {"a tail that is long enough goes with it", 1000, {{400, SKETCH}}, false,
	600, {0, 1000, 0, 1, false}},
    {"sketches become one run behind one that is long for them", 1000,
	{{400, LISTS}, {500, SKETCH}, {600, SKETCH}}, false, NEVER,
	{400, 600, 1, 2, false}},
    {"one that is not takes them in", 1000,
	{{400, LISTS}, {500, SKETCH}, {601, SKETCH}}, false, NEVER,
	{0, 601, 0, 3, false}},
    {"a run behind a sketch goes with it", 100, {{80, SKETCH}, {82, LISTS}},
	false, NEVER, {0, 82, 0, 2, false}},
    {"the names of a sealed segment get a run, few as they are", 1, {{0}}, true,
	NEVER, {0, 1, 0, 0, false}},
    {"their tail joins the run before it, long as that is", 100, {{99, LISTS}},
	true, NEVER, {0, 100, 0, 1, false}},
    {"and so do runs and sketches", 100,
	{{80, LISTS}, {90, LISTS}, {99, SKETCH}}, true, NEVER,
	{0, 100, 0, 3, false}},
    {"the last sketch of a sealed segment becomes a run", 100, {{100, SKETCH}},
	true, NEVER, {0, 100, 0, 1, false}},
    {"its one run stays", 100, {{100, LISTS}}, true, 1, {0}},
};

typedef bool plan_fn(const struct segment *s, uint32_t run_min, struct plan *p);

static void
test_example(const struct example *e, plan_fn *plan)
{
	struct segment *s = segment_of(e->names);
	bool wanted = e->want.end > 0;
	struct plan p;

	for (size_t i = 0; i < 4 && e->runs[i].end > 0; i++)
		put(s, e->runs[i].end, e->runs[i].kind);
	s->sealed = e->sealed;
	tap_ok(plan(s, e->run_min, &p) == wanted &&
		(!wanted || is_plan(&p, &e->want)),
	    "%s", e->sentence);
	segment_free(s);
}

static void
test_examples(void)
{
	printf("# in haste\n");
	for (size_t i = 0; i < sizeof in_haste / sizeof *in_haste; i++)
		test_example(&in_haste[i], plan_haste);
	printf("# at leisure\n");
	for (size_t i = 0; i < sizeof at_leisure / sizeof *at_leisure; i++)
		test_example(&at_leisure[i], plan_leisure);
}

static void
test_pieces(void)
{
	struct segment *s = segment_of(3 * PIECE + 1999);
	struct plan p, want = {0, PIECE, 0, 0, true};
	bool sound = true;

	for (; plan_haste(s, 1000, &p); want.first++) {
		sound &= is_plan(&p, &want);
		carry_out(s, &p);
		want.from += PIECE;
		want.end += PIECE;
	}
	tap_ok(sound, "a very long tail is sketched %u names at a time", PIECE);
	tap_is_num(s->run_count, 3, "until what is left is not long");
	tap_is_num(segment_sketched(s), 3 * PIECE, "these names are sketched");
	tap_ok(segment_bytes(s) > s->run_count * RUN_BYTES,
	    "the memory of its runs is the segment's");
	take_leisure(s, 1000);
	tap_ok(s->run_count == 1 && segment_indexed(s) == s->end,
	    "at leisure, all of it gets one run");
	tap_is_num(segment_sketched(s), 0, "and no name stays sketched");
	segment_free(s);
}

static void
test_sparse(void)
{
	struct segment *s = segment_of(300);
	struct plan p;

	put(s, 100, LISTS);
	put(s, 200, SKETCH);
	for (uint32_t i = 0; i < 295; i++)
		segment_drop(s, i);
	tap_ok(segment_sparse(s), "of three hundred names, five are few");
	tap_ok(!plan_haste(s, 1, &p), "no tail is sketched that will move");
	tap_ok(!plan_leisure(s, 1, &p), "nor are there other plans for it");
	s->sealed = true;
	tap_ok(!plan_haste(s, 1, &p) && !plan_leisure(s, 1, &p),
	    "nor once it is sealed");
	segment_free(s);
}

static void
test_install(void)
{
	struct segment *s = segment_of(10);
	const struct run *first, *last;

	for (uint32_t end = 2; end <= 10; end += 2)
		put(s, end, LISTS);
	first = s->runs[0];
	last = s->runs[4];
	carry_out(s, &(struct plan){2, 8, 1, 3, false});
	tap_ok(
	    s->run_count == 3 && s->runs[1]->from == 2 && s->runs[1]->end == 8,
	    "a run takes the place of some in the middle");
	tap_ok(s->runs[0] == first && s->runs[2] == last,
	    "those before and behind it stay");
	carry_out(s, &(struct plan){2, 8, 1, 1, true});
	tap_ok(s->run_count == 3 && s->runs[1]->sketch.rows &&
		s->runs[0] == first && s->runs[2] == last,
	    "a run takes the place of one");
	carry_out(s, &(struct plan){0, 10, 0, 3, false});
	tap_ok(s->run_count == 1 && segment_indexed(s) == 10,
	    "a run takes the place of all");
	segment_free(s);
}

static void
test_sketched(void)
{
	struct segment *s = segment_of(100);

	tap_is_num(segment_sketched(s), 0, "without runs no name is sketched");
	put(s, 50, LISTS);
	tap_is_num(segment_sketched(s), 0, "nor with lists");
	put(s, 70, SKETCH);
	tap_is_num(segment_sketched(s), 20, "the names of a sketch are");
	put(s, 100, SKETCH);
	s->runs[2]->count = 25;
	tap_is_num(segment_sketched(s), 45,
	    "of several, so many as were in them: the dead ones were not");
	take_leisure(s, 1);
	tap_is_num(segment_sketched(s), 0, "and none once all have lists");
	segment_free(s);
}

/* Runs follow each other, none of them empty. */
static bool
is_sound(const struct segment *s)
{
	uint32_t from = 0;

	for (uint32_t i = 0; i < s->run_count; from = s->runs[i++]->end)
		if (s->runs[i]->from != from || s->runs[i]->end <= from)
			return false;
	return from <= s->end;
}

/* Each has lists, and is as long as two times what follows. */
static bool
is_well(const struct segment *s)
{
	uint32_t end = segment_indexed(s);
	const struct run *r;

	for (uint32_t i = 0; i < s->run_count; i++) {
		r = s->runs[i];
		if (r->sketch.rows || (end - r->end) * 2 > r->end - r->from)
			return false;
	}
	return is_sound(s);
}

/* Runs and sketches of any length. */
static void
put_any(struct segment *s, uint64_t *seed)
{
	uint32_t most = 1 + dice_draw(seed, 40), n = dice_draw(seed, 8), end;

	for (; n > 0; n--) {
		end = segment_indexed(s) + 1 + dice_draw(seed, most);
		if (end > s->end)
			return;
		if (dice_draw(seed, 3) == 0)
			put(s, end, SKETCH);
		else
			put(s, end, LISTS);
	}
}

/* How many plans make all well, whatever there is; 10 when they do not. */
static unsigned
plans_until_well(uint64_t *seed)
{
	struct segment *s = segment_of(1 + dice_draw(seed, 100));
	uint32_t run_min = 1 + dice_draw(seed, 40), tail;
	unsigned plans = 0;
	struct plan p;

	s->sealed = dice_draw(seed, 4) == 0;
	put_any(s, seed);
	for (; plans < 10 && plan_leisure(s, run_min, &p); plans++) {
		carry_out(s, &p);
		if (p.sketch || !is_sound(s))
			plans = 10;
	}
	tail = s->end - segment_indexed(s);
	if (!is_well(s) || tail >= run_min)
		plans = 10;
	if (s->sealed && (s->run_count != 1 || tail > 0))
		plans = 10;
	segment_free(s);
	return plans;
}

static void
test_any(void)
{
	uint64_t seed = 19;
	unsigned most = 0, plans, none = 0;

	for (unsigned i = 0; i < 20000; i++) {
		plans = plans_until_well(&seed);
		most = plans > most ? plans : most;
		none += plans == 0;
	}
	tap_ok(most < 10, "whatever runs there are, plans make all well");
	tap_is_num(most, 1, "one plan is enough for that");
	tap_ok(none > 1000, "and where all is well, there is none");
}

#define GROWN 30000u

/* What becomes of a segment while it grows. */
struct growth {
	uint64_t work; /* names that were indexed, and again */
	uint32_t runs; /* at most, when all was well */
	uint32_t sketches; /* that were made */
	bool well;
	bool short_tails;
};

static void
make_haste(struct growth *g, struct segment *s, uint32_t run_min)
{
	struct plan p;

	while (plan_haste(s, run_min, &p)) {
		g->work += p.end - p.from;
		g->sketches++;
		carry_out(s, &p);
	}
	g->well &= is_sound(s);
	g->short_tails &= s->end - segment_indexed(s) < 2 * run_min;
}

static void
find_leisure(struct growth *g, struct segment *s, uint32_t run_min)
{
	g->work += take_leisure(s, run_min);
	g->well &= is_well(s);
	g->short_tails &= s->end - segment_indexed(s) < run_min;
	g->runs = s->run_count > g->runs ? s->run_count : g->runs;
}

/* A segment that grows: few runs, and no name is indexed often. */
static void
test_growth(uint32_t most, uint32_t run_min)
{
	struct growth g = {.well = true, .short_tails = true};
	struct segment *s = segment_of(0);
	uint64_t seed = most;

	while (s->end < GROWN) {
		grow(s, 1 + dice_draw(&seed, most));
		if (dice_draw(&seed, 2))
			make_haste(&g, s, run_min);
		if (dice_draw(&seed, 2))
			find_leisure(&g, s, run_min);
	}
	tap_ok(
	    g.well, "growing by %u, each run is long for what follows", most);
	tap_ok(g.short_tails, "there are no long tails");
	tap_ok(g.sketches > 0, "%u sketches have become lists", g.sketches);
	tap_ok(g.runs <= 15, "there are few runs");
	tap_ok(g.work < (uint64_t)GROWN * 20, "no name is indexed often");
	s->sealed = true;
	make_haste(&g, s, run_min);
	tap_is_num(segment_indexed(s), s->end,
	    "once it is sealed, haste leaves no tail");
	take_leisure(s, run_min);
	tap_ok(s->run_count == 1 && !s->runs[0]->sketch.rows,
	    "and leisure one run, which is no sketch");
	segment_free(s);
}

int
main(void)
{
	test_examples();
	test_pieces();
	test_sparse();
	test_install();
	test_sketched();
	test_any();
	test_growth(1, 1);
	test_growth(40, 16);
	test_growth(3000, 64);
	segment_free(NULL);
	return tap_done();
}
