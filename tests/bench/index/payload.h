#ifndef NAP_BENCH_PAYLOAD_H
#define NAP_BENCH_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "tests/bench/song.h"

/* How names are said. */
enum wire {
	WIRE_NAP2, /* ADD ..., and a SYNC; its HELLO went before */
	WIRE_SEED, /* HELLO, FILE ..., and a SEARCH of the last name */
	WIRE_REDIS /* SADD <name> <ip:port> ... */
};

/* 0, or -1 when there is no such wire: nap2, seed, redis. */
int wire_parse(const char *name, enum wire *wire);

/* Names of a collection. */
struct range {
	enum song_order order;
	uint64_t count; /* of the collection */
	uint64_t first;
	uint64_t names; /* from there on */
};

/* The n-th of so many nearly equal parts of a collection. */
struct range range_part(
    enum song_order order, uint64_t count, size_t n, size_t parts);

/* What one peer sends: all of it is made before the clock starts. */
struct payload {
	struct bytes bytes;
	uint64_t names;
};

/*
 * What a peer on this port of 127.0.0.1 says of at least one name. The caller
 * ends it with bytes_free.
 */
struct payload payload_make(
    enum wire wire, const struct range *r, unsigned port);

#endif
