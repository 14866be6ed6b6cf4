#include "posting.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

/*
 * After its count, a varint, a list has low_bits bits of each number without
 * padding, then, from the next bit on, a one for each number, which comes after
 * as many zeros as its high part exceeds the one before. A bitmap has a one for
 * each number and a zero for each other instead.
 */

/*
 * A list that has more than this share of its universe is a bitmap: larger than
 * it might be, but marked at once, and such lists are few and often asked for.
 */
#define BITMAP_SHARE 10

/* A walk over the unary gaps, 64 bits at a time. */
struct walk {
	const uint8_t *at; /* where word stands */
	uint64_t word; /* its ones that were not met yet */
	int64_t zeros; /* in front of it, less its ones that were met */
	uint32_t next; /* which number its lowest one stands for */
};

static inline unsigned
bit_length(uint32_t n)
{
	return 32 - (unsigned)__builtin_clz(n);
}

/* log2(universe / count) without dividing, or 0 for a bitmap. */
static inline unsigned
low_bits(uint32_t count, uint32_t universe)
{
	unsigned bits;

	if (count == 0 || count > universe / BITMAP_SHARE)
		return 0;
	bits = bit_length(universe) - bit_length(count);
	return bits - ((uint64_t)count << bits > universe);
}

static size_t
varint_size(uint32_t n)
{
	size_t size = 1;

	while (n >>= 7)
		size++;
	return size;
}

static uint8_t *
varint_write(uint8_t *out, uint32_t n)
{
	for (; n >= 0x80; n >>= 7)
		*out++ = (uint8_t)(n | 0x80);
	*out++ = (uint8_t)n;
	return out;
}

static inline const uint8_t *
varint_read(const uint8_t *in, uint32_t *n)
{
	*n = *in & 0x7f;
	for (unsigned shift = 7; *in++ & 0x80; shift += 7)
		*n |= (uint32_t)(*in & 0x7f) << shift;
	return in;
}

/* What follows the varint. */
static size_t
body_size(uint32_t count, uint32_t universe)
{
	unsigned low = low_bits(count, universe);
	uint64_t bits = universe;

	if (count == 0)
		return 0;
	if (low > 0)
		bits = (uint64_t)count * (low + 1) + ((universe - 1) >> low);
	return (size_t)((bits + 7) / 8);
}

size_t
posting_size(uint32_t count, uint32_t universe)
{
	return varint_size(count) + body_size(count, universe);
}

static inline void
store_half(uint8_t *out, uint64_t bits)
{
	uint32_t half = htole32((uint32_t)bits);

	memcpy(out, &half, sizeof half);
}

/* The low parts; whole bytes and then the bits of the last. */
static void
write_low(uint8_t *out, const uint32_t *list, uint32_t count, unsigned low)
{
	uint32_t mask = ((uint32_t)1 << low) - 1;
	uint64_t bits = 0;
	unsigned held = 0;

	for (uint32_t i = 0; i < count; i++) {
		bits |= (uint64_t)(list[i] & mask) << held;
		held += low;
		if (held >= 32) {
			store_half(out, bits);
			out += 4;
			bits >>= 32;
			held -= 32;
		}
	}
	for (; held >= 8; held -= 8, bits >>= 8)
		*out++ = (uint8_t)bits;
	if (held > 0)
		*out = (uint8_t)bits;
}

static inline void
write_one(uint8_t *out, uint64_t bit)
{
	out[bit / 8] |= (uint8_t)(1 << bit % 8);
}

size_t
posting_write(
    uint8_t *out, const uint32_t *list, uint32_t count, uint32_t universe)
{
	unsigned low = low_bits(count, universe);
	uint64_t high = (uint64_t)count * low;
	size_t body = body_size(count, universe);
	uint8_t *at = varint_write(out, count);

	memset(at, 0, body);
	if (low > 0)
		write_low(at, list, count, low);
	for (uint32_t i = 0; i < count; i++)
		write_one(at, high + (list[i] >> low) + (low > 0 ? i : 0));
	return (size_t)(at - out) + body;
}

struct posting
posting_read(const uint8_t *in, uint32_t universe)
{
	uint32_t count;
	const uint8_t *low = varint_read(in, &count);
	unsigned bits = low_bits(count, universe);

	return (struct posting){.low = low,
	    .high = low + (size_t)((uint64_t)count * bits / 8),
	    .count = count,
	    .universe = universe,
	    .low_bits = bits};
}

static inline uint64_t
load(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/* The low part that begins at a bit of at. */
static inline uint32_t
load_low(const uint8_t *at, uint64_t bit, uint32_t mask)
{
	return (uint32_t)(load(at + bit / 8) >> bit % 8) & mask;
}

static inline struct walk
walk_begin(const struct posting *p)
{
	unsigned lows = (unsigned)((uint64_t)p->count * p->low_bits % 8);

	return (struct walk){.at = p->high,
	    .word = load(p->high) >> lows << lows,
	    .zeros = -(int64_t)lows};
}

static inline void
walk_word(struct walk *k)
{
	k->at += sizeof k->word;
	k->word = load(k->at);
	k->zeros += 64;
}

/* Leave out words whose numbers all have high parts below high. */
static void
walk_skip(struct walk *k, const struct posting *p, uint32_t high)
{
	uint32_t ones;

	for (;;) {
		ones = (uint32_t)__builtin_popcountll(k->word);
		if (k->zeros + 64 - ones >= high || ones >= p->count - k->next)
			return;
		k->next += ones;
		k->zeros -= ones;
		walk_word(k);
	}
}

/* The number that the lowest one of the word stands for. */
static inline uint32_t
walk_take(struct walk *k, const struct posting *p)
{
	uint64_t bit = (uint64_t)k->next++ * p->low_bits;
	uint32_t mask = ((uint32_t)1 << p->low_bits) - 1;
	uint32_t high = (uint32_t)(k->zeros-- + __builtin_ctzll(k->word));

	k->word &= k->word - 1;
	return high << p->low_bits | load_low(p->low, bit, mask);
}

/* Whether all ones of the word stand for numbers that the window has. */
static inline bool
is_within(const struct walk *k, const struct posting *p, const struct window *w)
{
	int64_t step = (int64_t)1 << p->low_bits;

	return p->count - k->next >= 64 && k->zeros * step >= w->from &&
	    (k->zeros + 64) * step <= w->to;
}

/* Mark the numbers of a word that is within: what most of a search is. */
static inline void
mark_all(struct walk *k, const struct posting *p, struct window *w)
{
	uint64_t bit = (uint64_t)k->next * p->low_bits, word = k->word;
	uint64_t *bits = w->bits;
	uint32_t step = (uint32_t)1 << p->low_bits, mask = step - 1;
	uint32_t first = (uint32_t)k->zeros * step - w->from, base = first, n;

	for (; word; word &= word - 1) {
		n = base + (uint32_t)__builtin_ctzll(word) * step;
		n += load_low(p->low, bit, mask);
		bits[n / 64] |= (uint64_t)1 << n % 64;
		bit += p->low_bits;
		base -= step;
	}
	k->next += (first - base) >> p->low_bits;
	k->zeros -= (first - base) >> p->low_bits;
}

/* Mark those that the window has; false when none can follow. */
static inline bool
mark_some(struct walk *k, const struct posting *p, struct window *w)
{
	uint32_t size = w->to - w->from, n;

	while (k->word) {
		if (k->next == p->count)
			return false;
		n = walk_take(k, p);
		if (n - w->from < size)
			window_set(w, n);
		else if (n >= w->to)
			return false;
	}
	return k->next < p->count && (k->zeros + 64) << p->low_bits < w->to;
}

static void
mark_sparse(const struct posting *p, struct window *w)
{
	struct walk k = walk_begin(p);

	if (w->from >> p->low_bits >= 64)
		walk_skip(&k, p, w->from >> p->low_bits);
	for (;; walk_word(&k)) {
		if (is_within(&k, p, w))
			mark_all(&k, p, w);
		else if (!mark_some(&k, p, w))
			return;
	}
}

static void
mark_bitmap(const struct posting *p, struct window *w)
{
	uint32_t end = w->to < p->universe ? w->to : p->universe;
	const uint8_t *at;
	uint32_t size, i;

	if (end <= w->from)
		return;
	at = p->high + w->from / 8;
	size = end - w->from;
	for (i = 0; i < size / 64; i++)
		w->bits[i] |= load(at + (size_t)i * 8);
	if (size % 64 > 0)
		w->bits[i] |= load(at + (size_t)i * 8) &
		    (((uint64_t)1 << size % 64) - 1);
}

void
posting_mark(const struct posting *p, struct window *w)
{
	if (p->count == 0 || w->from == w->to)
		return;
	if (p->low_bits > 0)
		mark_sparse(p, w);
	else
		mark_bitmap(p, w);
}

static uint32_t
copy_sparse(const struct posting *p, uint32_t end, uint32_t *out, uint32_t room)
{
	struct walk k = walk_begin(p);
	uint32_t n;

	while (k.next < room) {
		if (!k.word) {
			walk_word(&k);
			continue;
		}
		n = walk_take(&k, p);
		if (n >= end)
			return k.next - 1;
		out[k.next - 1] = n;
	}
	return room;
}

static uint32_t
copy_bitmap(const struct posting *p, uint32_t end, uint32_t *out, uint32_t room)
{
	uint32_t copied = 0, first = 0, n;
	uint64_t word;

	for (; copied < room && first < end; first += 64) {
		word = load(p->high + first / 8);
		for (; word && copied < room; word &= word - 1) {
			n = first + (uint32_t)__builtin_ctzll(word);
			if (n >= end)
				return copied;
			out[copied++] = n;
		}
	}
	return copied;
}

uint32_t
posting_copy(
    const struct posting *p, uint32_t end, uint32_t *out, uint32_t room)
{
	if (room > p->count)
		room = p->count;
	return p->low_bits > 0 ? copy_sparse(p, end, out, room)
			       : copy_bitmap(p, end, out, room);
}

static uint32_t
sift_sparse(const struct posting *p, uint32_t *numbers, uint32_t count)
{
	struct walk k = walk_begin(p);
	uint32_t kept = 0, i = 0, n;

	while (i < count && k.next < p->count) {
		if (!k.word) {
			walk_word(&k);
			continue;
		}
		n = walk_take(&k, p);
		while (i < count && numbers[i] < n)
			i++;
		if (i < count && numbers[i] == n)
			numbers[kept++] = n;
	}
	return kept;
}

static uint32_t
sift_bitmap(const struct posting *p, uint32_t *numbers, uint32_t count)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++)
		if (p->high[numbers[i] / 8] >> numbers[i] % 8 & 1)
			numbers[kept++] = numbers[i];
	return kept;
}

uint32_t
posting_sift(const struct posting *p, uint32_t *numbers, uint32_t count)
{
	if (p->count == 0)
		return 0;
	return p->low_bits > 0 ? sift_sparse(p, numbers, count)
			       : sift_bitmap(p, numbers, count);
}
