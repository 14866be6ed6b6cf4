#include "indexd/searcher.h"

#include <semaphore.h>

#include "indexd/command.h"
#include "indexd/index.h"
#include "indexd/limits.h"
#include "indexd/rates.h"
#include "indexd/session.h"
#include "indexd/store.h"
#include "tap.h"

/* More than a worker makes into rows itself. */
#define FILES 500

static struct limits limits = LIMITS_DEFAULT;
static struct index all;
static struct command_scratch *scratch;
static struct buf out;
static sem_t done;

static void
on_done(void *arg)
{
	(void)arg;
	sem_post(&done);
}

static void
on_abandoned(void *arg)
{
	(void)arg;
}

static struct session *
client(void)
{
	struct session_spec spec = {.index = &all, .scratch = scratch};
	struct session *s;

	addr_parse_ip(SLICE("192.0.2.9"), &spec.client);
	addr_parse_ip(SLICE("192.0.2.1"), &spec.via);
	s = session_new(&spec, 0);
	if (!s)
		abort();
	return s;
}

static struct store_peer *
share_songs(void)
{
	struct store_peer_spec spec = {.max_files = FILES};
	struct store_change change = {.add = true, .size = 1, .mtime = 1};
	struct store_peer *peer;
	char path[64];

	addr_parse_ip(SLICE("192.0.2.2"), &spec.at);
	spec.at.port = 9000;
	peer = store_join(all.store, 0, &spec);
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof path, "song %d", i);
		change.path = slice_str(path);
		store_apply(peer, &change, 1);
	}
	return peer;
}

/* Hear in, of which so much is taken. */
static size_t
hear(struct session *s, const char *in, bool eof)
{
	buf_truncate(&out, 0);
	return session_input(s, slice_str(in), eof, &out, 0);
}

static struct searcher_answer
wait_for(struct searcher *searcher)
{
	struct searcher_answer found;

	sem_wait(&done);
	if (!searcher_take(searcher, &found))
		abort();
	return found;
}

/* Have the search carried out that in begins with: how much of it that was. */
static size_t
answer(struct session *s, const char *in, struct searcher *searcher)
{
	struct searcher_answer found;

	session_seek(s, slice_str(in), searcher);
	found = wait_for(searcher);
	buf_truncate(&out, 0);
	return session_found(s, &found, &out, 0);
}

static bool
ends(const char *with)
{
	struct slice text = buf_slice(&out), end = slice_str(with);

	return text.len >= end.len &&
	    slice_eq(slice_skip(text, text.len - end.len), end);
}

static void
goes_elsewhere(struct searcher *searcher)
{
	const char *in = "PING\nFIND -- song\nPING\n";
	struct session *s = client();
	size_t taken = hear(s, in, false);

	tap_ok(taken == strlen("PING\n"),
	    "a search with many rows is left in the input");
	tap_ok(ends("PONG\n") && session_seeks(s),
	    "after what came before it was answered");
	in += taken;
	tap_is_num(
	    (long)hear(s, in, false), 0, "nothing that follows overtakes it");
	taken = answer(s, in, searcher);
	tap_ok(ends("END 500 500\n") && !session_seeks(s),
	    "the searcher has the answer");
	tap_ok(!searcher_busy(searcher), "and is free for the next");
	hear(s, in + taken, false);
	tap_ok(ends("PONG\n"), "then the client goes on");
	session_free(s);
}

static void
stays(void)
{
	struct session *s = client();

	hear(s, "FIND limit=100 -- song\n", false);
	tap_ok(!session_seeks(s) && buf_len(&out) > 0,
	    "a search with few rows is answered at once");
	hear(s, "FIND -- none such\n", false);
	tap_ok(ends("END 0 0\n"), "so is one without any");
	session_free(s);
}

static void
ends_in_order(struct searcher *searcher)
{
	const char *in = "FIND -- song";
	struct session *s = client();

	hear(s, in, true);
	tap_ok(session_seeks(s) && !session_over(s),
	    "a last line without LF may take long, too");
	tap_ok(
	    answer(s, in, searcher) == strlen(in), "and is all that was left");
	tap_ok(ends("END 500 500\n"), "with its answer");
	hear(s, "", true);
	tap_ok(session_over(s), "before the session is over");
	session_free(s);
}

static void
seeds(struct searcher *searcher, struct store_peer **crowd, size_t count)
{
	struct store_peer_spec spec = {.max_files = 1};
	struct store_change change = {.add = true, .path = SLICE("hit")};
	const char *in = "SEARCH hit\n";
	struct session *s = client();

	addr_parse_ip(SLICE("192.0.2.3"), &spec.at);
	for (size_t i = 0; i < count; i++) {
		spec.at.port = (uint16_t)(1000 + i);
		crowd[i] = store_join(all.store, 1, &spec);
		store_apply(crowd[i], &change, 1);
	}
	hear(s, "HELLO 9000\n", false);
	hear(s, in, false);
	tap_ok(
	    session_seeks(s), "who has a file may be too many to list at once");
	answer(s, in, searcher);
	tap_ok(buf_len(&out) <= LIMITS_SEED_ANSWER_BYTES && ends("\nEND\n"),
	    "and a seed gets what it can take");
	session_free(s);
	for (size_t i = 0; i < count; i++)
		store_leave(crowd[i]);
}

static void
abandoned(void)
{
	const struct searcher_spec spec = {STORE_ANY, on_abandoned, NULL};
	struct searcher *searcher = searcher_new(&spec);
	const char *in = "FIND -- song\n";
	struct session *s = client();

	hear(s, in, false);
	session_seek(s, slice_str(in), searcher);
	tap_ok(searcher_busy(searcher), "a search is under way");
	session_free(s);
	searcher_free(searcher);
	tap_ok(true, "when its client goes, and its searcher");
}

static void
long_ones(struct searcher *searcher)
{
	const char *in = "FIND -- song\n";
	struct session *s = client();
	struct searcher_answer found;

	hear(s, in, false);
	session_seek(s, slice_str(in), searcher);
	found = wait_for(searcher);
	session_found(s, &found, &out, limits.idle_ms);
	session_tick(s, &out, limits.idle_ms);
	tap_ok(
	    !session_over(s), "who has waited for an answer has not been idle");
	session_tick(s, &out, 2 * limits.idle_ms);
	tap_ok(session_over(s), "but may not be for longer than others");
	session_free(s);
}

static void
broken_ones(struct searcher *searcher)
{
	const char *in = "FIND -- song\n";
	struct session *s = client();
	struct searcher_answer found;

	hear(s, in, false);
	session_seek(s, slice_of(in, 0), searcher);
	found = wait_for(searcher);
	tap_ok(buf_len(found.text) < 100,
	    "what is gone from the input is not carried out");
	buf_free(found.text);
	session_free(s);
}

/* A session that goes does not take its debts along. */
static void
forsaken(struct searcher *searcher)
{
	static const uint64_t slowly[RATES_KINDS] = {[RATES_TURN] = 1};
	static const uint64_t any[RATES_KINDS] = {0};
	const char *in = "FIND -- song\n";
	struct searcher_answer found;
	struct session *s = client(), *other = client();

	hear(s, in, false);
	rates_change(all.rates, slowly);
	session_seek(s, slice_str(in), searcher);
	session_free(s);
	found = wait_for(searcher);
	tap_ok(session_owes(other, 0) > 0,
	    "who does not wait for the answer owes for it all the same");
	buf_free(found.text);
	rates_change(all.rates, any);
	session_free(other);
}

/* Names of one letter nearly, and words that look as if they were in them. */
static struct store_peer *
share_misleading(char *in, size_t room)
{
	struct store_peer_spec spec = {.max_files = FILES};
	struct store_peer *peer;
	struct store_change change = {.add = true};
	char path[4000], word[200];
	size_t len = 0;

	addr_parse_ip(SLICE("192.0.2.3"), &spec.at);
	spec.at.port = 9001;
	peer = store_join(all.store, 0, &spec);
	memset(word, 'z', sizeof word);
	memset(path, 'z', sizeof path);
	for (size_t i = 127; i < sizeof path; i += 128)
		path[i] = 'y';
	for (size_t i = 0; i < FILES; i++) {
		path[i] = 'x';
		change.path = slice_of(path, sizeof path);
		store_apply(peer, &change, 1);
		path[i] = 'z';
	}
	len += (size_t)snprintf(in, room, "FIND");
	for (int i = 0; i < 32; i++)
		len += (size_t)snprintf(
		    in + len, room - len, " not=%.*s", 150 + i, word);
	snprintf(in + len, room - len, " -- zz\n");
	return peer;
}

static bool
answer_of_song(struct session *s, struct searcher *searcher)
{
	const char *in = "FIND limit=1 -- song\n";

	session_seek(s, slice_str(in), searcher);
	return !wait_for(searcher).unfinished;
}

static void
takes_too_long(struct searcher *any)
{
	const struct searcher_spec spec = {STORE_SOON, on_done, NULL};
	struct searcher *soon = searcher_new(&spec);
	static char in[16384];
	struct store_peer *peer = share_misleading(in, sizeof in);
	struct session *s = client();
	struct searcher_answer found;

	hear(s, in, false);
	session_seek(s, slice_str(in), soon);
	found = wait_for(soon);
	tap_ok(found.unfinished && !found.failed && buf_len(found.text) == 0,
	    "one that is to end soon is left unfinished when it does not");
	tap_ok(session_seeks(s) && !session_over(s), "and can be begun again");
	tap_ok(answer(s, in, any) == strlen(in) &&
		slice_starts(buf_slice(&out), SLICE("192.0.2.3:9001/")),
	    "by a searcher that has time");
	tap_ok(answer_of_song(s, soon), "the other goes on with the next");
	session_free(s);
	searcher_free(soon);
	store_leave(peer);
}

int
main(void)
{
	static struct store_peer *crowd[1000];
	static const struct rates_spec any = {.burst_ms = 1000};
	const struct searcher_spec spec = {STORE_ANY, on_done, NULL};
	struct searcher *searcher = searcher_new(&spec);
	struct store_peer *peer;

	sem_init(&done, 0, 0);
	buf_init(&out, 1024 * 1024);
	all.limits = &limits;
	all.rates = rates_new(&any);
	all.store = store_new(2);
	scratch = command_scratch_new();
	peer = share_songs();
	goes_elsewhere(searcher);
	stays();
	ends_in_order(searcher);
	seeds(searcher, crowd, sizeof crowd / sizeof *crowd);
	abandoned();
	long_ones(searcher);
	broken_ones(searcher);
	forsaken(searcher);
	takes_too_long(searcher);
	searcher_free(searcher);
	store_leave(peer);
	command_scratch_free(scratch);
	store_free(all.store);
	rates_free(all.rates);
	buf_free(&out);
	sem_destroy(&done);
	return tap_done();
}
