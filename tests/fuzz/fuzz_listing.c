#include "nget/listing.h"

#include "lib/path.h"
#include "tests/fuzz/fuzz.h"

/* A line: the length of a piece; the rest is what a peer says that it shares. */
#define TOLD_BYTES (1024 * 1024)

static const struct locator_host host = {"2001:db8::7", 9000};

/* Each is a locator of this peer, of a path that can be asked for. */
static int
note(void *owner, struct slice locator)
{
	struct buf *told = owner;
	static struct locator l;
	const char *why;

	FUZZ_ASSERT(locator_parse(locator, &l, &why) == 0);
	FUZZ_ASSERT(!strcmp(l.host.name, host.name) && l.host.port == 9000);
	FUZZ_ASSERT(path_valid(slice_of(l.path, l.path_len)));
	FUZZ_ASSERT(!fuzz_has_control(locator) && !l.digest.known);
	buf_add_slice(told, locator);
	return buf_add_str(told, "\n");
}

static void
listen_to(struct buf *told, struct slice in, size_t piece)
{
	struct listing l;
	int status = 0;

	buf_init(told, TOLD_BYTES);
	listing_init(&l, &host, note, told);
	while (status == 0 && in.len > 0) {
		struct slice copy = fuzz_copy(
		    slice_of(in.ptr, piece < in.len ? piece : in.len));

		status = listing_take(&l, copy);
		in = slice_skip(in, copy.len);
		fuzz_free(copy);
	}
	if (status == 0)
		status = listing_end(&l);
	FUZZ_ASSERT((status < 0) == l.malformed);
	buf_printf(told, "%zu %d", l.strange, status);
	listing_free(&l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size);
	uint64_t piece = fuzz_number(&in);
	struct buf whole, pieces;

	listen_to(&whole, in, in.len);
	listen_to(&pieces, in, fuzz_piece(in, piece));
	FUZZ_ASSERT(slice_eq(buf_slice(&whole), buf_slice(&pieces)));
	buf_free(&whole);
	buf_free(&pieces);
	return 0;
}
