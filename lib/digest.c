#include "digest.h"

#include "num.h"

int
digest_parse(struct slice hex, struct digest *d)
{
	struct digest parsed = {.known = true};

	if (num_parse_hex(hex, parsed.bytes, DIGEST_BYTES, false) < 0)
		return -1;
	*d = parsed;
	return 0;
}

int
digest_add(struct buf *out, const struct digest *d)
{
	char hex[DIGEST_HEX + 1];

	if (!d->known)
		return buf_add_str(out, "-");
	num_hex(d->bytes, DIGEST_BYTES, hex);
	return buf_add(out, hex, DIGEST_HEX);
}

bool
digest_eq(const struct digest *a, const struct digest *b)
{
	return a->known && b->known &&
	    !memcmp(a->bytes, b->bytes, DIGEST_BYTES);
}
