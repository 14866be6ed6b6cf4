#include "command_verbs.h"

#include <errno.h>
#include <stdatomic.h>

#include "index.h"
#include "lib/path.h"
#include "limits.h"

int
command_refuse_silently(struct command_client *c)
{
	c->refused++;
	command_grumble(c, "it cannot be registered");
	return 0;
}

void
command_flush(struct command_client *c)
{
	struct command_scratch *scratch = c->scratch;

	if (c->unpaid > 0)
		command_pay(c, RATES_ADD, c->unpaid);
	c->unpaid = 0;
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
	if (!limits_trust(c->index->limits, &c->address) &&
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
	bool spared = limits_trust(limits, &c->address);
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

int
command_hello(struct command_client *c, struct slice rest, struct buf *out)
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

int
command_file(struct command_client *c, struct slice rest, struct buf *out)
{
	(void)out;
	if (!path_valid(rest))
		return command_refuse_silently(c);
	*next_change(c) = (struct store_change){
	    .add = true,
	    .path = rest,
	    .size = STORE_NO_SIZE,
	    .mtime = STORE_NO_TIME,
	};
	return 0;
}

int
command_add(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_change *change;
	struct proto_add add;

	(void)out;
	if (proto_add_parse(rest, &add) < 0 || !path_valid(add.path))
		return command_refuse_silently(c);
	change = next_change(c);
	change->add = true;
	change->path = add.path;
	change->size = add.size;
	change->mtime = add.mtime;
	change->digest = add.digest;
	return 0;
}

int
command_del(struct command_client *c, struct slice rest, struct buf *out)
{
	struct store_change *change;

	(void)out;
	if (!path_valid(rest))
		return command_refuse_silently(c);
	change = next_change(c);
	change->add = false;
	change->path = rest;
	return 0;
}

int
command_load(struct command_client *c, struct slice rest, struct buf *out)
{
	struct proto_load load;

	(void)out;
	if (proto_load_parse(rest, &load) < 0)
		return command_refuse_silently(c);
	store_set_load(c->peer, load.busy, load.slots);
	return 0;
}

static int
put_note(struct command_client *c, struct buf *out)
{
	int outcome = buf_add_str(out, "NOTE unreachable\n");

	c->owes_note = outcome < 0;
	return outcome;
}

int
command_sync(struct command_client *c, struct slice rest, struct buf *out)
{
	struct proto_synced synced;

	(void)rest;
	synced.files = store_files(c->peer);
	synced.refused = c->refused;
	c->refused = 0;
	c->synced = true;
	if (proto_synced_put(out, &synced) < 0)
		return -1;
	return c->owes_note ? put_note(c, out) : 0;
}

void
command_reached(struct command_client *c, bool reached, struct buf *out)
{
	if (!c->peer)
		return;
	store_set_reachable(c->peer, reached);
	c->owes_note = !reached && c->kind == COMMAND_V2;
	/* Were there no room for it now, it would be told later. */
	if (c->owes_note && c->synced)
		put_note(c, out);
}
