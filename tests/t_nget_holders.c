#include "nget/holders.h"

#include "canned.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/indexes.h"
#include "lib/line.h"
#include "lib/locator.h"
#include "lib/loop.h"
#include "tap.h"

#define TEN "0123456789"
#define HEX TEN TEN TEN TEN TEN TEN "abcd"
#define OTHER TEN TEN TEN TEN TEN TEN "abce"
#define ROW(locator) locator "\t5\t1700000000\t" HEX "\t-\n"
#define OK "OK 127.0.0.1:0\n"

#define INDEXES 3
#define PATIENCE_MS 60000
#define TEXT_BYTES (1024 * 1024)

enum freeing { AT_THE_END, IN_FOUND, IN_OVER };

/* The indexes, who asks them, and what he is told. */
struct scene {
	struct loop *loop;
	struct canned index[INDEXES];
	struct indexes indexes;
	struct holders *holders;
	int64_t timeout_ms;
	enum freeing freeing;
	bool asked; /* holders_ask has returned */
	bool early; /* something was told before */
	bool strange; /* a locator without the digest */
	unsigned overs;
	size_t count; /* of found */
	struct buf found; /* a locator each line */
};

static void
add_index(struct scene *s, struct canned *index)
{
	const char *why;
	char text[ADDR_TEXT];

	canned_open(index, s->loop);
	if (indexes_parse(
		slice_str(addr_text(&index->at, text)), &s->indexes, &why) < 0)
		abort();
}

static void
begin(struct scene *s, size_t count)
{
	*s = (struct scene){.loop = loop_new(), .timeout_ms = PATIENCE_MS};
	buf_init(&s->found, TEXT_BYTES);
	for (size_t n = 0; n < count; n++)
		add_index(s, &s->index[n]);
}

/* An index that greets, answers HASH, and leaves no more to be said. */
static void
script(struct scene *s, size_t n, const char *greeting, const char *answer)
{
	s->index[n].replies[0] = greeting;
	s->index[n].replies[1] = answer;
}

static void
finish(struct scene *s)
{
	holders_free(s->holders);
	for (size_t n = 0; n < INDEXES; n++)
		canned_end(&s->index[n]);
	loop_free(s->loop);
	indexes_free(&s->indexes);
	buf_free(&s->found);
}

static void
free_holders(struct scene *s)
{
	holders_free(s->holders);
	s->holders = NULL;
}

static void
on_found(void *owner, const struct locator *l)
{
	struct scene *s = owner;

	s->early |= !s->asked;
	s->strange |= !l->digest.known;
	s->count++;
	locator_add(&s->found, l, false);
	buf_add_str(&s->found, "\n");
	if (s->freeing == IN_FOUND)
		free_holders(s);
}

static void
on_over(void *owner)
{
	struct scene *s = owner;

	s->early |= !s->asked;
	s->overs++;
	if (s->freeing == IN_OVER)
		free_holders(s);
}

static void
ask(struct scene *s)
{
	struct holders_order order = {
	    .loop = s->loop,
	    .indexes = &s->indexes,
	    .timeout_ms = s->timeout_ms,
	    .found = on_found,
	    .over = on_over,
	    .owner = s,
	};

	if (digest_parse(SLICE(HEX), &order.digest) < 0)
		abort();
	s->holders = holders_ask(&order);
	s->asked = true;
}

/* The waiting for a condition: looked at every millisecond. */
struct watcher {
	struct loop_timer timer;
	struct scene *scene;
	bool (*is_met)(const struct scene *s);
	int64_t until;
	bool met;
};

static void
on_look(struct loop_timer *timer)
{
	struct watcher *w = LOOP_OWNER(timer, struct watcher, timer);

	w->met = w->is_met(w->scene);
	if (w->met || clock_ms() >= w->until)
		loop_stop(w->scene->loop);
	else
		loop_timer_set(w->scene->loop, timer, 1);
}

/* Let the loop run until something has come about; false when it does not. */
static bool
await(struct scene *s, bool (*is_met)(const struct scene *s))
{
	struct watcher w = {
	    .timer.fire = on_look,
	    .scene = s,
	    .is_met = is_met,
	    .until = clock_ms() + PATIENCE_MS / 2,
	};

	loop_timer_set(s->loop, &w.timer, 0);
	loop_run(s->loop);
	return w.met;
}

static bool
is_over(const struct scene *s)
{
	return s->overs > 0;
}

/* All indexes have seen their connection come and go. */
static bool
is_left(const struct scene *s)
{
	for (size_t n = 0; n < s->indexes.count; n++)
		if (!s->index[n].closed)
			return false;
	return true;
}

static bool
is_connected(const struct scene *s)
{
	return s->index[0].accepted > 0 && s->index[0].heard[0];
}

static void
is_found(const struct scene *s, const char *locators, const char *sentence)
{
	tap_is_slice(buf_slice(&s->found), slice_str(locators), sentence);
}

static void
test_overlap(void)
{
	struct scene s;

	begin(&s, 2);
	script(&s, 0, OK,
	    ROW("192.0.2.1:9000/a%20b") ROW("192.0.2.2:9000/c") "END 2 2\n");
	script(&s, 1, OK,
	    ROW("192.0.2.2:9000/c") ROW("192.0.2.1:9000/c")
		ROW("192.0.2.1:9000/a%20b") "END 3 3\n");
	ask(&s);
	tap_ok(s.holders && await(&s, is_over), "two indexes answer");
	tap_is_num((long long)s.count, 3, "what both tell is told once");
	tap_ok(!s.strange, "each with the digest that was asked for");
	tap_is_num(s.overs, 1, "the end is told once");
	tap_ok(!s.early, "and nothing before holders_ask returns");
	tap_is_str(s.index[0].heard, "HELLO 0 nap/2|HASH " HEX "|",
	    "an index is greeted and then asked");
	tap_ok(!s.index[0].pushed && !s.index[1].pushed,
	    "but not before it has greeted");
	tap_ok(await(&s, is_left), "both are left alone afterwards");
	finish(&s);
}

/* One index misbehaves and another one does not. */
static void
with_good(struct scene *s, const char *sentence)
{
	script(s, 1, OK, ROW("192.0.2.1:9000/good") "END 1 1\n");
	ask(s);
	tap_ok(await(s, is_over) && s->overs == 1, "%s", sentence);
	is_found(s, "192.0.2.1:9000/good\n", "which hides no other index");
	finish(s);
}

static void
test_unreachable(void)
{
	struct scene s;

	begin(&s, 2);
	canned_shut(&s.index[0]);
	with_good(&s, "a refused connection has no holders");
	begin(&s, 1);
	canned_shut(&s.index[0]);
	ask(&s);
	tap_ok(await(&s, is_over) && !s.early && s.count == 0,
	    "neither has it alone");
	finish(&s);
	begin(&s, 0);
	ask(&s);
	tap_ok(await(&s, is_over) && !s.early,
	    "without any index the end is told too, and not at once");
	finish(&s);
}

static void
test_refusals(void)
{
	struct scene s;

	begin(&s, 2);
	s.index[0].leaves = true;
	with_good(&s, "an index that hangs up at once has no holders");
	begin(&s, 2);
	script(&s, 0, OK, NULL);
	s.index[0].leaves = true;
	with_good(&s, "nor has one that hangs up after its greeting");
	begin(&s, 2);
	script(&s, 0, "ERR denied go away\n", NULL);
	with_good(&s, "nor one that denies HELLO");
	begin(&s, 2);
	script(&s, 0, OK, "ERR busy out of memory\n");
	with_good(&s, "nor one that denies HASH");
	begin(&s, 2);
	script(&s, 0, "HTTP/1.1 400 Bad Request\r\n\r\n", NULL);
	with_good(&s, "nor what is no index");
	begin(&s, 2);
	script(&s, 0, OK, "<html>\n" ROW("192.0.2.9:9000/x") "END 1 1\n");
	with_good(&s, "nor what answers with other than rows");
	begin(&s, 2);
	script(&s, 0, OK, "192.0.2.9:9000/x\t5\t1700000000\t" HEX);
	s.index[0].leaves = true;
	with_good(&s, "nor is a row that breaks off a holder");
}

static void
test_other_rows(void)
{
	struct scene s;

	begin(&s, 2);
	script(&s, 0, OK,
	    "192.0.2.9:9000/other\t5\t1700000000\t" OTHER "\t-\n"
	    "192.0.2.9:9000/unknown\t5\t1700000000\t-\t-\n");
	s.index[0].leaves = true;
	with_good(&s, "a row with another digest, or none, is no holder");
	begin(&s, 2);
	script(&s, 0, OK, ROW("192.0.2.9:9000/x#sha256=" OTHER) "END 1 1\n");
	with_good(&s, "nor is one that contradicts itself");
	begin(&s, 2);
	script(&s, 0, OK,
	    ROW("nowhere") ROW("192.0.2.9:99999/x") ROW("192.0.2.9:9000/%2")
		ROW("192.0.2.9:9000/../x") ROW("192.0.2.9:9000//x")
		    ROW("192.0.2.9:9000/%00")
			ROW("192.0.2.9:9000/a%0Ab") "END 7 7\n");
	with_good(&s, "nor one whose locator or path is none");
	begin(&s, 1);
	script(&s, 0, OK,
	    "192.0.2.9:9000/other\t5\t1700000000\t" OTHER
	    "\t-\r\n" ROW("192.0.2.1:9000/x#sha256=" HEX) ROW("nowhere")
		ROW("[2001:db8::7]:9000/y") "END 4 4\n");
	ask(&s);
	await(&s, is_over);
	is_found(&s, "192.0.2.1:9000/x\n[2001:db8::7]:9000/y\n",
	    "the rows around such a row count");
	finish(&s);
}

static void
test_last_line(void)
{
	struct scene s;

	begin(&s, 1);
	script(&s, 0, OK, ROW("192.0.2.1:9000/x") "END 1 1");
	s.index[0].leaves = true;
	ask(&s);
	tap_ok(await(&s, is_over), "a last line may lack its end");
	is_found(&s, "192.0.2.1:9000/x\n", "and what came before it counts");
	finish(&s);
}

static void
test_break(void)
{
	struct scene s;

	begin(&s, 1);
	script(&s, 0, OK, ROW("192.0.2.1:9000/x"));
	s.index[0].leaves = true;
	ask(&s);
	tap_ok(await(&s, is_over), "an answer may break off");
	is_found(&s, "192.0.2.1:9000/x\n", "and what came before it counts");
	finish(&s);
}

static void
test_ping(void)
{
	struct scene s;

	begin(&s, 1);
	script(&s, 0, OK, "PING\n");
	s.index[0].replies[2] = ROW("192.0.2.1:9000/x") "END 1 1\n";
	ask(&s);
	await(&s, is_over);
	tap_is_str(s.index[0].heard, "HELLO 0 nap/2|HASH " HEX "|PONG|",
	    "a PING is answered");
	is_found(&s, "192.0.2.1:9000/x\n", "and is no row");
	finish(&s);
}

static void
test_silence(void)
{
	struct scene s;

	begin(&s, 2);
	s.timeout_ms = 100;
	script(&s, 1, OK, NULL);
	ask(&s);
	tap_ok(
	    await(&s, is_over), "indexes that never answer are not waited for");
	tap_is_num(s.overs, 1, "all of them end at the same time");
	tap_ok(await(&s, is_left), "their connections are closed");
	tap_is_num(s.overs, 1, "and that is not told again");
	finish(&s);
}

/* Rows that differ in their port and end in rest, and what comes last. */
static char *
repeat(const char *rest, unsigned times, const char *last)
{
	struct buf text;
	char *copy;

	buf_init(&text, 4 * TEXT_BYTES);
	for (unsigned i = 0; i < times; i++) {
		buf_printf(&text, "192.0.2.1:%u/x", 1 + i);
		buf_add_str(&text, rest);
	}
	buf_add_str(&text, last);
	copy = slice_dup(buf_slice(&text));
	buf_free(&text);
	return copy;
}

static void
test_much(void)
{
	struct scene s;
	char *answer = repeat("\t5\t1700000000\t" HEX "\t-\n", 100, "");

	begin(&s, 1);
	script(&s, 0, OK, answer);
	ask(&s);
	tap_ok(await(&s, is_over) && s.count == 64,
	    "64 holders of an index are enough, whatever follows");
	finish(&s);
	free(answer);
	answer = repeat("\t-\t-\t-\t-\n", 9998,
	    ROW("192.0.2.1:1/last") ROW("192.0.2.1:1/more"));
	begin(&s, 1);
	script(&s, 0, OK, answer);
	ask(&s);
	tap_ok(await(&s, is_over), "an index that never ends is left");
	is_found(&s, "192.0.2.1:1/last\n", "after 10,000 lines");
	finish(&s);
	free(answer);
}

static void
test_long_line(void)
{
	static char endless[LINE_MAX_BYTES + 2];
	struct scene s;

	memset(endless, 'x', sizeof endless - 1);
	begin(&s, 2);
	script(&s, 0, OK, endless);
	with_good(&s, "a line without end has no holders");
	begin(&s, 2);
	script(&s, 0, endless, NULL);
	with_good(&s, "nor has a greeting without end");
}

/* After the free nothing is told, although the indexes have much to tell. */
static void
test_free(enum freeing freeing, const char *sentence)
{
	struct scene s;

	begin(&s, 3);
	s.freeing = freeing;
	for (size_t n = 0; n < 3; n++)
		script(&s, n, OK,
		    ROW("192.0.2.1:9000/x") ROW("192.0.2.2:9000/x")
			ROW("192.0.2.3:9000/x") "END 3 3\n");
	canned_shut(&s.index[1]);
	s.index[1].closed = 1;
	ask(&s);
	tap_ok(await(&s, is_left) && !s.holders, "%s", sentence);
	tap_is_num((long long)s.count, freeing == IN_FOUND ? 1 : 3,
	    "no holder is told then");
	tap_is_num(s.overs, freeing == IN_FOUND ? 0 : 1, "and no end after it");
	finish(&s);
}

static void
test_free_early(void)
{
	struct scene s;

	holders_free(NULL);
	begin(&s, 2);
	ask(&s);
	finish(&s);
	tap_ok(s.overs == 0, "before anything came it can be given up");
	begin(&s, 1);
	ask(&s);
	await(&s, is_connected);
	free_holders(&s);
	tap_ok(await(&s, is_left), "and while an index is thinking");
	tap_is_num(s.overs, 0, "which tells no end");
	finish(&s);
	begin(&s, 1);
	canned_shut(&s.index[0]);
	s.index[0].closed = 1;
	ask(&s);
	free_holders(&s);
	await(&s, is_left);
	finish(&s);
	tap_ok(s.overs == 0, "and before a failure was noticed");
}

int
main(void)
{
	test_overlap();
	test_unreachable();
	test_refusals();
	test_other_rows();
	test_last_line();
	test_break();
	test_ping();
	test_silence();
	test_much();
	test_long_line();
	test_free(IN_FOUND, "holders can be freed as one is found");
	test_free(IN_OVER, "and at the end");
	test_free_early();
	return tap_done();
}
