#ifndef NAP_HASH_H
#define NAP_HASH_H

#include <stddef.h>
#include <stdint.h>

/* A secret that makes collisions unforeseeable. */
struct hash_key {
	uint64_t word[2];
};

/* A fresh key from the kernel. 0, or -1 with errno. */
int hash_key_new(struct hash_key *key);

/* SipHash-1-3 of len bytes. */
uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t len);

#endif
