#ifndef NAP_NUM_H
#define NAP_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slice.h"

/*
 * A decimal number from min to max: digits alone, no sign, no blanks. Returns
 * 0, or -1 with EINVAL (no number) or ERANGE; *value is then untouched.
 */
int num_parse(struct slice s, uint64_t min, uint64_t max, uint64_t *value);

/*
 * A count of bytes: digits, then at most one of K M G T in either case, powers
 * of 1024. Returns as num_parse does.
 */
int num_parse_size(struct slice s, uint64_t *value);

/* Bytes as people read them: "0", "999", "1.5K", "23M", "1.2G". */
#define NUM_SIZE_TEXT 24
const char *num_size_text(uint64_t bytes, char text[NUM_SIZE_TEXT]);

/*
 * Exactly n bytes from 2n hexadecimal digits, in lower case unless any_case.
 * 0, or -1 with EINVAL.
 */
int num_parse_hex(struct slice s, uint8_t *bytes, size_t n, bool any_case);

/* 2n hexadecimal digits in lower case, and a NUL. */
void num_hex(const uint8_t *bytes, size_t n, char *text);

#endif
