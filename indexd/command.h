#ifndef NAP_COMMAND_H
#define NAP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/buf.h"
#include "lib/proto.h"
#include "lib/slice.h"
#include "rates.h"
#include "store.h"

struct index;

/* How a connection has presented itself so far. */
enum command_kind {
	COMMAND_FRESH, /* no line yet */
	COMMAND_PLAIN, /* asks without HELLO */
	COMMAND_SEED, /* HELLO <port>: it survives nothing but SEARCH answers */
	COMMAND_V2 /* HELLO <port> nap/2 */
};

#define COMMAND_BATCH 512
#define COMMAND_HITS_KEPT 1000

/*
 * Memory that one worker lends to each of its clients in turn: changes gathered
 * for one lock, hits, a locator being written.
 */
struct command_scratch {
	struct store_change batch[COMMAND_BATCH];
	size_t batched;
	size_t unsent; /* a client with so much of it is not read */
	struct store_hits hits;
	struct buf locator;
};

/* NULL with ENOMEM; command_scratch_free(NULL) is legal. */
struct command_scratch *command_scratch_new(void);
void command_scratch_free(struct command_scratch *scratch);

/* One client, as the verbs see it. */
struct command_client {
	struct index *index;
	struct command_scratch *scratch;
	struct store_peer *peer; /* NULL before HELLO */
	struct addr address; /* with the port it serves on, or 0 */
	struct addr via;
	uint64_t refused; /* lines since the last SYNC */
	uint64_t unpaid; /* lines that register, not told to rates yet */
	int64_t resume_at; /* before that it is not served */
	unsigned shard;
	enum command_kind kind;
	enum store_haste haste;
	bool over; /* close once the answers have left */
	bool tired; /* has had work enough for one turn: others come first */
	bool spared; /* it may be as fast as it likes */
	bool unanswered; /* a search takes too long for its haste */
	bool waits; /* until the store is less crowded */
	bool grumbled; /* of a bad line that has no answer */
	bool synced; /* a SYNC was answered */
	bool owes_note; /* NOTE unreachable, after the next answer to SYNC */
	int64_t now;
};

/*
 * Carry out one line. Answers, if any, are appended to out; the client is over
 * when they could not be. A search that is left unanswered is to be carried out
 * again, for a copy of the client that is in less of a haste.
 */
void command_run(struct command_client *c, struct slice line, struct buf *out);

/*
 * Hand the gathered changes to the store, and tell rates how many lines they
 * were. Their paths point into the input: to be called before that changes.
 */
void command_flush(struct command_client *c);

/*
 * Answer with an error, unless the client is a seed, which would not survive
 * it: then it is logged, once. 0, or -1 as buf_add.
 */
int command_refuse(struct command_client *c, struct buf *out, const char *code,
    const char *text);

/*
 * Whether others can connect to the peer. A peer of version 2 that they cannot
 * connect to is told so, but not before a SYNC was answered.
 */
void command_reached(struct command_client *c, bool reached, struct buf *out);

/* It has done so many of that kind, and perhaps has to wait for it. */
void command_pay(
    struct command_client *c, enum rates_kind kind, uint64_t count);

/*
 * Its turn has taken so many microseconds, which its address owes; searches
 * that took long count as several.
 */
void command_took(struct command_client *c, int64_t us);

/* The registration is gone from searches when this returns. */
void command_leave(struct command_client *c);

#endif
