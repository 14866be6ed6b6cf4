#ifndef NAP_SHA256_H
#define NAP_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "digest.h"

/* SHA-256, FIPS 180-4. The fields are sha256.c's. */
struct sha256 {
	void (*blocks)(uint32_t state[8], const uint8_t *p, size_t n);
	uint32_t state[8];
	uint64_t bytes;
	uint8_t block[64];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t n);

/* The digest of all that was added; h must be initialised again afterwards. */
void sha256_end(struct sha256 *h, struct digest *d);

#endif
