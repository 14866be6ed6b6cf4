#include "command.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "index.h"
#include "lib/crowd.h"
#include "lib/line.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/path.h"
#include "limits.h"

/* A locator with every byte of its path escaped. */
#define LOCATOR_BYTES (3 * PATH_MAX_BYTES + ADDR_TEXT)

struct command_scratch *
command_scratch_new(void)
{
	struct command_scratch *scratch = calloc(1, sizeof *scratch);

	if (scratch)
		buf_init(&scratch->locator, LOCATOR_BYTES);
	return scratch;
}

void
command_scratch_free(struct command_scratch *scratch)
{
	if (!scratch)
		return;
	store_hits_free(&scratch->hits);
	buf_free(&scratch->locator);
	free(scratch);
}

int
command_refuse(struct command_client *c, struct buf *out, const char *code,
    const char *text)
{
	char address[ADDR_TEXT];

	if (c->kind != COMMAND_SEED)
		return proto_err_put(out, code, text);
	if (!c->grumbled)
		log_info(
		    "%s: %s, ignored", addr_text(&c->address, address), text);
	c->grumbled = true;
	return 0;
}

/* Refuse a line that has no answer: SYNC reports it. */
static int
refuse_silently(struct command_client *c)
{
	char address[ADDR_TEXT];

	c->refused++;
	if (!c->grumbled)
		log_info(
		    "%s: a line was refused", addr_text(&c->address, address));
	c->grumbled = true;
	return 0;
}

void
command_flush(struct command_client *c)
{
	struct command_scratch *scratch = c->scratch;

	if (scratch->batched == 0)
		return;
	c->refused += store_apply(c->peer, scratch->batch, scratch->batched);
	c->waits = store_crowded(c->peer);
	scratch->batched = 0;
}

/* The next free place of the batch. */
static struct store_change *
next_change(struct command_client *c)
{
	if (c->scratch->batched == COMMAND_BATCH)
		command_flush(c);
	return &c->scratch->batch[c->scratch->batched++];
}

/* Where others reach this client. */
struct registration {
	struct addr at;
	bool local_only;
};

/*
 * Apply host=. An address that the operator trusts may name any other; over
 * loopback anyone may say that it serves on loopback only. 0, or -1.
 */
static int
name_host(
    const struct command_client *c, struct slice host, struct registration *r)
{
	struct addr named = {.port = r->at.port};

	if (host.len == 0)
		return 0;
	if (addr_parse_ip(host, &named) < 0 || !addr_is_unicast(&named))
		return -1;
	r->local_only = addr_is_loopback(&named);
	if (!limits_trusts(c->index->limits, &c->address) &&
	    !(r->local_only && addr_is_loopback(&c->address)))
		return -1;
	r->at = named;
	return 0;
}

/* Register the client; NULL with ENOSPC when there are too many. */
static struct store_peer *
join(struct command_client *c, const struct registration *r)
{
	const struct limits *limits = c->index->limits;
	bool spared = limits_trusts(limits, &c->address);
	struct store_peer_spec spec = {
	    .at = r->at,
	    .local_only = r->local_only,
	    .max_files = spared ? UINT64_MAX : limits->files,
	    .max_bytes = spared ? UINT64_MAX : LIMITS_PEER_BYTES,
	};

	if (atomic_fetch_add(&c->index->peers, 1) < limits->peers) {
		c->peer = store_join(c->index->store, c->shard, &spec);
		if (c->peer)
			return c->peer;
	} else
		errno = ENOSPC;
	atomic_fetch_sub(&c->index->peers, 1);
	return NULL;
}

void
command_leave(struct command_client *c)
{
	if (!c->peer)
		return;
	store_leave(c->peer);
	c->peer = NULL;
	atomic_fetch_sub(&c->index->peers, 1);
}

/* The peer's address as this client itself would see it. */
static int
welcome(struct command_client *c, const struct registration *r, struct buf *out)
{
	struct addr seen = r->at;
	char text[ADDR_TEXT];

	if (!r->local_only && addr_is_loopback(&seen)) {
		seen = c->via;
		seen.port = r->at.port;
	}
	return buf_printf(out, "OK %s\n", addr_text(&seen, text));
}

static int
run_hello(struct command_client *c, struct slice rest, struct buf *out)
{
	struct proto_hello hello;
	struct registration r = {.local_only = false};
	int parsed = proto_hello_parse(rest, &hello);

	if (c->peer)
		return command_refuse(
		    c, out, "bad-line", "HELLO was said before");
	if (parsed == 0 || hello.v2 || slice_find(rest, ' ') < 0)
		c->kind = hello.v2 ? COMMAND_V2 : COMMAND_SEED;
	if (parsed < 0)
		return command_refuse(c, out,
		    errno == ERANGE ? "bad-port" : "bad-line",
		    "HELLO wants a port from 0 to 65535, then perhaps nap/2");
	r.at = c->address;
	r.at.port = hello.port;
	if (name_host(c, hello.host, &r) < 0)
		return command_refuse(
		    c, out, "denied", "host is none that you may name");
	if (!join(c, &r)) {
		c->over = true;
		return command_refuse(c, out, "limit",
		    errno == ENOSPC ? "too many peers" : "out of memory");
	}
	c->address.port = hello.port;
	return c->kind == COMMAND_V2 ? welcome(c, &r, out) : 0;
}

static int
run_file(struct command_client *c, struct slice rest, struct buf *out)
{
	(void)out;
	if (!path_valid(rest))
		return refuse_silently(c);
	*next_change(c) = (struct store_change){
	    .add = true,
	    .path = rest,
	    .size = STORE_NO_SIZE,
	    .mtime = STORE_NO_TIME,
	};
	return 0;
}

static int
run_add(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_change *change;
	struct proto_add add;

	(void)out;
	if (proto_add_parse(rest, &add) < 0 || !path_valid(add.path))
		return refuse_silently(c);
	change = next_change(c);
	change->add = true;
	change->path = add.path;
	change->size = add.size;
	change->mtime = add.mtime;
	change->digest = add.digest;
	return 0;
}

static int
run_del(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_change *change;

	(void)out;
	if (!path_valid(rest))
		return refuse_silently(c);
	change = next_change(c);
	change->add = false;
	change->path = rest;
	return 0;
}

static int
run_load(struct command_client *c, struct slice rest, struct buf *out)
{
	struct proto_load load;

	(void)out;
	if (proto_load_parse(rest, &load) < 0)
		return refuse_silently(c);
	store_set_load(c->peer, load.busy, load.slots);
	return 0;
}

static int
run_nothing(struct command_client *c, struct slice rest, struct buf *out)
{
	(void)c;
	(void)rest;
	(void)out;
	return 0;
}

static int
run_ping(struct command_client *c, struct slice rest, struct buf *out)
{
	(void)c;
	(void)rest;
	return proto_put(out, PROTO_PONG, SLICE(""));
}

static int
run_sync(struct command_client *c, struct slice rest, struct buf *out)
{
	struct proto_synced synced;

	(void)rest;
	synced.files = store_files(c->peer);
	synced.refused = c->refused;
	c->refused = 0;
	return proto_synced_put(out, &synced);
}

static struct store_view
view_of(const struct command_client *c)
{
	return (struct store_view){.client = c->address, .via = c->via};
}

/* Let go of the memory that only a large answer needs. */
static void
forget_hits(struct command_client *c)
{
	if (c->scratch->hits.count > COMMAND_HITS_KEPT)
		store_hits_free(&c->scratch->hits);
}

static int
run_search(struct command_client *c, struct slice rest, struct buf *out)
{
	size_t room = c->kind == COMMAND_SEED ? LIMITS_SEED_ANSWER_BYTES
					      : LIMITS_ANSWER_BYTES;
	struct store_hits *hits = &c->scratch->hits;
	struct store_view view = view_of(c);
	size_t start = buf_len(out);
	char text[ADDR_TEXT];

	view.v4_only = view.hide_self = true;
	if (store_exact(c->index->store, rest, &view, hits) < 0)
		hits->count = 0;
	c->tired = hits->count > COMMAND_HITS_KEPT;
	room -= sizeof "END\n" - 1;
	for (size_t i = 0; i < hits->count; i++) {
		const char *at = addr_text(&hits->list[i].at, text);

		if (buf_len(out) - start + strlen(at) + 1 > room)
			break;
		if (buf_printf(out, "%s\n", at) < 0)
			return -1;
	}
	forget_hits(c);
	return proto_end_put(out, &(struct proto_end){.counted = false});
}

/* One hit as a row. 0, or -1 when memory is short. */
static int
put_hit(struct command_client *c, const struct store_hit *hit, struct buf *out)
{
	struct buf *locator = &c->scratch->locator;
	char text[ADDR_TEXT];
	struct proto_row row = {
	    .size = hit->size,
	    .mtime = hit->mtime,
	    .digest = hit->digest,
	    .rank = hit->rank,
	};

	buf_truncate(locator, 0);
	if (buf_add_str(locator, addr_text(&hit->at, text)) < 0 ||
	    buf_add(locator, "/", 1) < 0 ||
	    locator_encode(locator, hit->path) < 0)
		return -1;
	row.locator = buf_slice(locator);
	return proto_row_put(out, &row);
}

static int
put_hits(struct command_client *c, struct buf *out)
{
	const struct store_hits *hits = &c->scratch->hits;
	struct proto_end end = {
	    .counted = true, .matches = hits->matches, .more = hits->more};
	size_t start = buf_len(out);
	bool failed = false;

	while (end.rows < hits->count && !failed &&
	    buf_len(out) - start < LIMITS_ANSWER_BYTES)
		failed = put_hit(c, &hits->list[end.rows++], out) < 0;
	forget_hits(c);
	if (!failed)
		return proto_end_put(out, &end);
	buf_truncate(out, start);
	return command_refuse(c, out, "busy", "out of memory");
}

static int
run_find(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_view view = view_of(c);
	struct proto_find find;
	struct store_query query;

	if (proto_find_parse(rest, &find) < 0)
		return command_refuse(c, out, "bad-line",
		    "FIND wants settings, then -- and words");
	query = (struct store_query){
	    .words = find.words,
	    .not_words = find.not_words,
	    .not_count = find.not_count,
	    .ext = find.ext,
	    .over = find.over,
	    .under = find.under,
	    .limit = find.limit,
	};
	c->tired = true;
	if (store_find(c->index->store, &query, &view, &c->scratch->hits) == 0)
		return put_hits(c, out);
	if (errno == EINVAL)
		return command_refuse(
		    c, out, "bad-line", "no word to look for");
	if (errno == E2BIG)
		return command_refuse(
		    c, out, "bad-line", "at most 32 words can be looked for");
	return command_refuse(c, out, "busy", "out of memory");
}

static int
run_hash(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_view view = view_of(c);
	struct digest digest;

	if (digest_parse(rest, &digest) < 0)
		return command_refuse(c, out, "bad-line",
		    "HASH wants 64 hexadecimal digits in lower case");
	c->tired = true;
	if (store_hash(c->index->store, &digest, PROTO_FIND_ROWS, &view,
		&c->scratch->hits) < 0)
		return command_refuse(c, out, "busy", "out of memory");
	return put_hits(c, out);
}

static int
run_stat(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_stats stats;

	(void)rest;
	store_stat(c->index->store, &stats);
	if (buf_printf(out,
		"uptime %lld\nconnections %llu\npeers %llu\nnames %llu\n"
		"listings %llu\nmemory %llu\npending %llu\n",
		(long long)(c->now - c->index->started) / 1000,
		(unsigned long long)crowd_count(c->index->crowd),
		(unsigned long long)stats.peers,
		(unsigned long long)stats.names,
		(unsigned long long)stats.listings,
		(unsigned long long)stats.bytes,
		(unsigned long long)stats.pending) < 0)
		return -1;
	return proto_end_put(out, &(struct proto_end){.counted = false});
}

/* What a verb is and asks for; columns, so that no handler repeats them. */
static const struct command {
	int (*run)(struct command_client *, struct slice rest, struct buf *);
	bool needs_hello;
	bool mute; /* never answers: SYNC reports what was refused */
	bool seed; /* means something on a seed connection */
	bool batched; /* leaves its changes in the batch */
} commands[] = {
    /*                run          hello  mute   seed   batched */
    [PROTO_ADD] = {run_add, true, true, false, true},
    [PROTO_DEL] = {run_del, true, true, false, true},
    [PROTO_DONE] = {run_nothing, true, true, true, true},
    [PROTO_FILE] = {run_file, true, true, true, true},
    [PROTO_FIND] = {run_find, false, false, false, false},
    [PROTO_HASH] = {run_hash, false, false, false, false},
    [PROTO_HELLO] = {run_hello, false, false, true, false},
    [PROTO_LOAD] = {run_load, true, true, false, false},
    [PROTO_PING] = {run_ping, false, false, false, false},
    [PROTO_PONG] = {run_nothing, false, true, false, false},
    [PROTO_SEARCH] = {run_search, false, false, true, false},
    [PROTO_STAT] = {run_stat, false, false, false, false},
    [PROTO_SYNC] = {run_sync, true, false, false, false},
};

/* One line whose verb is known. 0, or -1 when out took no answer. */
static int
run(struct command_client *c, const struct command *command, struct slice rest,
    struct buf *out)
{
	if (c->kind == COMMAND_SEED && !command->seed)
		return command_refuse(
		    c, out, "denied", "not a request of the seed");
	if (command->needs_hello && !c->peer)
		return command->mute
		    ? refuse_silently(c)
		    : command_refuse(c, out, "need-hello", "say HELLO first");
	if (!command->batched)
		command_flush(c);
	return command->run(c, rest, out);
}

void
command_run(struct command_client *c, struct slice line, struct buf *out)
{
	struct slice rest;
	enum proto_verb verb = proto_verb(line, &rest);
	int outcome;

	if (c->kind == COMMAND_FRESH && verb == PROTO_UNKNOWN) {
		c->over = true;
		return;
	}
	if (c->kind == COMMAND_FRESH)
		c->kind = COMMAND_PLAIN;
	if (verb == PROTO_UNKNOWN)
		outcome = command_refuse(
		    c, out, "unknown-verb", "no such request");
	else
		outcome = run(c, &commands[verb], rest, out);
	if (outcome < 0)
		c->over = true;
}
