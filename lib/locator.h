#ifndef NAP_LOCATOR_H
#define NAP_LOCATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "digest.h"
#include "slice.h"

#define LOCATOR_HOST_BYTES 256
#define LOCATOR_PATH_BYTES 4096

/* Where something listens: a name or a numeric address, unbracketed, or "*". */
struct locator_host {
	char name[LOCATOR_HOST_BYTES];
	uint16_t port;
};

/*
 * "host", "host:port", "[v6]", "[v6]:port" or a bare v6 address; without a
 * port, default_port (0: a port is required). A port is 1 to 65535, or 0 too
 * when zero_port. 0, or -1 with EINVAL (form) or ERANGE (port).
 */
int locator_host_parse(struct slice text, uint16_t default_port, bool zero_port,
    struct locator_host *host);

/* Append "host:port", an IPv6 address in brackets. 0, or -1 as buf_add. */
int locator_host_add(struct buf *out, const struct locator_host *host);

/* naputils(7), Locators: host:port/path, perhaps #sha256=<64 hex>. */
struct locator {
	struct locator_host host;
	char path[LOCATOR_PATH_BYTES];
	size_t path_len; /* decoded; not checked by path_valid */
	struct digest digest;
};

/*
 * Take a locator apart; a leading http:// is accepted, and without a port it is
 * 9000, or 80 behind http://. 0, or -1 with EINVAL and *why pointing at a
 * constant text that says what is wrong; *l is then undefined.
 */
int locator_parse(struct slice text, struct locator *l, const char **why);

/*
 * Append the locator, the digest only if with_digest and it is known. 0, or -1
 * as buf_add with nothing appended.
 */
int locator_add(struct buf *out, const struct locator *l, bool with_digest);

/*
 * Percent-encode (RFC 3986 §2): unreserved characters and '/' stay, every other
 * byte becomes %XX. 0, or -1 as buf_add with nothing appended.
 */
int locator_encode(struct buf *out, struct slice raw);

/*
 * Percent-decode into out, of size bytes. Returns the length, or -1 with EINVAL
 * (bad escape) or EMSGSIZE.
 */
ssize_t locator_decode(struct slice encoded, char *out, size_t size);

/* Whether both are of one file of one peer. Digests do not count. */
bool locator_same_file(const struct locator *a, const struct locator *b);

#endif
