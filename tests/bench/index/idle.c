/*
 * idle - peers that register little, and then say nothing.
 *
 *	idle PORT PEERS FILES
 *
 * PEERS 0: as many as descriptors allow, here and, alike, at the index, but for
 * a few. Prints "idle: ready PEERS" once all of them have registered FILES
 * names each, and stays until standard input ends.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "peers.h"
#include "tests/bench/dial.h"
#include "tests/bench/number.h"

#define KEPT 200

/* Random names, which are nobody else's when the others have another order. */
static struct peers *
register_all(uint16_t port, size_t count, uint64_t files)
{
	struct peers *peers = peers_new(WIRE_NAP2, port, count);
	struct payload *payloads = calloc(count, sizeof *payloads);

	if (!payloads)
		err(1, NULL);
	for (size_t n = 0; n < count; n++) {
		struct range part = range_part(
		    SONG_RANDOM, count * files, n, count);

		payloads[n] = payload_make(WIRE_NAP2, &part, peers_port(n));
		peers_give(peers, n, &payloads[n]);
		peers_join(peers, n);
	}
	peers_register(peers, 0);
	for (size_t n = 0; n < count; n++)
		bytes_free(&payloads[n].bytes);
	free(payloads);
	return peers;
}

int
main(int argc, char *argv[])
{
	uint64_t port, count, files;
	size_t descriptors = dial_raise_descriptors();
	struct peers *peers;

	if (argc != 4 || number_parse(argv[1], 1, 65535, &port) < 0 ||
	    number_parse(argv[2], 0, 1000000, &count) < 0 ||
	    number_parse(argv[3], 0, 1000000, &files) < 0)
		errx(2, "usage: idle PORT PEERS FILES");
	if (count == 0)
		count = descriptors > KEPT ? descriptors - KEPT : 1;
	peers = register_all((uint16_t)port, count, files);
	printf("idle: ready %llu\n", (unsigned long long)count);
	fflush(stdout);
	peers_stay(peers);
	peers_free(peers);
	return 0;
}
