#ifndef NAP_PROTO_H
#define NAP_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"
#include "slice.h"

/*
 * The index's line protocol (naputils(7), THE INDEX), both directions: requests
 * and answers to structs and back. Parsers take a line without its terminator
 * and return 0, or -1 with EINVAL (ERANGE: a port out of range); slices point
 * into the line. Writers append a whole line, LF included, and return as
 * buf_add. Neither looks into paths: path_valid does.
 */

/* A size or a time that nobody told: "-". */
#define PROTO_NO_SIZE UINT64_MAX
#define PROTO_NO_TIME INT64_MIN

#define PROTO_FIND_ROWS 10000
#define PROTO_FIND_NOTS 32

enum proto_verb {
	PROTO_UNKNOWN,
	PROTO_ADD,
	PROTO_DEL,
	PROTO_DONE,
	PROTO_FILE,
	PROTO_FIND,
	PROTO_HASH,
	PROTO_HELLO,
	PROTO_LOAD,
	PROTO_PING,
	PROTO_PONG,
	PROTO_SEARCH,
	PROTO_STAT,
	PROTO_SYNC
};

/* The verb that begins line; rest is all that follows the blank after it. */
enum proto_verb proto_verb(struct slice line, struct slice *rest);

/* A line of a verb, with the blank and rest when rest is not empty. */
int proto_put(struct buf *out, enum proto_verb verb, struct slice rest);

struct proto_hello {
	uint16_t port; /* 0: cannot be connected to */
	bool v2; /* nap/2 was asked for */
	struct slice host; /* host=, or empty */
};

/* Sets v2 even when it fails, as far as the line tells. */
int proto_hello_parse(struct slice rest, struct proto_hello *hello);
int proto_hello_put(struct buf *out, const struct proto_hello *hello);

struct proto_add {
	uint64_t size;
	int64_t mtime;
	struct digest digest;
	struct slice path;
};

int proto_add_parse(struct slice rest, struct proto_add *add);
int proto_add_put(struct buf *out, const struct proto_add *add);

struct proto_load {
	uint32_t busy;
	uint32_t slots;
};

int proto_load_parse(struct slice rest, struct proto_load *load);
int proto_load_put(struct buf *out, const struct proto_load *load);

struct proto_find {
	size_t limit;
	uint64_t over; /* 0: any size */
	uint64_t under; /* UINT64_MAX: any size */
	struct slice ext; /* separated by commas; empty: any */
	struct slice not_words[PROTO_FIND_NOTS];
	size_t not_count;
	struct slice words; /* as given, blanks included */
};

/* A limit past PROTO_FIND_ROWS, or none, is PROTO_FIND_ROWS. */
int proto_find_parse(struct slice rest, struct proto_find *find);
int proto_find_put(struct buf *out, const struct proto_find *find);

/* One hit of FIND or HASH. */
struct proto_row {
	struct slice locator;
	uint64_t size;
	int64_t mtime;
	struct digest digest;
	unsigned rank; /* <class>, 0 when unknown */
};

int proto_row_parse(struct slice line, struct proto_row *row);
int proto_row_put(struct buf *out, const struct proto_row *row);

/* "END <rows> <matches>", of which SEARCH's and STAT's has neither. */
struct proto_end {
	bool counted;
	uint64_t rows;
	uint64_t matches;
	bool more; /* matches is a lower bound: "N+" */
};

int proto_end_parse(struct slice line, struct proto_end *end);
int proto_end_put(struct buf *out, const struct proto_end *end);

/* "OK <files> <refused>", the answer to SYNC. */
struct proto_synced {
	uint64_t files;
	uint64_t refused;
};

int proto_synced_parse(struct slice line, struct proto_synced *synced);
int proto_synced_put(struct buf *out, const struct proto_synced *synced);

/*
 * If line is "OK <text>" (or "ERR <text>"), point text at what follows and
 * return true.
 */
bool proto_is_ok(struct slice line, struct slice *text);
bool proto_is_err(struct slice line, struct slice *text);

/* "ERR <code> <text>"; text holds no colon. */
int proto_err_put(struct buf *out, const char *code, const char *text);

#endif
