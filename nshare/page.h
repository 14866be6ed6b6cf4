#ifndef NAP_PAGE_H
#define NAP_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/slice.h"

struct catalogue;

/*
 * What is shared below a directory, written piece by piece: every file's
 * percent-encoded path, one a line; or as HTML what the directory itself holds.
 * The fields are page.c's; a page may be copied, and owns nothing.
 */
struct page {
	const struct catalogue *files;
	size_t first; /* the place of the first file below */
	size_t end;
	size_t next; /* what is written next */
	size_t prefix; /* length of the directory's path, with its slash */
	bool html;
	int part;
};

/* The room that one piece needs. */
#define PAGE_PIECE_BYTES 65536

/*
 * The page of dir, which ends in no slash; empty is the root. files outlives
 * the page. 0, or -1 with ENOENT when nothing is below dir, which is not root.
 */
int page_open(struct page *page, const struct catalogue *files,
    struct slice dir, bool html);

/* Of its Content-Type. */
const char *page_type(const struct page *page);

/*
 * The bytes of all pieces, if they are known before: of text they are, of HTML
 * they are not, since only writing it all would tell.
 */
bool page_length(const struct page *page, uint64_t *length);

/* Append the next piece. 1, 0 when the page is complete, -1 as buf_add. */
int page_write(struct page *page, struct buf *out);

#endif
