#include "indexd/session.h"

#include <errno.h>

#include "indexd/command.h"
#include "indexd/index.h"
#include "indexd/limits.h"
#include "indexd/rates.h"
#include "indexd/store.h"
#include "lib/crowd.h"
#include "lib/line.h"
#include "tests/fuzz/fuzz.h"
#include "tests/naive_client.h"

/*
 * What clients say to an index, each line about one of them:
 *
 *	N TEXT	client N, a digit, sends the text and an end of line
 *	N-TEXT	the text alone
 *	N*	more bytes than a line has
 *	Ne	the end of the stream
 *	Nx	nothing any more: it is gone
 *	+MS	so much time passes
 *	=	what is done behind the scenes is done
 *
 * A digit in front of all that says how the store is cut up. Every answer is
 * held against the naive index.
 */
#define CLIENTS 8
#define OUT_BYTES (4 * 1024 * 1024)

/* Of what the naive index can split into words; a script ends with it. */
#define TEXT_MAX 1000

/* At most so many turns in a row: nobody can be kept waiting longer. */
#define TURNS_MAX 4096

static const struct kind {
	const char *address;
	const char *via;
	unsigned shard;
} kinds[CLIENTS] = {
    {"192.0.2.1", "198.51.100.1", 0},
    {"192.0.2.1", "198.51.100.1", 1},
    {"2001:db8::7", "2001:db8::1", 1},
    {"127.0.0.1", "127.0.0.1", 0},
    {"::1", "::1", 1},
    {"198.51.100.1", "198.51.100.1", 0}, /* trusted */
    {"fe80::1", "fe80::2", 1},
    {"192.0.2.3", "127.0.0.2", 2},
};

static const struct store_shape shapes[] = {
    {4, 2, 4, false},
    {64, 4, 8, false},
    {16, 1, 2, false},
    {512, 16, 256, false},
    {8, 2, 64, true},
};

struct client {
	struct session *session; /* NULL: it has not come, or has left */
	struct naive_client naive;
	struct buf in;
};

/* An index and its likeness. */
struct world {
	struct index index;
	struct limits limits;
	struct addr_block trusted;
	struct command_scratch *scratch;
	struct naive naive;
	struct client clients[CLIENTS];
	struct buf out;
	int64_t now;
};

static void
begin(struct world *w, unsigned shape)
{
	const struct rates_spec unlimited = {.burst_ms = 1};

	*w = (struct world){.limits = LIMITS_DEFAULT};
	w->limits.peers = 5;
	w->limits.files = 12;
	addr_block_parse(SLICE("198.51.100.0/24"), &w->trusted);
	w->limits.trusted = &w->trusted;
	w->limits.trusted_count = 1;
	w->index.limits = &w->limits;
	w->index.store = store_new_shaped(
	    1 + shape % 3, &shapes[shape % (sizeof shapes / sizeof *shapes)]);
	w->index.crowd = crowd_new(UINT64_MAX, UINT64_MAX);
	w->index.rates = rates_new(&unlimited);
	w->scratch = command_scratch_new();
	if (!w->index.store || !w->index.crowd || !w->index.rates ||
	    !w->scratch)
		abort();
	buf_init(&w->out, OUT_BYTES);
}

static void
arrive(struct world *w, size_t i)
{
	struct client *c = &w->clients[i];
	struct session_spec spec = {.index = &w->index,
	    .scratch = w->scratch,
	    .shard = kinds[i].shard,
	    .client = {.port = 50000},
	    .via = {.port = 8080}};

	addr_parse_ip(slice_str(kinds[i].address), &spec.client);
	addr_parse_ip(slice_str(kinds[i].via), &spec.via);
	c->session = session_new(&spec, w->now);
	if (!c->session)
		abort();
	c->naive = (struct naive_client){.index = &w->naive,
	    .limits = &w->limits,
	    .peer = i,
	    .address = spec.client,
	    .via = spec.via,
	    .heard = w->now};
	c->naive.address.port = 0;
	buf_init(&c->in, 4 * LINE_MAX_BYTES);
}

static void
leave(struct world *w, size_t i)
{
	struct client *c = &w->clients[i];

	(void)w;
	session_free(c->session);
	c->session = NULL;
	naive_end(&c->naive);
	buf_free(&c->in);
}

/* Nobody is left, nor anything that they registered. */
static void
end(struct world *w)
{
	struct store_stats stats;

	for (size_t i = 0; i < CLIENTS; i++)
		if (w->clients[i].session)
			leave(w, i);
	FUZZ_ASSERT(w->naive.count == 0 && w->index.peers == 0);
	store_settle(w->index.store);
	store_stat(w->index.store, &stats);
	FUZZ_ASSERT(stats.peers + stats.listings + stats.names == 0);
	FUZZ_ASSERT(stats.unreachable == 0);
	command_scratch_free(w->scratch);
	crowd_free(w->index.crowd);
	rates_free(w->index.rates);
	store_free(w->index.store);
	naive_free(&w->naive);
	buf_free(&w->out);
}

/* What was consumed are whole lines, and all answers are theirs. */
static void
hold_lines(
    struct client *c, struct slice lines, bool eof, struct slice *answers)
{
	struct slice line;
	ssize_t n;

	while (lines.len > 0) {
		FUZZ_ASSERT(!c->naive.over);
		n = eof ? line_last(lines, &line) : line_next(lines, &line);
		FUZZ_ASSERT(n > 0);
		FUZZ_ASSERT(naive_line(&c->naive, line, answers));
		lines = slice_skip(lines, (size_t)n);
	}
}

/* A line that stands there and cannot be one ends the conversation. */
static void
hold_end(struct client *c, struct slice rest, bool eof, struct slice *answers)
{
	struct slice line;
	ssize_t n = eof ? line_last(rest, &line) : line_next(rest, &line);
	const char *code = n < 0 && errno == EMSGSIZE ? "too-long" : "bad-line";

	if (session_over(c->session) && !c->naive.over && n < 0)
		FUZZ_ASSERT(naive_bad_line(&c->naive, code, answers));
	if (eof && rest.len == 0)
		naive_end(&c->naive);
	FUZZ_ASSERT(session_over(c->session) == c->naive.over);
	FUZZ_ASSERT(answers->len == 0);
}

/* One turn. Returns how many bytes were taken. */
static size_t
take(struct world *w, struct client *c, bool eof)
{
	struct slice in = fuzz_copy(buf_slice(&c->in)), answers;
	size_t n;

	buf_truncate(&w->out, 0);
	n = session_input(c->session, in, eof, &w->out, w->now);
	FUZZ_ASSERT(n <= in.len);
	answers = buf_slice(&w->out);
	hold_lines(c, slice_of(in.ptr, n), eof, &answers);
	hold_end(c, slice_skip(in, n), eof, &answers);
	fuzz_free(in);
	buf_consume(&c->in, n);
	return n;
}

/* Until no more is taken, as the worker does. */
static void
listen_to(struct world *w, struct client *c, bool eof)
{
	unsigned turns = 0;

	session_heard(c->session, w->now);
	c->naive.heard = w->now;
	c->naive.pinged = false;
	while (!session_over(c->session) && take(w, c, eof) > 0)
		FUZZ_ASSERT(++turns < TURNS_MAX);
	FUZZ_ASSERT(session_waits(c->session, w->now) == 0);
}

static void
pass_time(struct world *w, uint64_t ms)
{
	w->now += (int64_t)(ms % (uint64_t)(4 * w->limits.idle_ms));
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &w->clients[i];
		struct slice answers;
		int64_t next;

		if (!c->session || session_over(c->session))
			continue;
		buf_truncate(&w->out, 0);
		next = session_tick(c->session, &w->out, w->now);
		answers = buf_slice(&w->out);
		FUZZ_ASSERT(naive_tick(&c->naive, w->now, &answers));
		FUZZ_ASSERT(answers.len == 0);
		FUZZ_ASSERT(session_over(c->session) == c->naive.over);
		FUZZ_ASSERT(
		    c->naive.over || (next > 0 && next <= w->limits.ping_ms));
	}
}

/* Whether the naive index can keep up with what the client has sent. */
static bool
is_short(const struct buf *in)
{
	return buf_len(in) <= TEXT_MAX || buf_len(in) > LINE_MAX_BYTES;
}

static void
send_too_much(struct buf *in)
{
	char *at = buf_reserve(in, LINE_MAX_BYTES + 1);

	if (!at)
		return;
	memset(at, 'x', LINE_MAX_BYTES + 1);
	buf_commit(in, LINE_MAX_BYTES + 1);
}

/* What client i does. Whether the script goes on. */
static bool
act(struct world *w, size_t i, struct slice what)
{
	struct client *c = &w->clients[i];
	char act = what.len > 0 ? what.ptr[0] : ' ';

	if (!c->session)
		arrive(w, i);
	if (act == 'x' || session_over(c->session)) {
		leave(w, i);
		return true;
	}
	if (act == '*')
		send_too_much(&c->in);
	else if (act != 'e')
		buf_add_slice(&c->in, slice_skip(what, 1));
	if (act == ' ')
		buf_add_str(&c->in, "\n");
	if (!is_short(&c->in))
		return false;
	listen_to(w, c, act == 'e');
	return true;
}

/* Whether the script goes on. */
static bool
follow(struct world *w, struct slice line)
{
	struct slice rest = slice_skip(line, 1);
	char first = line.len > 0 ? line.ptr[0] : ' ';

	if (first >= '0' && first < '0' + CLIENTS)
		return act(w, (size_t)(first - '0'), rest);
	if (first == '+')
		pass_time(w, fuzz_number(&rest));
	else if (first == '=')
		store_settle(w->index.store);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	struct slice in = fuzz_input(data, size);
	bool goes_on = true;

	begin(&w, fuzz_byte(&in) - (unsigned)'0');
	while (goes_on && in.len > 0)
		goes_on = follow(&w, fuzz_line(&in));
	end(&w);
	return 0;
}
