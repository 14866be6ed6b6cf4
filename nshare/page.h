#ifndef NAP_PAGE_H
#define NAP_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/slice.h"

struct catalogue;

/*
 * What is shared below a directory, written piece by piece: every file's
 * percent-encoded path, one a line; or as HTML what the directory itself holds.
 * What comes or goes meanwhile is on it or not. A zeroed struct is none; the
 * fields are page.c's.
 */
struct page {
	struct catalogue *files;
	struct page_place *place; /* where it is, and has come to */
	bool html;
	bool chunked;
	int part;
};

/* The room that one piece needs. */
#define PAGE_PIECE_BYTES 65536

/*
 * The page of dir, which ends in no slash; empty is the root. files outlives
 * the page. 0, or -1 with ENOENT when nothing is below dir, which is not root,
 * or ENOMEM.
 */
int page_open(
    struct page *page, struct catalogue *files, struct slice dir, bool html);

/* Its bytes are to be a body in chunks (RFC 9112 §7.1), the last one included. */
void page_chunk(struct page *page);

/* Legal for none. */
void page_close(struct page *page);

/* Of its Content-Type. */
const char *page_type(const struct page *page);

/*
 * Append the next piece, at least PAGE_PIECE_BYTES having room. 1, 0 when the
 * page is complete, -1 as buf_add.
 */
int page_write(struct page *page, struct buf *out);

#endif
