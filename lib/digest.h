#ifndef NAP_DIGEST_H
#define NAP_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "slice.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX 64

/* The SHA-256 of a content, or that it is not known. */
struct digest {
	uint8_t bytes[DIGEST_BYTES];
	bool known;
};

/* 64 hexadecimal digits in lower case. 0, or -1 with EINVAL. */
int digest_parse(struct slice hex, struct digest *d);

/* Append the 64 digits, or "-" when unknown. 0, or -1 as buf_add. */
int digest_add(struct buf *out, const struct digest *d);

/* Both known and the same content. */
bool digest_eq(const struct digest *a, const struct digest *b);

#endif
