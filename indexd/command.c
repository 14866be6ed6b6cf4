#include "command_verbs.h"

#include <stdlib.h>

#include "index.h"
#include "lib/crowd.h"
#include "lib/locator.h"
#include "lib/log.h"
#include "lib/path.h"
#include "limits.h"

/* A locator with every byte of its path escaped. */
#define LOCATOR_BYTES (3 * PATH_MAX_BYTES + ADDR_TEXT)

struct command_scratch *
command_scratch_new(void)
{
	struct command_scratch *scratch = calloc(1, sizeof *scratch);

	if (!scratch)
		return NULL;
	buf_init(&scratch->locator, LOCATOR_BYTES);
	scratch->unsent = LIMITS_UNSENT_BYTES;
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

void
command_grumble(struct command_client *c, const char *what)
{
	char address[ADDR_TEXT];
	uint64_t untold;

	if (c->grumbled)
		return;
	c->grumbled = true;
	if (!grumbles_take(&c->index->grumbles, c->now, &untold))
		return;
	if (untold > 0)
		log_info("lines of %llu more clients were ignored",
		    (unsigned long long)untold);
	log_info("%s: a line was ignored: %s", addr_text(&c->address, address),
	    what);
}

int
command_refuse(struct command_client *c, struct buf *out, const char *code,
    const char *text)
{
	if (c->kind != COMMAND_SEED)
		return proto_err_put(out, code, text);
	command_grumble(c, text);
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
run_stat(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_stats stats;

	(void)rest;
	store_stat(c->index->store, &stats);
	if (buf_printf(out,
		"uptime %lld\nconnections %llu\npeers %llu\nunreachable %llu\n"
		"names %llu\nlistings %llu\nmemory %llu\npending %llu\n",
		(long long)(c->now - c->index->started) / 1000,
		(unsigned long long)crowd_count(c->index->crowd),
		(unsigned long long)stats.peers,
		(unsigned long long)stats.unreachable,
		(unsigned long long)stats.names,
		(unsigned long long)stats.listings,
		(unsigned long long)stats.bytes,
		(unsigned long long)stats.pending) < 0)
		return -1;
	return proto_end_put(out, &(struct proto_end){.counted = false});
}

void
command_pay(struct command_client *c, enum rates_kind kind, uint64_t count)
{
	int64_t wait;

	if (c->spared)
		return;
	wait = rates_take(c->index->rates, &c->address, kind, count, c->now);
	if (wait > 0 && c->resume_at < c->now + wait)
		c->resume_at = c->now + wait;
}

void
command_took(struct command_client *c, int64_t us)
{
	uint64_t count = us > 0 ? (uint64_t)us : 0;

	rates_take(c->index->rates, &c->address, RATES_TURN, count, c->now);
	if (c->tired && count > LIMITS_FIND_US)
		command_pay(c, RATES_FIND, count / LIMITS_FIND_US);
}

/* What of its address's rates a verb uses up. */
enum price { FREE, SEARCHES, REGISTERS };

/* What a verb is and asks for; columns, so that no handler repeats them. */
static const struct command {
	int (*run)(struct command_client *, struct slice rest, struct buf *);
	bool needs_hello;
	bool mute; /* never answers: SYNC reports what was refused */
	bool seed; /* means something on a seed connection */
	bool batched; /* leaves its changes in the batch */
	enum price price;
} commands[] = {
    /*                run          hello  mute   seed   batched  price */
    [PROTO_ADD] = {command_add, true, true, false, true, REGISTERS},
    [PROTO_DEL] = {command_del, true, true, false, true, REGISTERS},
    [PROTO_DONE] = {run_nothing, true, true, true, true, REGISTERS},
    [PROTO_FILE] = {command_file, true, true, true, true, REGISTERS},
    [PROTO_FIND] = {command_find, false, false, false, false, SEARCHES},
    [PROTO_HASH] = {command_hash, false, false, false, false, SEARCHES},
    [PROTO_HELLO] = {command_hello, false, false, true, false, REGISTERS},
    [PROTO_LOAD] = {command_load, true, true, false, false, REGISTERS},
    [PROTO_PING] = {run_ping, false, false, false, false, FREE},
    [PROTO_PONG] = {run_nothing, false, true, false, false, FREE},
    [PROTO_SEARCH] = {command_search, false, false, true, false, SEARCHES},
    [PROTO_STAT] = {run_stat, false, false, false, false, FREE},
    [PROTO_SYNC] = {command_sync, true, false, false, false, FREE},
};

/* One line whose verb is known. 0, or -1 when out took no answer. */
static int
run(struct command_client *c, const struct command *command, struct slice rest,
    struct buf *out)
{
	if (c->kind == COMMAND_SEED && !command->seed)
		return command_refuse(
		    c, out, "denied", "not a request of the seed");
	if (command->price == REGISTERS && ++c->unpaid >= COMMAND_BATCH)
		command_flush(c);
	if (command->needs_hello && !c->peer)
		return command->mute
		    ? command_refuse_silently(c)
		    : command_refuse(c, out, "need-hello", "say HELLO first");
	if (!command->batched)
		command_flush(c);
	/* What is carried out again was paid for. */
	if (command->price == SEARCHES && c->haste == STORE_NOW)
		command_pay(c, RATES_FIND, 1);
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
