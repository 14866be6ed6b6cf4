#include "http_chunk.h"

#include <stdio.h>

/* Leading zeros are as good as none. */
#define SIZE_DIGITS 8

ptrdiff_t
http_chunk_begin(struct buf *out)
{
	size_t begun = buf_len(out);

	return buf_add_str(out, "00000000\r\n") < 0 ? -1 : (ptrdiff_t)begun;
}

int
http_chunk_end(struct buf *out, ptrdiff_t begun)
{
	size_t start = (size_t)begun + SIZE_DIGITS + 2;
	size_t len = buf_len(out) - start;
	char digits[SIZE_DIGITS + 1];

	if (len == 0) {
		buf_truncate(out, (size_t)begun);
		return 0;
	}
	snprintf(digits, sizeof digits, "%08x", (unsigned)len);
	buf_overwrite(out, (size_t)begun, slice_of(digits, SIZE_DIGITS));
	return buf_add_str(out, "\r\n");
}

int
http_chunk_last(struct buf *out)
{
	return buf_add_str(out, "0\r\n\r\n");
}
