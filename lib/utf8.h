#ifndef NAP_UTF8_H
#define NAP_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "slice.h"

/* Folding makes text at most this many times longer. */
#define UTF8_FOLD_GROWTH 3

/* And at most this many times shorter. */
#define UTF8_FOLD_SHRINK 3

/*
 * Fold s into out so that what is alike in naputils(7), What FIND finds, is
 * equal bytewise: case-blind for ASCII and for Latin, Greek and Cyrillic, and
 * in canonical decomposition (UAX #15 NFD), so that composed and decomposed
 * accents are alike. Bytes that are not UTF-8 stay as they are. out has room
 * for UTF8_FOLD_GROWTH * s.len bytes. Returns the length.
 */
size_t utf8_fold(struct slice s, char *out);

/* A byte that belongs to a word: an ASCII letter or digit, or 0x80 and up. */
static inline bool
utf8_is_word(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') ||
	    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Take the next word off the front of rest; false when none is left. */
bool utf8_word(struct slice *rest, struct slice *word);

#endif
