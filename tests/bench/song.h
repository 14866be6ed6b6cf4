#ifndef NAP_BENCH_SONG_H
#define NAP_BENCH_SONG_H

#include <stddef.h>
#include <stdint.h>

/*
 * Names that look like a collection of music: artist, album, track, title,
 * some 53 bytes, words as skewed as those of a language. The same in every run.
 */
enum song_order {
	SONG_SEQUENTIAL, /* numbered in the order in which they come */
	SONG_SHUFFLED, /* the same names, in no order */
	SONG_RANDOM /* a random word instead of the number, in no order */
};

/* 0, or -1 when there is no such order. */
int song_order(const char *name, enum song_order *order);

#define SONG_BYTES 256

/* The i-th of count names. Returns its length; all of them are different. */
size_t song_name(
    enum song_order order, uint64_t i, uint64_t count, char name[SONG_BYTES]);

/*
 * Words that are planted in titles: in every eighth name, and no two of these
 * three in one; in every hundredth; in every millionth; in none.
 */
#define SONG_COMMON                    \
	{                              \
		"rock", "jazz", "folk" \
	}
#define SONG_HUNDREDTH "waltz"
#define SONG_RARE "sphynx"
#define SONG_ABSENT "qwxyzq"

#endif
