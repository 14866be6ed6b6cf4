#include "utf8.h"

#include <stdint.h>
#include <string.h>

#include "rune.h"
#include "utf8_fold.inc"

/*
 * Combining marks are sorted within at most this many in a row, so that a
 * hostile name costs no more than a long one. No writing comes near it: the
 * Stream-Safe Text Format of UAX #15 allows 30.
 */
#define MARKS_MAX 32

/* Hangul syllables decompose by arithmetic: Unicode §3.12. */
#define HANGUL_FIRST 0xac00u
#define HANGUL_COUNT 11172u
#define HANGUL_L 0x1100u
#define HANGUL_V 0x1161u
#define HANGUL_T 0x11a7u
#define HANGUL_N_V 21u
#define HANGUL_N_T 28u

struct mark {
	uint32_t rune;
	unsigned class;
};

/* Where the folded text grows, and the marks that still wait for more. */
struct folder {
	char *end;
	size_t n_marks;
	struct mark marks[MARKS_MAX];
};

/* What utf8_fold.awk knows of a character. */
static unsigned
leaf_of(uint32_t rune)
{
	if (rune >= FOLD_LIMIT)
		return 0;
	return fold_leaf[fold_block[rune / FOLD_BLOCK] * FOLD_BLOCK +
	    rune % FOLD_BLOCK];
}

static void
put_marks(struct folder *f)
{
	for (size_t i = 0; i < f->n_marks; i++)
		f->end += rune_encode(f->marks[i].rune, f->end);
	f->n_marks = 0;
}

/* Behind the waiting marks of its class and of lower ones. */
static void
put_mark(struct folder *f, struct mark mark)
{
	size_t i;

	if (f->n_marks == MARKS_MAX)
		put_marks(f);
	for (i = f->n_marks++; i > 0; i--) {
		if (f->marks[i - 1].class <= mark.class)
			break;
		f->marks[i] = f->marks[i - 1];
	}
	f->marks[i] = mark;
}

static void
put_starter(struct folder *f, uint32_t rune)
{
	put_marks(f);
	f->end += rune_encode(rune, f->end);
}

static void
put_folded(struct folder *f, uint32_t rune)
{
	unsigned class = leaf_of(rune);

	if (class == 0)
		put_starter(f, rune);
	else
		put_mark(f, (struct mark){rune, class});
}

static void
put_hangul(struct folder *f, uint32_t syllable)
{
	uint32_t l = syllable / (HANGUL_N_V * HANGUL_N_T);
	uint32_t v = syllable / HANGUL_N_T % HANGUL_N_V;
	uint32_t t = syllable % HANGUL_N_T;

	put_starter(f, HANGUL_L + l);
	put_starter(f, HANGUL_V + v);
	if (t > 0)
		put_starter(f, HANGUL_T + t);
}

static void
put_rune(struct folder *f, uint32_t rune)
{
	unsigned leaf = leaf_of(rune);
	const uint32_t *text;

	if (rune - HANGUL_FIRST < HANGUL_COUNT) {
		put_hangul(f, rune - HANGUL_FIRST);
	} else if (leaf < FOLD_TEXT) {
		put_folded(f, rune);
	} else {
		text = fold_text + (leaf - FOLD_TEXT);
		for (; !(*text & FOLD_LAST); text++)
			put_folded(f, *text);
		put_folded(f, *text & ~FOLD_LAST);
	}
}

/* Fold the ASCII at the front of s; returns what follows. */
static struct slice
put_ascii(struct folder *f, struct slice s)
{
	size_t i;
	unsigned char c;

	put_marks(f);
	for (i = 0; i < s.len; i++) {
		c = (unsigned char)s.ptr[i];
		if (c >= 0x80)
			break;
		f->end[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	f->end += i;
	return slice_skip(s, i);
}

/* Fold the character, or pass the stray byte, at the front of s. */
static struct slice
put_other(struct folder *f, struct slice s)
{
	uint32_t rune;
	size_t n = rune_decode(s, &rune);

	if (n > 0) {
		put_rune(f, rune);
		return slice_skip(s, n);
	}
	put_marks(f);
	*f->end++ = *s.ptr;
	return slice_skip(s, 1);
}

size_t
utf8_fold(struct slice s, char *out)
{
	struct folder f;

	f.end = out;
	f.n_marks = 0;
	while (s.len > 0) {
		if ((unsigned char)*s.ptr < 0x80)
			s = put_ascii(&f, s);
		else
			s = put_other(&f, s);
	}
	put_marks(&f);
	return (size_t)(f.end - out);
}

/* How many bytes at the front of s all are of a word, or all are not. */
static size_t
run(struct slice s, bool of_word)
{
	size_t i = 0;

	while (i < s.len && utf8_is_word((unsigned char)s.ptr[i]) == of_word)
		i++;
	return i;
}

bool
utf8_word(struct slice *rest, struct slice *word)
{
	*rest = slice_skip(*rest, run(*rest, false));
	*word = slice_of(rest->ptr, run(*rest, true));
	*rest = slice_skip(*rest, word->len);
	return word->len > 0;
}
