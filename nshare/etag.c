#include "etag.h"

#include <stdint.h>
#include <sys/stat.h>

#include "lib/num.h"
#include "lib/sha256.h"

#define TAG_BYTES 16

/* Without gaps, and short enough for one block of the hash. */
struct facts {
	uint64_t device;
	uint64_t inode;
	uint64_t size;
	int64_t mtime;
	int64_t ctime;
	uint32_t mtime_ns;
	uint32_t ctime_ns;
};

_Static_assert(sizeof(struct facts) == 48, "no gaps");

const char *
etag_text(const struct stat *st, char text[ETAG_TEXT])
{
	const struct facts facts = {
	    .device = (uint64_t)st->st_dev,
	    .inode = (uint64_t)st->st_ino,
	    .size = (uint64_t)st->st_size,
	    .mtime = st->st_mtim.tv_sec,
	    .ctime = st->st_ctim.tv_sec,
	    .mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
	    .ctime_ns = (uint32_t)st->st_ctim.tv_nsec,
	};
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
