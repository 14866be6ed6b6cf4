#include "sha256_blocks.h"

const uint32_t sha256_k[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138,
    0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
    0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f,
    0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t
load32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t
rotate(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

/* The functions of FIPS 180-4 §4.1.2. */
static inline uint32_t
choose(uint32_t x, uint32_t y, uint32_t z)
{
	return z ^ (x & (y ^ z));
}

static inline uint32_t
majority(uint32_t x, uint32_t y, uint32_t z)
{
	return (x & y) + (z & (x ^ y));
}

/* rotate(x, 2) ^ rotate(x, 13) ^ rotate(x, 22), with fewer registers. */
static inline uint32_t
sum0(uint32_t x)
{
	return rotate(x ^ rotate(x ^ rotate(x, 9), 11), 2);
}

/* rotate(x, 6) ^ rotate(x, 11) ^ rotate(x, 25), likewise. */
static inline uint32_t
sum1(uint32_t x)
{
	return rotate(x ^ rotate(x ^ rotate(x, 14), 5), 6);
}

static inline uint32_t
sigma0(uint32_t x)
{
	return rotate(x, 7) ^ rotate(x, 18) ^ x >> 3;
}

static inline uint32_t
sigma1(uint32_t x)
{
	return rotate(x, 17) ^ rotate(x, 19) ^ x >> 10;
}

/* The word of the schedule that takes the place of w[i], 16 rounds later. */
static inline uint32_t
scheduled(const uint32_t w[16], unsigned i)
{
	return w[i] + sigma0(w[(i + 1) & 15]) + w[(i + 9) & 15] +
	    sigma1(w[(i + 14) & 15]);
}

/*
 * One round. The eight variables change roles instead of values, so that all
 * of them stay in registers: hence macros, and rounds written out.
 */
#define ROUND(a, b, c, d, e, f, g, h, kw)                          \
	do {                                                       \
		uint32_t t = h + sum1(e) + choose(e, f, g) + (kw); \
		d += t;                                            \
		h = t + sum0(a) + majority(a, b, c);               \
	} while (0)

#define EIGHT_ROUNDS(KW, i)                               \
	do {                                              \
		ROUND(a, b, c, d, e, f, g, h, KW(i));     \
		ROUND(h, a, b, c, d, e, f, g, KW(i + 1)); \
		ROUND(g, h, a, b, c, d, e, f, KW(i + 2)); \
		ROUND(f, g, h, a, b, c, d, e, KW(i + 3)); \
		ROUND(e, f, g, h, a, b, c, d, KW(i + 4)); \
		ROUND(d, e, f, g, h, a, b, c, KW(i + 5)); \
		ROUND(c, d, e, f, g, h, a, b, KW(i + 6)); \
		ROUND(b, c, d, e, f, g, h, a, KW(i + 7)); \
	} while (0)

#define FROM_DATA(i) sha256_k[i] + (w[i] = load32(p + 4 * (i)))
#define FROM_SCHEDULE(i) sha256_k[round + (i)] + (w[i] = scheduled(w, i))

void
sha256_blocks_portable(uint32_t state[8], const uint8_t *p, size_t n)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[16];

	for (; n > 0; n--, p += SHA256_BLOCK) {
		EIGHT_ROUNDS(FROM_DATA, 0);
		EIGHT_ROUNDS(FROM_DATA, 8);
		for (unsigned round = 16; round < 64; round += 16) {
			EIGHT_ROUNDS(FROM_SCHEDULE, 0);
			EIGHT_ROUNDS(FROM_SCHEDULE, 8);
		}
		a = state[0] += a;
		b = state[1] += b;
		c = state[2] += c;
		d = state[3] += d;
		e = state[4] += e;
		f = state[5] += f;
		g = state[6] += g;
		h = state[7] += h;
	}
}
