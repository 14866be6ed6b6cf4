#ifndef NAP_TESTS_HONEST_H
#define NAP_TESTS_HONEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sending.h"

/* How an honest server answers: what a request asks of its file. Zeroed. */
struct honest {
	uint64_t from;
	bool ranged; /* only the bytes from there on */
	bool stale; /* of another version */
};

/*
 * Take a line of the head into account: Range, of the form that goes on from a
 * byte, and If-Range. Whether it was one of those.
 */
bool honest_hear(struct honest *h, const char *line, size_t len);

/*
 * Send the answer to the socket fd: the file, whose validator is "v1", or what
 * is asked of it (RFC 9110 §14.2). As send_stretch.
 */
enum sent honest_answer(const struct honest *h, int fd, const char *path);

#endif
