#include "etag.h"

#include "facts.h"
#include "lib/num.h"
#include "lib/sha256.h"

#define TAG_BYTES 16

const char *
etag_text(const struct stat *st, char text[ETAG_TEXT])
{
	const struct facts facts = facts_of(st);
	struct digest digest;
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, &facts, sizeof facts);
	sha256_end(&hash, &digest);
	text[0] = '"';
	num_hex(digest.bytes, TAG_BYTES, text + 1);
	text[ETAG_TEXT - 2] = '"';
	text[ETAG_TEXT - 1] = '\0';
	return text;
}
