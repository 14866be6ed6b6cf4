#include "indexd/posting.h"

#include "tap.h"

#define MOST 3000
#define GUARD 0xa5

static const uint32_t universes[] = {1, 2, 3, 5, 63, 64, 65, 1000, 4096,
    1 << 20, (1 << 20) + 1, 2147483647, 2147483648};

/* A plain list, and the same as it is written, with slack behind it. */
struct sample {
	uint32_t list[MOST];
	uint32_t count;
	uint32_t universe;
	size_t size;
	size_t room;
	uint8_t *bytes;
	uint8_t *start; /* within bytes, often at an odd address */
	struct posting posting;
};

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 32) * below >> 32);
}

/* As often small as large. */
static uint32_t
draw_size(uint64_t *seed, uint32_t most)
{
	uint32_t size = most >> draw(seed, 32);

	return size > 0 ? 1 + draw(seed, size) : 1;
}

/* Runs of numbers, each run with gaps of another size. */
static void
fill(struct sample *s, uint64_t *seed, uint32_t universe)
{
	uint32_t most = draw_size(seed, MOST), gap = 1;
	uint64_t n = draw(seed, 2) ? 0 : draw(seed, universe);

	s->universe = universe;
	for (s->count = 0; s->count < most && n < universe; s->count++) {
		s->list[s->count] = (uint32_t)n;
		if (draw(seed, 50) == 0 || s->count == 0)
			gap = draw_size(seed, universe);
		n += 1 + draw(seed, gap);
	}
	if (n >= universe && s->count > 0 && draw(seed, 2))
		s->list[s->count - 1] = universe - 1;
}

/* Anything may stand behind a list. */
static void
write_sample(struct sample *s, uint64_t *seed)
{
	size_t before = draw(seed, 8);
	uint8_t behind = (uint8_t)draw(seed, 256);

	s->size = posting_size(s->count, s->universe);
	s->room = before + s->size + POSTING_SLACK;
	s->bytes = malloc(s->room);
	if (!s->bytes)
		exit(1);
	memset(s->bytes, GUARD, s->room);
	s->start = s->bytes + before;
	posting_write(s->start, s->list, s->count, s->universe);
	s->posting = posting_read(s->start, s->universe);
	for (size_t i = before + s->size; i < s->room; i++)
		if (s->bytes[i] == GUARD)
			s->bytes[i] = draw(seed, 2) ? behind : 0xff;
}

static bool
is_written_within(const struct sample *s)
{
	uint8_t *again = malloc(s->size + 2);
	bool within;

	if (!again)
		exit(1);
	again[0] = again[s->size + 1] = GUARD;
	memset(again + 1, GUARD, s->size);
	posting_write(again + 1, s->list, s->count, s->universe);
	within = again[0] == GUARD && again[s->size + 1] == GUARD &&
	    !memcmp(again + 1, s->start, s->size);
	free(again);
	return within;
}

static bool
is_copied(const struct sample *s, uint32_t end, uint32_t room)
{
	static uint32_t out[MOST + 1];
	uint32_t want = 0;

	while (want < s->count && want < room && s->list[want] < end)
		want++;
	out[room] = UINT32_MAX;
	return posting_copy(&s->posting, end, out, room) == want &&
	    !memcmp(out, s->list, want * sizeof *out) &&
	    out[room] == UINT32_MAX;
}

/* Whether w has the numbers of the list within its bounds and no other. */
static bool
has_exactly(const struct window *w, const struct sample *s)
{
	uint32_t n = window_next(w, w->from);

	for (uint32_t i = 0; i < s->count; i++) {
		if (s->list[i] < w->from || s->list[i] >= w->to)
			continue;
		if (n != s->list[i])
			return false;
		n = window_next(w, n + 1);
	}
	return n == w->to;
}

/* Bounds anywhere, also where the universe ends or nothing is. */
static void
open_somewhere(struct window *w, uint64_t *seed, const struct sample *s)
{
	uint32_t near = draw(seed, s->universe), from, size;

	if (s->count > 0 && draw(seed, 2))
		near = s->list[draw(seed, s->count)];
	from = near / 64 * 64;
	if (draw(seed, 8) == 0)
		from = 0;
	if (draw(seed, 16) == 0)
		from = (s->universe + 63) / 64 * 64;
	size = draw_size(seed, 1 << 21) - 1;
	if (size > 1 << 15 && draw(seed, 16))
		size >>= 6;
	if (window_open(w, from, from + size) < 0)
		exit(1);
}

struct wrong {
	uint32_t size, written, copied, cut, marked;
};

static void
try(struct sample *s, uint64_t *seed, struct window *w, struct wrong *wrong)
{
	write_sample(s, seed);
	wrong->size += s->posting.count != s->count;
	wrong->written += !is_written_within(s);
	wrong->copied += !is_copied(s, UINT32_MAX, MOST);
	wrong->cut += !is_copied(s, UINT32_MAX, draw(seed, s->count + 2));
	wrong->cut += !is_copied(s, draw(seed, s->universe), MOST);
	if (s->count > 0)
		wrong->cut += !is_copied(
		    s, s->list[draw(seed, s->count)], s->count);
	for (int i = 0; i < 4; i++) {
		open_somewhere(w, seed, s);
		posting_mark(&s->posting, w);
		wrong->marked += !has_exactly(w, s);
	}
	free(s->bytes);
}

static void
test_random(void)
{
	const size_t n = sizeof universes / sizeof *universes;
	static struct sample s;
	struct window w = {0};
	struct wrong wrong = {0};
	uint64_t seed = 7;

	for (size_t i = 0; i < 300 * n; i++) {
		fill(&s, &seed, universes[i % n]);
		try(&s, &seed, &w, &wrong);
	}
	tap_is_num(wrong.size, 0, "a list knows its count");
	tap_is_num(
	    wrong.written, 0, "it takes the size that was told and no more");
	tap_is_num(wrong.copied, 0, "its numbers are copied as they were");
	tap_is_num(wrong.cut, 0, "and cut at the end and at the room");
	tap_is_num(wrong.marked, 0,
	    "a window gets the numbers within its bounds and no others");
	window_free(&w);
}

/* Each list of the smallest universes. */
static void
test_small(void)
{
	static struct sample s;
	struct window w = {0};
	struct wrong wrong = {0};
	uint64_t seed = 3;

	for (uint32_t universe = 1; universe <= 9; universe++) {
		for (uint32_t set = 0; set < 1u << universe; set++) {
			s.universe = universe;
			s.count = 0;
			for (uint32_t n = 0; n < universe; n++)
				if (set >> n & 1)
					s.list[s.count++] = n;
			try(&s, &seed, &w, &wrong);
		}
	}
	tap_is_num(wrong.size + wrong.written + wrong.copied + wrong.cut +
		wrong.marked,
	    0, "every list of up to nine possible numbers is right");
	window_free(&w);
}

static void
test_united(void)
{
	static struct sample s;
	static bool has[4096];
	struct window w = {0};
	uint64_t seed = 5;
	uint32_t wrong = 0, n;

	for (int round = 0; round < 100; round++) {
		memset(has, 0, sizeof has);
		window_open(&w, 1024, 3000);
		for (uint32_t lists = draw(&seed, 10); lists > 0; lists--) {
			fill(&s, &seed, sizeof has);
			write_sample(&s, &seed);
			posting_mark(&s.posting, &w);
			free(s.bytes);
			for (uint32_t i = 0; i < s.count; i++)
				has[s.list[i]] = true;
		}
		n = window_next(&w, 0);
		for (uint32_t i = 1024; i < 3000; i++) {
			wrong += has[i] != (n == i);
			if (n == i)
				n = window_next(&w, n + 1);
		}
		wrong += n != 3000;
	}
	tap_is_num(wrong, 0, "lists that mark the same window are united");
	window_free(&w);
}

static void
test_size(void)
{
	const uint32_t most = 2147483648;
	uint32_t wrong = 0, larger = 0;

	tap_is_num((long long)posting_size(0, most), 1,
	    "a list of nothing takes a byte");
	tap_is_num((long long)posting_size(1, 1 << 20), 4,
	    "one number below 2^20 takes four bytes");
	tap_is_num((long long)posting_size(3, 1 << 20), 9, "three take nine");
	tap_is_num((long long)posting_size(most, most), 5 + (most / 8),
	    "all numbers below 2^31 take a bit each");
	tap_is_num((long long)posting_size(most / 4, most), 5 + (most / 8),
	    "a fourth of them as much");
	for (uint32_t count = 1; count <= 1 << 16; count++) {
		size_t size = posting_size(count, 1 << 16);

		larger += size > 3 + (1 << 16) / 8;
		wrong += size + 1 < posting_size(count - 1, 1 << 16);
	}
	tap_is_num(larger, 0, "no list is larger than a bitmap");
	tap_is_num(wrong, 0, "none is smaller than a list of fewer numbers");
}

/* A long list: whole words of it are left out and taken at once. */
static void
test_long(void)
{
	static uint32_t list[1 << 18];
	const uint32_t universe = 1 << 20, step[] = {4, 5, 8, 33, 100};
	const uint32_t from[] = {0, 4096, 65536, 1000000 / 64 * 64};
	struct window w = {0};
	uint32_t count, n, wrong = 0;

	for (size_t i = 0; i < 5 * 4; i++) {
		uint32_t gap = step[i % 5], first = from[i / 5];
		uint8_t *bytes;
		struct posting p;

		for (count = n = 0; n < universe; n += gap)
			list[count++] = n;
		bytes = malloc(posting_size(count, universe) + POSTING_SLACK);
		if (!bytes || window_open(&w, first, universe) < 0)
			exit(1);
		posting_write(bytes, list, count, universe);
		p = posting_read(bytes, universe);
		posting_mark(&p, &w);
		n = (first + gap - 1) / gap * gap;
		for (; n < universe; n += gap)
			wrong += window_next(&w, n == 0 ? 0 : n - gap + 1) != n;
		free(bytes);
	}
	tap_is_num(wrong, 0, "long lists are marked from any bound");
	window_free(&w);
}

/* A number far into the first word of gaps, about where windows end. */
static void
test_edge(void)
{
	static struct sample s;
	struct window w = {0};
	uint64_t seed = 9;
	uint32_t wrong = 0;

	s.universe = 1 << 20;
	for (uint32_t high = 50; high < 64; high++) {
		s.list[0] = high << 12 | 4000;
		for (s.count = 1; s.count < 256; s.count++)
			s.list[s.count] = 900000 + s.count;
		write_sample(&s, &seed);
		for (uint32_t back = 0; back < 64; back++) {
			if (window_open(&w, 0, s.list[0] + 32 - back) < 0)
				exit(1);
			posting_mark(&s.posting, &w);
			wrong += !has_exactly(&w, &s);
		}
		free(s.bytes);
	}
	tap_is_num(wrong, 0, "nothing is marked behind the end of a window");
	window_free(&w);
}

int
main(void)
{
	test_size();
	test_small();
	test_random();
	test_united();
	test_long();
	test_edge();
	return tap_done();
}
