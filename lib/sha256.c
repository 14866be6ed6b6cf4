#include "sha256.h"

#include <stdatomic.h>
#include <string.h>

#include "sha256_blocks.h"

#define BLOCK SHA256_BLOCK
#define LENGTH_AT (BLOCK - 8)

static inline void
store32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/*
 * The fastest way to work blocks in. What the processor can is asked once: in
 * a virtual machine the answer takes longer than a short digest.
 */
static sha256_blocks_fn *
fastest(void)
{
	static _Atomic(sha256_blocks_fn *) known;
	sha256_blocks_fn *blocks = atomic_load(&known);

	if (blocks)
		return blocks;
	blocks = sha256_blocks_native();
	if (!blocks)
		blocks = sha256_blocks_portable;
	atomic_store(&known, blocks);
	return blocks;
}

void
sha256_init(struct sha256 *h)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	    0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	memcpy(h->state, start, sizeof h->state);
	h->bytes = 0;
	h->blocks = fastest();
}

/* Complete the block begun, as far as n bytes do. Returns how many it took. */
static size_t
fill_block(struct sha256 *h, const uint8_t *p, size_t n)
{
	size_t held = h->bytes % BLOCK;

	if (n > BLOCK - held)
		n = BLOCK - held;
	memcpy(h->block + held, p, n);
	h->bytes += n;
	if (held + n == BLOCK)
		h->blocks(h->state, h->block, 1);
	return n;
}

void
sha256_add(struct sha256 *h, const void *data, size_t n)
{
	const uint8_t *p = data;
	size_t taken;

	if (n == 0)
		return;
	if (h->bytes % BLOCK > 0) {
		taken = fill_block(h, p, n);
		p += taken;
		n -= taken;
	}
	if (n >= BLOCK) {
		h->blocks(h->state, p, n / BLOCK);
		taken = n - n % BLOCK;
		h->bytes += taken;
		p += taken;
		n -= taken;
	}
	if (n > 0)
		fill_block(h, p, n);
}

void
sha256_end(struct sha256 *h, struct digest *d)
{
	size_t held = h->bytes % BLOCK;
	uint64_t bits = h->bytes * 8;

	h->block[held++] = 0x80;
	if (held > LENGTH_AT) {
		memset(h->block + held, 0, BLOCK - held);
		h->blocks(h->state, h->block, 1);
		held = 0;
	}
	memset(h->block + held, 0, LENGTH_AT - held);
	store32(h->block + LENGTH_AT, (uint32_t)(bits >> 32));
	store32(h->block + LENGTH_AT + 4, (uint32_t)bits);
	h->blocks(h->state, h->block, 1);
	for (int i = 0; i < 8; i++)
		store32(d->bytes + 4 * i, h->state[i]);
	d->known = true;
}
