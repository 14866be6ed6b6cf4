#ifndef NAP_HTTP_CHUNK_H
#define NAP_HTTP_CHUNK_H

#include <stddef.h>

#include "buf.h"

/*
 * A body of unknown length, in chunks (RFC 9112 §7.1), whose own lengths show
 * only once they are written.
 */

/* What a chunk takes beside its content. */
#define HTTP_CHUNK_FRAME_BYTES 12

/*
 * Begin a chunk at the end of out, which has the room; its content is appended
 * next. Returns what to end it with, -1 as buf_add.
 */
ptrdiff_t http_chunk_begin(struct buf *out);

/* End it; one without content is taken back. 0, or -1 as buf_add. */
int http_chunk_end(struct buf *out, ptrdiff_t begun);

/* After the last chunk. 0, or -1 as buf_add. */
int http_chunk_last(struct buf *out);

#endif
