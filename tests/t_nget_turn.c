#include "nget/turn.h"

#include <unistd.h>

#include "tap.h"

#define MOST 8

/* One that wants a name, and what it does once it has it. */
struct guest {
	struct turn turn;
	char letter; /* it is called so in what is told */
	bool leaves; /* at once */
	struct guest *next; /* comes while it has its name */
	const char *wants;
	bool own; /* to be freed when it leaves */
};

static struct turns all;
static char told[MOST * 2 + 1]; /* who began, in that order */

static void come(struct guest *g);

static void
leave(struct guest *g)
{
	turn_end(&g->turn);
	if (g->own)
		free(g);
}

static void
on_begin(struct turn *turn)
{
	struct guest *g = LOOP_OWNER(turn, struct guest, turn);
	size_t len = strlen(told);

	if (len + 1 < sizeof told)
		told[len] = g->letter;
	if (g->next)
		come(g->next);
	if (g->leaves)
		leave(g);
}

static void
come(struct guest *g)
{
	turn_take(&all, &g->turn, g->wants, on_begin);
}

static struct guest
guest(char letter, const char *wants)
{
	return (struct guest){.letter = letter, .wants = wants};
}

/* Let the loop do all that is to be done soon. */
static void
go_on(void)
{
	for (int i = 0; i < MOST; i++) {
		loop_stop(all.loop);
		loop_run(all.loop);
	}
}

static void
forget(void)
{
	go_on();
	memset(told, 0, sizeof told);
}

static void
test_one(void)
{
	struct guest a = guest('a', "song");

	turn_end(&a.turn);
	tap_ok(true, "who never had a turn may end it");
	come(&a);
	tap_is_str(told, "a", "a name that nobody has is had at once");
	go_on();
	tap_is_str(told, "a", "and once");
	turn_end(&a.turn);
	turn_end(&a.turn);
	go_on();
	tap_is_str(told, "a", "a turn may be ended twice");
	come(&a);
	tap_is_str(told, "aa", "and taken again");
	turn_end(&a.turn);
	forget();
}

/* The same text at two places is one name. */
static void
test_names(void)
{
	char one[] = "song", two[] = "song";
	struct guest a = guest('a', one), b = guest('b', two);
	struct guest c = guest('c', "son"), d = guest('d', "Song");
	struct guest e = guest('e', "");

	come(&a);
	come(&b);
	go_on();
	tap_is_str(told, "a", "who wants a name that another has waits");
	come(&c);
	come(&d);
	come(&e);
	tap_is_str(told, "acde", "who wants any other does not");
	turn_end(&c.turn);
	turn_end(&d.turn);
	turn_end(&e.turn);
	go_on();
	tap_is_str(told, "acde", "nor does the end of another let it begin");
	turn_end(&a.turn);
	tap_is_str(told, "acde", "a name is not given while one ends");
	go_on();
	tap_is_str(told, "acdeb", "but soon");
	turn_end(&b.turn);
	forget();
}

static void
test_order(void)
{
	struct guest list[MOST];
	bool alone = true;

	for (int i = 0; i < MOST; i++) {
		list[i] = guest((char)('a' + i), i % 2 ? "odd" : "even");
		come(&list[i]);
	}
	tap_is_str(told, "ab", "of each name the first begins");
	for (int i = 0; i < MOST; i++) {
		turn_end(&list[i].turn);
		go_on();
		alone = alone &&
		    strlen(told) == (size_t)(i + 3 < MOST ? i + 3 : MOST);
	}
	tap_ok(alone, "each end lets one begin");
	tap_is_str(told, "abcdefgh", "in the order in which they came");
	forget();
}

static void
test_between(void)
{
	struct guest a = guest('a', "song"), b = guest('b', "song");
	struct guest c = guest('c', "song");

	come(&a);
	come(&b);
	turn_end(&a.turn);
	come(&c);
	tap_is_str(told, "a", "who comes between two turns is not first");
	go_on();
	tap_is_str(told, "ab", "the one that has waited is");
	come(&a);
	turn_end(&b.turn);
	go_on();
	tap_is_str(told, "abc", "who comes again is last");
	turn_end(&c.turn);
	go_on();
	tap_is_str(told, "abca", "after all others");
	turn_end(&a.turn);
	forget();
}

/* As jobs do that have nothing to fetch. */
static void
test_at_once(void)
{
	struct guest *list[MOST];
	struct guest a = guest('a', "song"), b = guest('b', "song");

	for (int i = 0; i < MOST; i++) {
		list[i] = calloc(1, sizeof *list[i]);
		if (!list[i])
			abort();
		*list[i] = guest((char)('c' + i), "song");
		list[i]->leaves = list[i]->own = true;
	}
	come(list[0]);
	tap_is_str(told, "c", "who begins at once may end and be gone");
	come(&a);
	for (int i = 1; i < MOST; i++)
		come(list[i]);
	go_on();
	turn_end(&a.turn);
	go_on();
	tap_is_str(told, "cadefghij", "so may all who have waited");
	come(&b);
	tap_is_str(told, "cadefghijb", "then the name is free");
	turn_end(&b.turn);
	forget();
}

/* As a run does that has room for the next one. */
static void
test_within(void)
{
	struct guest c = guest('c', "song"), b = guest('b', "song");
	struct guest a = guest('a', "song"), x = guest('x', "other");

	a.next = &b;
	b.next = &c;
	c.next = &x;
	a.leaves = b.leaves = c.leaves = true;
	come(&a);
	tap_is_str(told, "a", "who comes while another begins waits");
	go_on();
	tap_is_str(told, "abcx", "until that one has ended, as any other does");
	turn_end(&x.turn);
	forget();
}

/* A loop that ends runs what was to be done soon. */
static void
test_end(void)
{
	struct guest a = guest('a', "song"), b = guest('b', "song");

	b.leaves = true;
	come(&a);
	come(&b);
	turn_end(&a.turn);
	loop_free(all.loop);
	tap_is_str(told, "ab", "a turn that was to come comes before the end");
	tap_ok(!all.first, "and nobody is left");
}

int
main(void)
{
	alarm(60);
	all.loop = loop_new();
	if (!all.loop)
		abort();
	test_one();
	test_names();
	test_order();
	test_between();
	test_at_once();
	test_within();
	test_end();
	return tap_done();
}
