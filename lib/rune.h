#ifndef NAP_RUNE_H
#define NAP_RUNE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "slice.h"

/*
 * Decode the UTF-8 character at the front of s, which is not empty. Returns its
 * length, 1 to 4; 0 when the first byte begins no well-formed one (RFC 3629:
 * overlong forms, surrogates and values past U+10FFFF are none).
 */
size_t rune_decode(struct slice s, uint32_t *rune);

/* Encode a valid rune; returns its length, 1 to 4. */
size_t rune_encode(uint32_t rune, char out[4]);

/* Whether all of s is well-formed UTF-8. */
bool rune_valid(struct slice s);

/*
 * Append s so that a terminal shows it and obeys none of it: control
 * characters (C0, DEL, C1, line and paragraph separators, direction overrides)
 * and bytes that are not UTF-8 become \xNN, a backslash \\. 0, or -1 as
 * buf_add, with s cut at a character.
 */
int rune_visible(struct buf *out, struct slice s);

#endif
