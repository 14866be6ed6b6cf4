#ifndef NFIND_FORMAT_H
#define NFIND_FORMAT_H

#include "lib/buf.h"

struct print_style;
struct row;

/*
 * Append a row in one form of it, without anything that ends it. They return
 * 0, or -1 as buf_add with part of it appended.
 */

/* host:port/path, with the digest as the style wants it. */
int format_locator(
    struct buf *out, const struct print_style *style, const struct row *row);

/* Locator, size, time (ISO 8601, UTC), digest, path as text; tabs between. */
int format_long(
    struct buf *out, const struct print_style *style, const struct row *row);

/* An object (RFC 8259); a member that is not known is null. */
int format_json(
    struct buf *out, const struct print_style *style, const struct row *row);

/* http://host:port/path */
int format_url(
    struct buf *out, const struct print_style *style, const struct row *row);

/* host:port */
int format_peer(
    struct buf *out, const struct print_style *style, const struct row *row);

#endif
