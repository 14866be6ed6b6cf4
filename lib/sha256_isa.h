#ifndef NAP_SHA256_ISA_H
#define NAP_SHA256_ISA_H

/*
 * The instructions for SHA-256 of the processor that is compiled for; whether
 * it has them is known when the program runs.
 */

#include <stdbool.h>

#include "sha256_blocks.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define ISA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

static inline bool
isa_has_sha256(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) ||
	    !(c & bit_SSE4_1))
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/* A state as the instructions want it: words A, B, E, F and C, D, G, H. */
struct isa_state {
	__m128i abef;
	__m128i cdgh;
};

ISA_TARGET static inline struct isa_state
isa_load(const uint32_t state[8])
{
	__m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)state);
	__m128i hgfe = _mm_loadu_si128(
	    (const __m128i *)(const void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);

	return (struct isa_state){
	    _mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

ISA_TARGET static inline void
isa_store(uint32_t state[8], struct isa_state s)
{
	__m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);

	_mm_storeu_si128(
	    (__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128(
	    (__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Rounds i to i + 3, w being their part of the schedule. */
ISA_TARGET static inline void
isa_rounds(struct isa_state *s, __m128i w, unsigned i)
{
	__m128i kw = _mm_add_epi32(
	    w, _mm_loadu_si128((const __m128i *)(const void *)(sha256_k + i)));

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, kw);
	kw = _mm_shuffle_epi32(kw, 0x0e);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, kw);
}

/* The part of the schedule that follows four. */
ISA_TARGET static inline __m128i
isa_schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
	__m128i sum = _mm_add_epi32(
	    _mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));

	return _mm_sha256msg2_epu32(sum, w3);
}

ISA_TARGET static inline __m128i
isa_word(const uint8_t *p)
{
	const __m128i order = _mm_set_epi64x(
	    0x0c0d0e0f08090a0b, 0x0405060700010203);

	return _mm_shuffle_epi8(
	    _mm_loadu_si128((const __m128i *)(const void *)p), order);
}

ISA_TARGET static inline void
isa_blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
	struct isa_state s = isa_load(state), before;
	__m128i w0, w1, w2, w3;

	for (; n > 0; n--, p += SHA256_BLOCK) {
		before = s;
		isa_rounds(&s, w0 = isa_word(p), 0);
		isa_rounds(&s, w1 = isa_word(p + 16), 4);
		isa_rounds(&s, w2 = isa_word(p + 32), 8);
		isa_rounds(&s, w3 = isa_word(p + 48), 12);
		for (unsigned i = 16; i < 64; i += 16) {
			isa_rounds(&s, w0 = isa_schedule(w0, w1, w2, w3), i);
			isa_rounds(
			    &s, w1 = isa_schedule(w1, w2, w3, w0), i + 4);
			isa_rounds(
			    &s, w2 = isa_schedule(w2, w3, w0, w1), i + 8);
			isa_rounds(
			    &s, w3 = isa_schedule(w3, w0, w1, w2), i + 12);
		}
		s.abef = _mm_add_epi32(s.abef, before.abef);
		s.cdgh = _mm_add_epi32(s.cdgh, before.cdgh);
	}
	isa_store(state, s);
}

/* Older clangs know the instructions only where all that they compile may. */
#elif defined(__aarch64__) && defined(__AARCH64EL__) && \
    (!defined(__clang__) || __clang_major__ >= 16 ||    \
	defined(__ARM_FEATURE_SHA2))

#include <arm_neon.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#ifdef __clang__
#define ISA_TARGET __attribute__((target("sha2")))
#else
#define ISA_TARGET __attribute__((target("+crypto")))
#endif

static inline bool
isa_has_sha256(void)
{
	return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0;
}

/* Rounds i to i + 3, w being their part of the schedule. */
ISA_TARGET static inline void
isa_rounds(uint32x4_t *abcd, uint32x4_t *efgh, uint32x4_t w, unsigned i)
{
	uint32x4_t kw = vaddq_u32(w, vld1q_u32(sha256_k + i)), old = *abcd;

	*abcd = vsha256hq_u32(*abcd, *efgh, kw);
	*efgh = vsha256h2q_u32(*efgh, old, kw);
}

/* The part of the schedule that follows four. */
ISA_TARGET static inline uint32x4_t
isa_schedule(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3)
{
	return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
}

ISA_TARGET static inline uint32x4_t
isa_word(const uint8_t *p)
{
	return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(p)));
}

ISA_TARGET static inline void
isa_blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
	uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
	uint32x4_t first, last, w[4];

	for (; n > 0; n--, p += SHA256_BLOCK) {
		first = abcd;
		last = efgh;
		for (unsigned i = 0; i < 4; i++) {
			w[i] = isa_word(p + 16 * i);
			isa_rounds(&abcd, &efgh, w[i], 4 * i);
		}
		for (unsigned i = 4; i < 16; i++) {
			w[i % 4] = isa_schedule(w[i % 4], w[(i + 1) % 4],
			    w[(i + 2) % 4], w[(i + 3) % 4]);
			isa_rounds(&abcd, &efgh, w[i % 4], 4 * i);
		}
		abcd = vaddq_u32(abcd, first);
		efgh = vaddq_u32(efgh, last);
	}
	vst1q_u32(state, abcd);
	vst1q_u32(state + 4, efgh);
}

#else

static inline bool
isa_has_sha256(void)
{
	return false;
}

static inline void
isa_blocks(uint32_t state[8], const uint8_t *p, size_t n)
{
	sha256_blocks_portable(state, p, n);
}

#endif

#endif
