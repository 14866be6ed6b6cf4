#include "lib/sha256.h"

#include "lib/sha256_blocks.h"
#include "tests/fuzz/fuzz.h"

/* Pairs of bytes: a third of the length of what is added next, and what that is. */
#define BYTES (64 * 1024)

static struct digest
digest_whole(struct slice text, sha256_blocks_fn *blocks)
{
	struct digest digest;
	struct sha256 hash;

	sha256_init(&hash);
	if (blocks)
		hash.blocks = blocks;
	sha256_add(&hash, text.ptr, text.len);
	sha256_end(&hash, &digest);
	FUZZ_ASSERT(digest.known);
	return digest;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), piece;
	struct digest pieces, whole, portable;
	static char mem[BYTES + 1];
	struct sha256 hash;
	struct buf text;

	buf_borrow(&text, mem, sizeof mem);
	sha256_init(&hash);
	while (in.len > 0) {
		size_t len = 3 * (size_t)fuzz_byte(&in);
		char *at = buf_reserve(&text, len);

		if (!at)
			break;
		memset(at, fuzz_byte(&in), len);
		for (size_t i = 0; i < len; i += 7)
			at[i] ^= (char)(buf_len(&text) + i);
		buf_commit(&text, len);
		piece = fuzz_copy(slice_of(at, len));
		sha256_add(&hash, piece.ptr, piece.len);
		fuzz_free(piece);
	}
	sha256_end(&hash, &pieces);
	whole = digest_whole(buf_slice(&text), NULL);
	portable = digest_whole(buf_slice(&text), sha256_blocks_portable);
	FUZZ_ASSERT(digest_eq(&pieces, &whole));
	FUZZ_ASSERT(digest_eq(&portable, &whole));
	return 0;
}
