#ifndef NAP_ETAG_H
#define NAP_ETAG_H

struct stat;

/* 32 hexadecimal digits, the quotes and a NUL. */
#define ETAG_TEXT 35

/*
 * The strong entity tag (RFC 9110 §8.8.3) of the file as st found it: another
 * one whenever device, inode, size, or either time to the nanosecond differs,
 * none of which can be read out of it. Returns text.
 */
const char *etag_text(const struct stat *st, char text[ETAG_TEXT]);

#endif
