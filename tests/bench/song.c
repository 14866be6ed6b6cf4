#include "song.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Words of the language, the commonest first. */
#define VOCABULARY 60000.0

#define TRACKS 12
#define ALBUMS 8

/* The names whose number ends so have the rare word: small trials have one. */
#define RARE_AT 4321

static const char *const orders[] = {
    [SONG_SEQUENTIAL] = "sequential",
    [SONG_SHUFFLED] = "shuffled",
    [SONG_RANDOM] = "random",
};

int
song_order(const char *name, enum song_order *order)
{
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		if (strcmp(name, orders[i]) != 0)
			continue;
		*order = (enum song_order)i;
		return 0;
	}
	return -1;
}

/* A number that looks random, one for each x. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* The dice that are thrown for one artist, album or title. */
struct dice {
	uint64_t seed;
	uint64_t thrown;
};

static uint64_t throw(struct dice * d)
{
	return mix(d->seed + ++d->thrown * 0x9e3779b97f4a7c15);
}

/* A name that grows. */
struct text {
	char *bytes;
	size_t len;
};

static void
put(struct text *t, const char *s)
{
	size_t len = strlen(s);

	memcpy(t->bytes + t->len, s, len);
	t->len += len;
}

static void
put_byte(struct text *t, char c)
{
	t->bytes[t->len++] = c;
}

/* A word by its place in the vocabulary: syllables. */
static void
put_ranked(struct text *t, uint64_t rank)
{
	static const char first[] = "bcdfghjklmnprstvw";
	static const char middle[] = "aeiou";
	static const char last[] = "nrsltm";
	uint64_t x = mix(rank + 77);
	unsigned syllables = rank < 40 ? 1 : rank < 4000 ? 2 : 3;

	for (unsigned i = 0; i < syllables; i++, x >>= 16) {
		put_byte(t, first[x % (sizeof first - 1)]);
		put_byte(t, middle[(x >> 5) % (sizeof middle - 1)]);
		if ((x >> 8) % 3 == 0)
			put_byte(t, last[(x >> 10) % (sizeof last - 1)]);
	}
}

/* A word, the common ones more often, as Zipf found. */
static void
put_word(struct text *t, struct dice *d)
{
	double u = (double)(throw(d) >> 11) / 9007199254740992.0;
	size_t start = t->len;

	put_ranked(t, (uint64_t)exp(u * log(VOCABULARY)));
	if (throw(d) % 4 > 0)
		t->bytes[start] = (char)(t->bytes[start] - 'a' + 'A');
}

static void
put_words(struct text *t, struct dice *d, unsigned least, unsigned most)
{
	unsigned count = least + (unsigned)(throw(d) % (most - least + 1));

	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			put_byte(t, ' ');
		put_word(t, d);
	}
}

static void
put_number(struct text *t, uint64_t n, unsigned base, unsigned digits)
{
	static const char all[] = "0123456789abcdefghijklmnopqrstuvwxyz";

	for (unsigned i = digits; i-- > 0; n /= base)
		t->bytes[t->len + i] = all[n % base];
	t->len += digits;
}

/* i is the name's number, x the last throw for its title. */
static void
put_planted(struct text *t, uint64_t i, uint64_t x)
{
	static const char *const common[] = SONG_COMMON;

	if (x % 8 < 3) {
		put_byte(t, ' ');
		put(t, common[x % 8]);
	}
	if ((x >> 8) % 100 == 0)
		put(t, " " SONG_HUNDREDTH);
	if (i % 1000000 == RARE_AT)
		put(t, " " SONG_RARE);
}

/* The i-th of count numbers that come in no order, each once. */
static uint64_t
shuffled(uint64_t i, uint64_t count)
{
	unsigned half = 1;
	uint64_t left, right, next;

	while ((uint64_t)1 << (2 * half) < count)
		half++;
	do {
		left = i >> half;
		right = i & (((uint64_t)1 << half) - 1);
		for (uint64_t turn = 1; turn <= 4; turn++) {
			next = left ^ mix(right + (turn << 32));
			left = right;
			right = next & (((uint64_t)1 << half) - 1);
		}
		i = left << half | right;
	} while (i >= count);
	return i;
}

size_t
song_name(
    enum song_order order, uint64_t i, uint64_t count, char name[SONG_BYTES])
{
	static const char *const types[] = {"mp3", "mp3", "mp3", "flac", "ogg"};
	struct text t = {.bytes = name};
	struct dice title;

	if (order != SONG_SEQUENTIAL)
		i = shuffled(i, count);
	put_words(&t, &(struct dice){.seed = i / TRACKS / ALBUMS}, 1, 2);
	put_byte(&t, '/');
	put_words(&t, &(struct dice){.seed = mix(1 + i / TRACKS)}, 1, 3);
	put_byte(&t, '/');
	put_number(&t, i % TRACKS + 1, 10, 2);
	put_byte(&t, ' ');
	title = (struct dice){.seed = mix(mix(1 + i))};
	put_words(&t, &title, 2, 4);
	put_planted(&t, i, throw(&title));
	put_byte(&t, ' ');
	if (order == SONG_RANDOM)
		put_number(&t, shuffled(i, 2176782336), 36, 6);
	else
		put_number(&t, i, 10, 8);
	put_byte(&t, '.');
	put(&t, types[throw(&title) % 5]);
	return t.len;
}
