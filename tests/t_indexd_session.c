#include "indexd/command.h"
#include "indexd/index.h"
#include "indexd/limits.h"
#include "indexd/rates.h"
#include "indexd/session.h"
#include "indexd/store.h"
#include "lib/crowd.h"
#include "tap.h"

#define LOOP "127.0.0.1"

static struct limits limits = LIMITS_DEFAULT;
static const struct rates_spec slow = {
    .each_second = {[RATES_FIND] = 10, [RATES_ADD] = 1024},
    .burst_ms = 1000,
};
static struct index all;
static struct command_scratch *scratch;
static struct buf out;

static struct session *
client_of(const char *address, const char *via)
{
	struct session_spec spec = {.index = &all, .scratch = scratch};
	struct session *s;

	addr_parse_ip(slice_str(address), &spec.client);
	addr_parse_ip(slice_str(via), &spec.via);
	spec.client.port = 50000;
	s = session_new(&spec, 0);
	if (!s)
		abort();
	return s;
}

/* What the session answers to text, all of it consumed. */
static const char *
hear(struct session *s, const char *text)
{
	static char answer[65536];
	struct slice in = slice_str(text), got;

	buf_truncate(&out, 0);
	while (in.len > 0 && !session_over(s))
		in = slice_skip(in, session_input(s, in, false, &out, 0));
	got = buf_slice(&out);
	snprintf(answer, sizeof answer, "%.*s", (int)got.len,
	    got.len ? got.ptr : "");
	return answer;
}

/* A peer elsewhere, seen and unseen. */
static void
addresses(void)
{
	struct session *near = client_of(LOOP, LOOP);
	struct session *shy = client_of(LOOP, LOOP);
	struct session *far = client_of("192.0.2.9", "192.0.2.1");
	struct session *six = client_of("2001:db8::9", "2001:db8::1");

	tap_is_str(hear(near, "HELLO 9001 nap/2\nADD 1 2 - x\nSYNC\n"),
	    "OK 127.0.0.1:9001\nOK 1 0\n",
	    "a peer on loopback is told its address there");
	hear(shy, "HELLO 9002 nap/2 host=127.0.0.1\nADD 1 2 - x\n");
	tap_is_str(hear(far, "SEARCH x\n"), "192.0.2.1:9001\nEND\n",
	    "a client elsewhere sees the index's own host where it reached it");
	tap_is_str(hear(six, "FIND -- x\n"),
	    "[2001:db8::1]:9001/x\t1\t2\t-\t1\nEND 1 1\n", "over IPv6 as well");
	tap_is_str(hear(six, "SEARCH x\n"), "END\n",
	    "but SEARCH lists IPv4 addresses alone");
	tap_is_str(hear(six, "HELLO 7 nap/2\nADD 1 2 - six\nSYNC\n"),
	    "OK [2001:db8::9]:7\nOK 1 0\n", "a peer on IPv6 registers");
	tap_is_str(hear(far, "FIND -- six\n"),
	    "[2001:db8::9]:7/six\t1\t2\t-\t1\nEND 1 1\n",
	    "and FIND shows it at the address that was observed");
	tap_is_str(hear(far, "HELLO 1 nap/2 host=192.0.2.10\n"),
	    "ERR denied host is none that you may name\n",
	    "another host is not to be named by just anyone");
	tap_is_str(hear(far, "HELLO 1 nap/2 host=127.0.0.1\n"),
	    "ERR denied host is none that you may name\n",
	    "nor loopback from elsewhere");
	session_free(near);
	session_free(shy);
	session_free(six);
	tap_is_str(hear(far, "SEARCH x\nFIND -- six\n"), "END\nEND 0 0\n",
	    "what a peer registered goes with its session");
	session_free(far);
}

static void
splits(void)
{
	static const char text[] = "HELLO 9001 nap/2\nADD 1 2 - a b\r\nPING\n"
				   "ADD 1 2 - c\nDEL a b\nSYNC\nFIND -- c";
	static const char want[] = "OK 127.0.0.1:9001\nPONG\nOK 1 0\n"
				   "127.0.0.1:9001/c\t1\t2\t-\t1\nEND 1 1\n";
	bool same = true;

	for (size_t cut = 0; cut < sizeof text; cut++) {
		struct session *s = client_of(LOOP, LOOP);
		struct slice in = slice_of(text, cut);
		size_t taken;

		buf_truncate(&out, 0);
		taken = session_input(s, in, false, &out, 0);
		in = slice_of(text + taken, sizeof text - 1 - taken);
		while (in.len > 0)
			in = slice_skip(
			    in, session_input(s, in, true, &out, 0));
		same = same && session_over(s) &&
		    slice_eq(buf_slice(&out), slice_str(want));
		session_free(s);
	}
	tap_ok(same, "requests cut in two anywhere have the same answers");
}

/* Requests of in that are taken, turn after turn. */
static size_t
hear_all(struct session *s, struct slice in)
{
	size_t size = in.len, taken;

	do {
		taken = session_input(s, in, false, &out, 0);
		in = slice_skip(in, taken);
	} while (taken > 0);
	return size - in.len;
}

static void
unsent(void)
{
	struct session *s = client_of(LOOP, LOOP);
	size_t size = 400000, taken;
	char *pings = malloc(size);

	for (size_t i = 0; i < size; i += 5)
		memcpy(pings + i, "PING\n", 5);
	buf_truncate(&out, 0);
	taken = session_input(s, slice_of(pings, size), false, &out, 0);
	tap_ok(taken > 0 && buf_len(&out) < LIMITS_UNSENT_BYTES / 4,
	    "of many requests a few have their turn");
	taken += hear_all(s, slice_of(pings + taken, size - taken));
	tap_ok(taken < size && buf_len(&out) >= LIMITS_UNSENT_BYTES &&
		buf_len(&out) < LIMITS_UNSENT_BYTES + 16,
	    "past LIMITS_UNSENT_BYTES of answers no request is taken");
	buf_truncate(&out, 0);
	taken += hear_all(s, slice_of(pings + taken, size - taken));
	tap_ok(taken == size, "once they have left the rest is");
	free(pings);
	session_free(s);
}

static void
idleness(void)
{
	struct session *fresh = client_of(LOOP, LOOP);
	struct session *asker = client_of(LOOP, LOOP);
	struct session *seed = client_of(LOOP, LOOP);

	hear(asker, "PING\n");
	hear(seed, "HELLO 9001\n");
	buf_truncate(&out, 0);
	session_tick(fresh, &out, limits.idle_ms - 1);
	tap_ok(!session_over(fresh), "without HELLO a client may idle");
	session_tick(fresh, &out, limits.idle_ms);
	tap_ok(session_over(fresh) && buf_len(&out) == 0,
	    "for so long, then it is over without a word");
	session_tick(asker, &out, limits.idle_ms);
	tap_ok(session_over(asker) &&
		slice_starts(buf_slice(&out), SLICE("ERR limit ")),
	    "with one if it has ever asked for anything");
	session_tick(seed, &out, 100 * limits.idle_ms);
	tap_ok(!session_over(seed), "a seed's silence is left to TCP");
	session_free(fresh);
	session_free(asker);
	session_free(seed);
}

static void
silence(void)
{
	const int64_t ping = limits.ping_ms, answer = limits.answer_ms;
	struct session *peer = client_of(LOOP, LOOP);
	struct session *other = client_of(LOOP, LOOP);

	hear(peer, "HELLO 9001 nap/2\nADD 1 1 - x\nSYNC\n");
	buf_truncate(&out, 0);
	tap_is_num(session_tick(peer, &out, 10), ping - 10,
	    "a peer may be silent for a while");
	session_tick(peer, &out, 100 * ping);
	tap_is_slice(buf_slice(&out), SLICE("PING\n"),
	    "is then asked, however late we come to it");
	session_tick(peer, &out, 100 * ping + 1);
	tap_is_slice(buf_slice(&out), SLICE("PING\n"), "once");
	session_heard(peer, 101 * ping);
	tap_is_num(session_tick(peer, &out, 101 * ping + 1), ping - 1,
	    "goes on when it answers");
	session_tick(peer, &out, 102 * ping);
	buf_truncate(&out, 0);
	session_tick(peer, &out, 102 * ping + answer);
	tap_ok(session_over(peer) &&
		slice_starts(buf_slice(&out), SLICE("ERR limit ")),
	    "and is dropped, with a word, when it does not");
	tap_is_str(hear(other, "SEARCH x\n"), "END\n",
	    "what it shared is gone at once");
	session_free(peer);
	session_free(other);
}

static bool
is_asked(const struct session *s)
{
	(void)s;
	return slice_starts(buf_slice(&out), SLICE("PING\n"));
}

/* When it is so, from its start on, if each tick comes when it is wanted. */
static int64_t
tick_until(struct session *s, bool (*is_so)(const struct session *s))
{
	int64_t now = 0, next;

	for (;;) {
		next = session_tick(s, &out, now);
		if (is_so(s) || now > 1000000)
			return now;
		now += next;
	}
}

/* Written out: it is what naputils(7) promises of an index without options. */
static void
silence_by_default(void)
{
	struct session *peer = client_of(LOOP, LOOP);
	struct session *fresh = client_of(LOOP, LOOP);

	hear(peer, "HELLO 9001 nap/2\nADD 1 1 - x\nSYNC\n");
	buf_truncate(&out, 0);
	tap_is_num(tick_until(peer, is_asked), 15000,
	    "by default a peer is asked after 15 s of silence");
	tap_is_num(
	    tick_until(peer, session_over), 45000, "and is gone after 45 s");
	tap_is_num(tick_until(fresh, session_over), 60000,
	    "who never says HELLO is gone after 60 s");
	session_free(peer);
	session_free(fresh);
}

static void
turns(void)
{
	static const char text[] = "PING\nFIND -- a\nFIND -- b\nPING\n";
	struct session *s = client_of(LOOP, LOOP);
	struct slice rest = slice_str(text);

	buf_truncate(&out, 0);
	rest = slice_skip(rest, session_input(s, rest, false, &out, 0));
	tap_is_slice(buf_slice(&out), SLICE("PONG\nEND 0 0\n"),
	    "a turn ends with a search that takes time");
	rest = slice_skip(rest, session_input(s, rest, false, &out, 0));
	session_input(s, rest, false, &out, 0);
	tap_is_slice(buf_slice(&out), SLICE("PONG\nEND 0 0\nEND 0 0\nPONG\n"),
	    "and the next one goes on from there");
	session_free(s);
}

/* Serve what there is of in at that time, as often as it is taken. */
static struct slice
serve_at(struct session *s, struct slice in, int64_t now)
{
	size_t taken;

	do {
		taken = session_input(s, in, false, &out, now);
		in = slice_skip(in, taken);
	} while (taken > 0);
	return in;
}

static int
lines(void)
{
	struct slice got = buf_slice(&out);
	int count = 0;

	for (size_t i = 0; i < got.len; i++)
		count += got.ptr[i] == '\n';
	return count;
}

static void
searching_fast(void)
{
	struct session *near = client_of(LOOP, LOOP);
	struct session *far = client_of("192.0.2.50", "192.0.2.1");
	struct session *late;
	char text[30 * sizeof "FIND -- a\n"] = "";
	struct slice rest;

	for (int i = 0; i < 30; i++)
		strcat(text, i % 3 ? "FIND -- a\n" : "SEARCH a\n");
	buf_truncate(&out, 0);
	rest = serve_at(near, slice_str(text), 0);
	tap_ok(rest.len == 0 && lines() == 30,
	    "over loopback one may search as fast as one likes");
	buf_truncate(&out, 0);
	rest = serve_at(far, slice_str(text), 0);
	tap_is_num(lines(), 11, "from elsewhere so many at once");
	tap_is_num(session_waits(far, 0), 100, "and then at the rate");
	rest = serve_at(far, rest, 99);
	tap_is_num(lines(), 11, "what comes too early waits");
	late = client_of("192.0.2.50", "192.0.2.1");
	tap_is_num(session_waits(late, 0), 100,
	    "on a new connection of that address as well");
	for (int64_t now = 100; rest.len > 0 && now < 10000; now += 100)
		rest = serve_at(far, rest, now);
	tap_is_num(lines(), 30, "all of it is answered in the end");
	tap_ok(!session_over(far), "and the session goes on");
	session_free(near);
	session_free(far);
	session_free(late);
}

static void
searching_long(void)
{
	struct command_client c = {.index = &all, .tired = true};

	addr_parse_ip(SLICE("192.0.2.52"), &c.address);
	command_took(&c, LIMITS_FIND_US);
	tap_is_num(c.resume_at, 0, "a search may take a millisecond");
	/* So many are 3 s at the rate, of which one may be owed. */
	command_took(&c, 30 * LIMITS_FIND_US);
	tap_is_num(c.resume_at, 2000, "what takes longer counts as several");
	addr_parse_ip(SLICE("192.0.2.53"), &c.address);
	c.tired = false;
	c.resume_at = 0;
	command_took(&c, 30 * LIMITS_FIND_US);
	tap_is_num(c.resume_at, 0, "what is no search does not");
	addr_parse_ip(SLICE("192.0.2.54"), &c.address);
	c.tired = c.spared = true;
	command_took(&c, 30 * LIMITS_FIND_US);
	tap_is_num(c.resume_at, 0, "nor does that of who is spared");
}

static void
registering_fast(void)
{
	struct session *far = client_of("192.0.2.51", "192.0.2.1");
	char *text = malloc(4096 * 20);
	size_t len = 0;
	struct slice rest;
	int64_t now = 0;

	for (int i = 0; i < 4096; i++)
		len += (size_t)sprintf(text + len,
		    i % 2 ? "ADD 1 1 - n%d\n" : "ADD 1 1 - /n%d\n", i);
	buf_truncate(&out, 0);
	serve_at(far, SLICE("HELLO 1 nap/2\n"), 0);
	rest = serve_at(far, slice_of(text, len), 0);
	tap_ok(rest.len > len / 2 && session_waits(far, 0) > 0,
	    "who registers too fast is slowed");
	for (; rest.len > 0 && now < 100000; now += session_waits(far, now))
		rest = serve_at(far, rest, now);
	tap_ok(now > 2000 && now < 4000, "to the rate, bad lines included");
	now += session_waits(far, now);
	buf_truncate(&out, 0);
	serve_at(far, SLICE("SYNC\n"), now);
	tap_is_slice(buf_slice(&out), SLICE("OK 2048 2048\n"),
	    "and nothing of it is lost");
	session_free(far);
	free(text);
}

static void
dialling(void)
{
	struct session *peer = client_of("192.0.2.60", "192.0.2.1");
	struct session *none = client_of("192.0.2.61", "192.0.2.1");
	struct session *seed = client_of("192.0.2.62", "192.0.2.1");
	struct addr at;
	char text[ADDR_TEXT];

	tap_ok(!session_to_dial(peer, &at), "before HELLO nobody is dialled");
	hear(peer, "HELLO 9001 nap/2\n");
	tap_ok(session_to_dial(peer, &at), "after it a peer is");
	tap_is_str(addr_text(&at, text), "192.0.2.60:9001",
	    "where it came from, at the port that it named");
	tap_ok(!session_to_dial(peer, &at), "once");
	buf_truncate(&out, 0);
	session_reached(peer, false, &out);
	tap_is_num(lines(), 0, "that it is not reached is not told at once");
	tap_is_str(hear(peer, "PING\nSYNC\nSYNC\n"),
	    "PONG\nOK 0 0\nNOTE unreachable\nOK 0 0\n",
	    "but after SYNC is answered, once");
	hear(none, "HELLO 0 nap/2\n");
	tap_ok(
	    !session_to_dial(none, &at), "who does not serve is not dialled");
	hear(seed, "HELLO 9001\n");
	tap_ok(session_to_dial(seed, &at), "a seed is");
	buf_truncate(&out, 0);
	session_reached(seed, false, &out);
	tap_is_str(hear(seed, "DONE\n"), "", "and hears nothing of it");
	session_free(peer);
	session_free(none);
	session_free(seed);
}

static void
queries(void)
{
	struct session *s = client_of(LOOP, LOOP);
	char many[128] = "FIND limit=0 --";

	for (int i = 0; i < 32; i++)
		strcat(many, " a");
	strcat(many, "\n");
	tap_is_str(hear(s, many), "END 0 0\n", "a query may have 32 words");
	strcpy(strchr(many, '\n'), " a\n");
	tap_ok(slice_starts(slice_str(hear(s, many)), SLICE("ERR bad-line ")),
	    "and no more");
	session_free(s);
}

static void
bounds(void)
{
	struct session *first = client_of(LOOP, LOOP);
	struct session *second = client_of(LOOP, LOOP);

	limits.peers = 1;
	limits.files = 2;
	tap_is_str(hear(first,
		       "HELLO 1 nap/2\nADD 1 1 - a\nADD 1 1 - b\nADD 1 1 - c\n"
		       "ADD 2 2 - a\nSYNC\n"),
	    "OK 127.0.0.1:1\nOK 2 1\n", "a peer's files have a limit");
	tap_ok(slice_starts(slice_str(hear(second, "HELLO 2 nap/2\n")),
		   SLICE("ERR limit ")) &&
		session_over(second),
	    "so have the peers");
	session_free(first);
	session_free(second);
	second = client_of(LOOP, LOOP);
	tap_is_str(hear(second, "HELLO 2 nap/2\n"), "OK 127.0.0.1:2\n",
	    "one that leaves makes room");
	session_free(second);
}

int
main(void)
{
	buf_init(&out, 8 * 1024 * 1024);
	all.limits = &limits;
	all.rates = rates_new(&slow);
	all.store = store_new(2);
	all.crowd = crowd_new(UINT64_MAX, UINT64_MAX);
	scratch = command_scratch_new();
	if (!all.rates || !all.store || !all.crowd || !scratch)
		return EXIT_FAILURE;
	addresses();
	splits();
	unsent();
	idleness();
	silence();
	silence_by_default();
	turns();
	searching_fast();
	searching_long();
	registering_fast();
	dialling();
	queries();
	bounds();
	command_scratch_free(scratch);
	crowd_free(all.crowd);
	store_free(all.store);
	rates_free(all.rates);
	buf_free(&out);
	return tap_done();
}
