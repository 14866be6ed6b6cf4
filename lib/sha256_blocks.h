#ifndef NAP_SHA256_BLOCKS_H
#define NAP_SHA256_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BLOCK 64

/* The constants of FIPS 180-4 §4.2.2. */
extern const uint32_t sha256_k[64];

/* Work n whole blocks at p into the state (FIPS 180-4 §6.2.2). */
typedef void sha256_blocks_fn(uint32_t state[8], const uint8_t *p, size_t n);

sha256_blocks_fn sha256_blocks_portable;

/* The one that uses instructions made for it, or NULL: there are none here. */
sha256_blocks_fn *sha256_blocks_native(void);

#endif
