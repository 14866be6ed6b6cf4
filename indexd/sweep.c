#include "sweep.h"

#include <endian.h>
#include <string.h>

/* Bytes that are looked at together. */
#define BLOCK 64

/*
 * What to look for: two bytes of a word, so far apart, in either case. Names
 * with bytes that are not ASCII are looked at whatever they hold, since what
 * they fold to does not show.
 */
struct bait {
	uint8_t first;
	uint8_t second;
	size_t apart;
	size_t before; /* the first, in the word */
};

static bool
is_ascii(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if ((uint8_t)word.ptr[i] >= 0x80)
			return false;
	return true;
}

/* What no path holds stands for nothing to look for. */
static struct bait
choose_bait(const struct match_words *words)
{
	struct bait bait = {.first = 0, .second = 0};
	const struct match_word *w;
	size_t other, at;

	for (size_t i = 0; i < words->count; i++) {
		w = &words->list[i];
		if (!is_ascii(w->text))
			continue;
		other = w->rare > 0 ? 0 : w->text.len - 1;
		at = w->rare < other ? w->rare : other;
		bait.before = at;
		bait.apart = w->rare + other - 2 * at;
		bait.first = (uint8_t)w->text.ptr[at];
		bait.second = (uint8_t)w->text.ptr[at + bait.apart];
		break;
	}
	return bait;
}

/* Whether the bait or a byte that is not ASCII is at a place. */
static inline uint8_t
bites(const struct bait *bait, const uint8_t *at)
{
	return (uint8_t)(((at[0] | 0x20) == bait->first) &
		   ((at[bait->apart] | 0x20) == bait->second)) |
	    (uint8_t)(at[0] >> 7);
}

/* Whether there is a bite among places; so short that it becomes vectors. */
static bool
bites_in(const struct bait *bait, const uint8_t *at)
{
	uint8_t any = 0;

	for (int i = 0; i < BLOCK; i++)
		any |= bites(bait, at + i);
	return any != 0;
}

/* The high bits of those of eight bytes that are this one. */
static inline uint64_t
bytes_like(uint64_t bytes, uint8_t one)
{
	const uint64_t ones = 0x0101010101010101, low = 0x7f * ones;
	uint64_t x = bytes ^ one * ones;

	return ~(((x & low) + low) | x | low);
}

/* The first bite among eight places, or 8. */
static size_t
first_bite(const struct bait *bait, const uint8_t *at)
{
	const uint64_t lower = 0x2020202020202020, high = 4 * lower;
	uint64_t one, other, bits;

	memcpy(&one, at, sizeof one);
	memcpy(&other, at + bait->apart, sizeof other);
	bits = bytes_like(one | lower, bait->first) &
	    bytes_like(other | lower, bait->second);
	bits = le64toh(bits | (one & high));
	return bits ? (size_t)__builtin_ctzll(bits) / 8 : 8;
}

/* The first bite from at on, or end. Looks no further than end. */
static const uint8_t *
next_bite(const struct bait *bait, const uint8_t *at, const uint8_t *end)
{
	size_t place = 8;

	while ((size_t)(end - at) > BLOCK + bait->apart && !bites_in(bait, at))
		at += BLOCK;
	while ((size_t)(end - at) > 8 + bait->apart && place == 8) {
		place = first_bite(bait, at);
		at += place;
	}
	if (place < 8)
		return at;
	for (; (size_t)(end - at) > bait->apart; at++)
		if (bites(bait, at))
			return at;
	for (; at < end; at++)
		if (*at >= 0x80)
			return at;
	return end;
}

/*
 * The last of the names from from up to end that begins at offset or before:
 * likely not far away.
 */
static uint32_t
name_with(const struct segment *s, uint32_t from, uint32_t end, uint64_t offset)
{
	uint32_t step = 1, middle;

	while (step < end - from && segment_offset(s, from + step) <= offset) {
		from += step;
		step *= 2;
	}
	if (step < end - from)
		end = from + step;
	while (end - from > 1) {
		middle = from + (end - from) / 2;
		if (segment_offset(s, middle) <= offset)
			from = middle;
		else
			end = middle;
	}
	return from;
}

/*
 * The best class of a name that begins at start and bites at at: without a word
 * that begins with the word sought, it is none of the better ones.
 */
static enum match_class
best_class(const struct bait *bait, const uint8_t *start, const uint8_t *at)
{
	size_t before = (size_t)(at - start);

	if (*at >= 0x80 || before <= bait->before)
		return MATCH_WORDS;
	return utf8_is_word(*(at - bait->before - 1)) ? MATCH_INSIDE
						      : MATCH_WORDS;
}

/* What is swept without a rest: so many bytes, so much work on what bites. */
#define SLICE_BYTES (256u * 1024)
#define SLICE_WORK 4096u

/* What it costs to sweep bytes, and to look at a bite. */
#define SWEEP_WORK(bytes) ((unsigned)((bytes) / 64) + 1)
#define BITE_WORK 2u

/* A part of a segment that is swept. */
struct part {
	struct bait bait;
	uint32_t from; /* the names before have been swept */
	uint32_t end;
};

/* Where a name begins. */
static const uint8_t *
start_of(const struct segment *seg, uint32_t name)
{
	return (const uint8_t *)seg->text.base + segment_offset(seg, name);
}

/* The end of the names that are swept next. */
static uint32_t
slice_end(const struct segment *seg, const struct part *p)
{
	uint64_t last = segment_offset(seg, p->from) + SLICE_BYTES;
	uint32_t end = name_with(seg, p->from, p->end, last);

	if (end + 1 == p->end && segment_offset(seg, p->end) <= last)
		return p->end;
	return end > p->from ? end : end + 1;
}

/*
 * Look at the name that bites at at, which is before to, and move at on. SEEK_ON
 * or SEEK_FAILED.
 */
static enum seek_end
look_at(
    struct seek *s, const struct bait *bait, uint32_t name, const uint8_t **at)
{
	const uint8_t *start = start_of(s->segment, name);
	enum match_class best = best_class(bait, start, *at);
	bool promises = seek_promises(s, name, best);

	s->work += BITE_WORK;
	if (!promises && best > MATCH_WORDS) {
		++*at;
		return SEEK_ON;
	}
	if (promises && seek_name(s, name, MATCH_NONE) == SEEK_FAILED)
		return SEEK_FAILED;
	*at = start_of(s->segment, name + 1);
	return SEEK_ON;
}

/* Sweep some names, one at least. */
static enum seek_end
sweep_slice(struct seek *s, struct part *p)
{
	const struct segment *seg = s->segment;
	uint32_t to = slice_end(seg, p), name = p->from;
	const uint8_t *start = start_of(seg, p->from), *at = start;
	const uint8_t *end = start_of(seg, to);
	unsigned most = s->work + SLICE_WORK;

	while ((at = next_bite(&p->bait, at, end)) < end) {
		name = name_with(
		    seg, name, to, (uint64_t)(at - start_of(seg, 0)));
		if (s->work > most && name > p->from) {
			to = name;
			end = at;
			break;
		}
		if (look_at(s, &p->bait, name, &at) != SEEK_ON)
			return SEEK_FAILED;
	}
	p->from = to;
	return seek_rest(s, SWEEP_WORK(end - start));
}

enum seek_end
sweep_names(struct seek *s, uint32_t from, uint32_t end)
{
	struct part p = {choose_bait(&s->match->words), from, end};
	enum seek_end result = SEEK_ON;

	while (p.from < p.end && result == SEEK_ON)
		result = sweep_slice(s, &p);
	return result;
}
