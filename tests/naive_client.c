#include "naive_client.h"

#include <errno.h>
#include <stdio.h>

#include "lib/locator.h"
#include "lib/path.h"
#include "lib/proto.h"
#include "lib/utf8.h"
#include "naive_answer.h"

#define QUERY_WORDS_MAX 32

static bool
says(struct slice *answers, const char *want)
{
	struct slice line;

	if (naive_answer_line(answers, &line) &&
	    slice_eq(line, slice_str(want)))
		return true;
	printf("# '%s' was to be said\n", want);
	return false;
}

/* "ERR <code> <text>", which a seed would not survive. */
static bool
refuses(const struct naive_client *c, const char *code, struct slice *answers)
{
	struct slice line, text, said;

	if (c->kind == NAIVE_SEED)
		return true;
	if (naive_answer_line(answers, &line) && proto_is_err(line, &text) &&
	    slice_cut(text, ' ', &said, &text) &&
	    slice_eq(said, slice_str(code)) && text.len > 0 &&
	    slice_find(text, ':') < 0)
		return true;
	printf("# ERR %s was to be said\n", code);
	return false;
}

void
naive_end(struct naive_client *c)
{
	if (c->joined)
		naive_leave(c->index, c->peer);
	c->joined = false;
	c->over = true;
}

static bool
is_trusted(const struct naive_client *c)
{
	for (size_t i = 0; i < c->limits->trusted_count; i++)
		if (addr_block_has(&c->limits->trusted[i], &c->address))
			return true;
	return false;
}

/* Whether host= may be said, and where the peer is then. */
static bool
may_name(const struct naive_client *c, struct slice host,
    struct store_peer_spec *spec)
{
	struct addr named = {.port = spec->at.port};

	if (host.len == 0)
		return true;
	if (addr_parse_ip(host, &named) < 0 || !addr_is_unicast(&named))
		return false;
	spec->at = named;
	spec->local_only = addr_is_loopback(&named);
	return is_trusted(c) ||
	    (spec->local_only && addr_is_loopback(&c->address));
}

static size_t
count_peers(const struct naive *n)
{
	size_t count = 0;

	for (size_t i = 0; i < NAIVE_PEERS; i++)
		count += n->peers[i].here;
	return count;
}

static bool
welcomes(const struct naive_client *c, const struct store_peer_spec *spec,
    struct slice *answers)
{
	struct addr seen = spec->at;
	char text[ADDR_TEXT], want[ADDR_TEXT + 4];

	if (!spec->local_only && addr_is_loopback(&seen)) {
		seen = c->via;
		seen.port = spec->at.port;
	}
	snprintf(want, sizeof want, "OK %s", addr_text(&seen, text));
	return c->kind != NAIVE_V2 || says(answers, want);
}

static bool
hello(struct naive_client *c, struct slice rest, struct slice *answers)
{
	struct store_peer_spec spec = {.at = c->address};
	struct proto_hello hello;
	int parsed = proto_hello_parse(rest, &hello);
	int error = errno;

	if (c->joined)
		return refuses(c, "bad-line", answers);
	if (hello.v2)
		c->kind = NAIVE_V2;
	else if (parsed == 0 || slice_find(rest, ' ') < 0)
		c->kind = NAIVE_SEED;
	if (parsed < 0)
		return refuses(
		    c, error == ERANGE ? "bad-port" : "bad-line", answers);
	spec.at.port = hello.port;
	if (!may_name(c, hello.host, &spec))
		return refuses(c, "denied", answers);
	spec.max_files = is_trusted(c) ? UINT64_MAX : c->limits->files;
	if (count_peers(c->index) >= c->limits->peers) {
		c->over = true;
		return refuses(c, "limit", answers);
	}
	naive_join(c->index, c->peer, &spec);
	c->joined = true;
	c->address.port = hello.port;
	return welcomes(c, &spec, answers);
}

static bool
change(struct naive_client *c, const struct store_change *change, bool valid)
{
	if (!valid || !path_valid(change->path) ||
	    !naive_apply(c->index, c->peer, change))
		c->refused++;
	return true;
}

static bool
file(struct naive_client *c, struct slice rest, struct slice *answers)
{
	(void)answers;
	return change(c,
	    &(struct store_change){.add = true,
		.path = rest,
		.size = STORE_NO_SIZE,
		.mtime = STORE_NO_TIME},
	    true);
}

static bool
add(struct naive_client *c, struct slice rest, struct slice *answers)
{
	struct proto_add add;
	bool valid = proto_add_parse(rest, &add) == 0;

	(void)answers;
	return change(c,
	    &(struct store_change){.add = true,
		.path = add.path,
		.size = add.size,
		.mtime = add.mtime,
		.digest = add.digest},
	    valid);
}

static bool
del(struct naive_client *c, struct slice rest, struct slice *answers)
{
	(void)answers;
	return change(c, &(struct store_change){.path = rest}, true);
}

static bool
load(struct naive_client *c, struct slice rest, struct slice *answers)
{
	struct naive_peer *peer = &c->index->peers[c->peer];
	struct proto_load load;

	(void)answers;
	if (proto_load_parse(rest, &load) < 0) {
		c->refused++;
		return true;
	}
	peer->busy = load.busy;
	peer->slots = load.slots;
	return true;
}

static bool
nothing(struct naive_client *c, struct slice rest, struct slice *answers)
{
	(void)c;
	(void)rest;
	(void)answers;
	return true;
}

static bool
ping(struct naive_client *c, struct slice rest, struct slice *answers)
{
	(void)c;
	(void)rest;
	return says(answers, "PONG");
}

static bool
sync_up(struct naive_client *c, struct slice rest, struct slice *answers)
{
	char want[64];

	(void)rest;
	snprintf(want, sizeof want, "OK %llu %llu",
	    (unsigned long long)c->index->peers[c->peer].files,
	    (unsigned long long)c->refused);
	c->refused = 0;
	return says(answers, want);
}

static bool
answers_rows(struct naive_client *c, const struct naive_query *query,
    struct slice *answers)
{
	struct naive_answer a = naive_answer_new(*answers);
	bool right = naive_answer_rows(&a, answers) &&
	    naive_agrees(c->index, query, &a.hits);

	naive_answer_free(&a);
	return right;
}

static size_t
count_words(struct slice text)
{
	struct slice word;
	size_t count = 0;

	while (utf8_word(&text, &word))
		count++;
	return count;
}

/* No word, or more words or extensions than are looked for. */
static bool
has_bad_words(const struct proto_find *find)
{
	size_t words = count_words(find->words), not_words = 0, exts = 0;
	struct slice list = find->ext, ext;

	for (size_t i = 0; i < find->not_count; i++)
		not_words += count_words(find->not_words[i]);
	while (slice_token(&list, ",", &ext))
		exts++;
	return words == 0 || words > QUERY_WORDS_MAX ||
	    not_words > QUERY_WORDS_MAX || exts > QUERY_WORDS_MAX;
}

static bool
find(struct naive_client *c, struct slice rest, struct slice *answers)
{
	struct store_view view = {.client = c->address, .via = c->via};
	struct store_query query;
	struct proto_find find;

	if (proto_find_parse(rest, &find) < 0 || has_bad_words(&find))
		return refuses(c, "bad-line", answers);
	query = (struct store_query){
	    .words = find.words,
	    .not_words = find.not_words,
	    .not_count = find.not_count,
	    .ext = find.ext,
	    .over = find.over,
	    .under = find.under,
	};
	return answers_rows(c,
	    &(struct naive_query){
		.words = &query, .view = &view, .limit = find.limit},
	    answers);
}

static bool
hash(struct naive_client *c, struct slice rest, struct slice *answers)
{
	struct store_view view = {.client = c->address, .via = c->via};
	struct digest digest;

	if (digest_parse(rest, &digest) < 0)
		return refuses(c, "bad-line", answers);
	return answers_rows(c,
	    &(struct naive_query){
		.digest = &digest, .view = &view, .limit = PROTO_FIND_ROWS},
	    answers);
}

/* Addresses, then END: of a path, a hit is all that its address says. */
static bool
search(struct naive_client *c, struct slice rest, struct slice *answers)
{
	struct store_view view = {.client = c->address,
	    .via = c->via,
	    .v4_only = true,
	    .hide_self = true};
	struct naive_query query = {
	    .path = &rest, .view = &view, .limit = SIZE_MAX};
	struct naive_answer a = naive_answer_new(*answers);
	struct locator_host host;
	struct slice line;
	struct addr at = {.port = 0};
	bool right = true;

	while (right && (right = naive_answer_line(answers, &line)) &&
	    !slice_eq(line, SLICE("END"))) {
		right = locator_host_parse(line, 0, false, &host) == 0 &&
		    addr_parse_ip(slice_str(host.name), &at) == 0;
		at.port = host.port;
		right = right &&
		    naive_hit(
			c->index, &query, &at, &a.hits.list[a.hits.count++]);
	}
	a.hits.matches = a.hits.count;
	right = right && naive_agrees(c->index, &query, &a.hits);
	naive_answer_free(&a);
	return right;
}

static bool
state(struct naive_client *c, struct slice rest, struct slice *answers)
{
	char peers[64], listings[64];
	struct slice line;
	unsigned right = 0;

	(void)rest;
	snprintf(peers, sizeof peers, "peers %zu", count_peers(c->index));
	snprintf(listings, sizeof listings, "listings %zu", c->index->count);
	while (
	    naive_answer_line(answers, &line) && !slice_eq(line, SLICE("END")))
		right += slice_eq(line, slice_str(peers)) ||
		    slice_eq(line, slice_str(listings));
	if (right == 2)
		return true;
	printf("# '%s' and '%s' were to be said\n", peers, listings);
	return false;
}

/* What a verb is, in words of its own. */
static const struct verb {
	bool (*carry_out)(
	    struct naive_client *c, struct slice rest, struct slice *answers);
	bool of_peers; /* wants HELLO before */
	bool mute; /* has no answer */
	bool of_seeds; /* a seed says it */
} verbs[] = {
    /*                         of_peers  mute  of_seeds */
    [PROTO_ADD] = {add, true, true, false},
    [PROTO_DEL] = {del, true, true, false},
    [PROTO_DONE] = {nothing, true, true, true},
    [PROTO_FILE] = {file, true, true, true},
    [PROTO_FIND] = {find, false, false, false},
    [PROTO_HASH] = {hash, false, false, false},
    [PROTO_HELLO] = {hello, false, false, true},
    [PROTO_LOAD] = {load, true, true, false},
    [PROTO_PING] = {ping, false, false, false},
    [PROTO_PONG] = {nothing, false, true, false},
    [PROTO_SEARCH] = {search, false, false, true},
    [PROTO_STAT] = {state, false, false, false},
    [PROTO_SYNC] = {sync_up, true, false, false},
};

bool
naive_line(struct naive_client *c, struct slice line, struct slice *answers)
{
	struct slice rest;
	enum proto_verb verb = proto_verb(line, &rest);
	const struct verb *v = &verbs[verb];
	bool right;

	if (c->kind == NAIVE_FRESH && verb == PROTO_UNKNOWN) {
		c->over = true;
		return true;
	}
	if (c->kind == NAIVE_FRESH)
		c->kind = NAIVE_PLAIN;
	if (c->kind == NAIVE_SEED && !v->of_seeds)
		return true;
	if (verb == PROTO_UNKNOWN)
		return refuses(c, "unknown-verb", answers);
	if (v->of_peers && !c->joined && !v->mute)
		return refuses(c, "need-hello", answers);
	if (v->of_peers && !c->joined) {
		c->refused++;
		return true;
	}
	right = v->carry_out(c, rest, answers);
	if (c->over)
		naive_end(c);
	return right;
}

bool
naive_bad_line(struct naive_client *c, const char *code, struct slice *answers)
{
	naive_end(c);
	return refuses(c, code, answers);
}

/* A version-2 peer is asked, and has to answer (naputils(7), Silence). */
static bool
tick_peer(struct naive_client *c, int64_t now, struct slice *answers)
{
	if (c->pinged && now - c->pinged_at >= c->limits->answer_ms) {
		naive_end(c);
		return refuses(c, "limit", answers);
	}
	if (c->pinged || now - c->heard < c->limits->ping_ms)
		return true;
	c->pinged = true;
	c->pinged_at = now;
	return says(answers, "PING");
}

bool
naive_tick(struct naive_client *c, int64_t now, struct slice *answers)
{
	bool fresh = c->kind == NAIVE_FRESH;

	if (c->joined)
		return c->kind != NAIVE_V2 || tick_peer(c, now, answers);
	if (now - c->heard < c->limits->idle_ms)
		return true;
	naive_end(c);
	return fresh || refuses(c, "limit", answers);
}
