#include "hashes_record.h"

#include <endian.h>
#include <string.h>

#include "lib/sha256.h"

/*
 * A record: the magic, whose last byte is the version, the day, the fields of
 * an entry in their order, the lowest byte of a number first, and a check of
 * all before it. The first version had a longer magic, no day, and for a check
 * the first bytes of a SHA-256.
 */
#define RECORD HASHES_RECORD_BYTES
#define CHECK_BYTES 8
#define CHECKED_BYTES (RECORD - CHECK_BYTES)
#define MAGIC_BYTES 6
#define DAY_BYTES 2

static const char magic[] = "\x89NAPd\x02";
static const char first_magic[] = "\x89NAPdig\x01";

/* Those of every version begin with them. */
#define COMMON_BYTES 5

_Static_assert(
    MAGIC_BYTES + DAY_BYTES + sizeof(struct hashes_entry) == CHECKED_BYTES,
    "no gaps");

static uint8_t *
put_64(uint8_t *p, uint64_t num)
{
	num = htole64(num);
	return mempcpy(p, &num, sizeof num);
}

static uint8_t *
put_32(uint8_t *p, uint32_t num)
{
	num = htole32(num);
	return mempcpy(p, &num, sizeof num);
}

static uint64_t
take_64(const uint8_t **p)
{
	uint64_t num;

	memcpy(&num, *p, sizeof num);
	*p += sizeof num;
	return le64toh(num);
}

static uint32_t
take_32(const uint8_t **p)
{
	uint32_t num;

	memcpy(&num, *p, sizeof num);
	*p += sizeof num;
	return le32toh(num);
}

/* Against accidents. Each step can be undone: no change of a word is lost. */
static uint64_t
check_of(const uint8_t *bytes)
{
	const uint8_t *p = bytes;
	uint64_t check = 0;

	while (p < bytes + CHECKED_BYTES) {
		check = (check ^ take_64(&p)) * 0x9e3779b97f4a7c15u;
		check ^= check >> 32;
	}
	return check;
}

static uint64_t
first_check_of(const uint8_t *bytes)
{
	struct digest digest;
	const uint8_t *p = digest.bytes;
	struct sha256 hash;

	sha256_init(&hash);
	sha256_add(&hash, bytes, CHECKED_BYTES);
	sha256_end(&hash, &digest);
	return take_64(&p);
}

void
hashes_record_put(
    const struct hashes_record *record, uint8_t bytes[HASHES_RECORD_BYTES])
{
	const struct hashes_entry *e = &record->entry;
	uint8_t *p = bytes;

	memcpy(p, magic, MAGIC_BYTES);
	p += MAGIC_BYTES;
	*p++ = (uint8_t)record->day;
	*p++ = (uint8_t)(record->day >> 8);
	p = put_64(p, e->facts.device);
	p = put_64(p, e->facts.inode);
	p = put_64(p, e->facts.size);
	p = put_64(p, (uint64_t)e->facts.mtime);
	p = put_64(p, (uint64_t)e->facts.ctime);
	p = put_32(p, e->facts.mtime_ns);
	p = put_32(p, e->facts.ctime_ns);
	memcpy(p, e->digest, DIGEST_BYTES);
	put_64(p + DIGEST_BYTES, check_of(bytes));
}

static bool
is_sound(const uint8_t *bytes, bool first)
{
	const uint8_t *p = bytes + CHECKED_BYTES;
	uint64_t check = take_64(&p);

	return check == (first ? first_check_of(bytes) : check_of(bytes));
}

/* Whether RECORD bytes are a sound record. */
static bool
read_record(const uint8_t *bytes, struct hashes_record *record)
{
	bool first = memcmp(bytes, first_magic, sizeof first_magic - 1) == 0;
	const uint8_t *p = bytes + MAGIC_BYTES;
	struct hashes_entry *e = &record->entry;

	if ((!first && memcmp(bytes, magic, MAGIC_BYTES) != 0) ||
	    !is_sound(bytes, first))
		return false;
	record->day = first ? HASHES_RECORD_NO_DAY
			    : (uint16_t)(p[0] | p[1] << 8);
	p += DAY_BYTES;
	e->facts.device = take_64(&p);
	e->facts.inode = take_64(&p);
	e->facts.size = take_64(&p);
	e->facts.mtime = (int64_t)take_64(&p);
	e->facts.ctime = (int64_t)take_64(&p);
	e->facts.mtime_ns = take_32(&p);
	e->facts.ctime_ns = take_32(&p);
	memcpy(e->digest, p, DIGEST_BYTES);
	return true;
}

/* Bytes from the next magic on, or from where one could begin. */
static struct slice
next_magic(struct slice bytes)
{
	const char *at;

	if (bytes.len < COMMON_BYTES)
		return bytes;
	at = memmem(bytes.ptr, bytes.len, magic, COMMON_BYTES);
	if (at)
		return slice_skip(bytes, (size_t)(at - bytes.ptr));
	return slice_skip(bytes, bytes.len - (COMMON_BYTES - 1));
}

bool
hashes_record_take(struct slice *bytes, struct hashes_record *record)
{
	struct slice rest = next_magic(*bytes);
	bool sound = false;

	while (rest.len >= RECORD && !sound) {
		sound = read_record((const uint8_t *)rest.ptr, record);
		rest = slice_skip(rest, sound ? RECORD : 1);
		if (!sound)
			rest = next_magic(rest);
	}
	*bytes = rest;
	return sound;
}
