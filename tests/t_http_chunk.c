#include "lib/http_chunk.h"

#include "tap.h"

static struct buf out;

static void
test_chunks(void)
{
	ptrdiff_t begun;

	buf_add_str(&out, "head");
	begun = http_chunk_begin(&out);
	buf_add_str(&out, "hello, world");
	http_chunk_end(&out, begun);
	tap_is_slice(buf_slice(&out), SLICE("head0000000c\r\nhello, world\r\n"),
	    "a chunk says how long its content is");
	tap_is_num((long long)buf_len(&out), 4 + HTTP_CHUNK_FRAME_BYTES + 12,
	    "in so many bytes more");
	buf_truncate(&out, 0);
	http_chunk_end(&out, http_chunk_begin(&out));
	tap_is_num((long long)buf_len(&out), 0,
	    "one without content, which would be the last, is taken back");
	http_chunk_last(&out);
	tap_is_slice(buf_slice(&out), SLICE("0\r\n\r\n"), "the last is empty");
}

static void
test_moved(void)
{
	ptrdiff_t begun;

	buf_truncate(&out, 0);
	buf_add_str(&out, "what has left");
	buf_consume(&out, 5);
	begun = http_chunk_begin(&out);
	for (int i = 0; i < 2000; i++)
		buf_add_str(&out, "x");
	http_chunk_end(&out, begun);
	tap_ok(slice_starts(buf_slice(&out), SLICE("has left000007d0\r\nxxx")),
	    "its length is known even when the queue has moved meanwhile");
}

static void
test_room(void)
{
	ptrdiff_t begun;
	struct buf small;
	char mem[16];

	buf_borrow(&small, mem, 10);
	tap_is_num(http_chunk_begin(&small), -1, "a chunk needs room to begin");
	buf_borrow(&small, mem, 12);
	begun = http_chunk_begin(&small);
	buf_add_str(&small, "a");
	tap_is_num(http_chunk_end(&small, begun), -1, "and to end");
}

int
main(void)
{
	buf_init(&out, 65536);
	test_chunks();
	test_moved();
	test_room();
	buf_free(&out);
	return tap_done();
}
