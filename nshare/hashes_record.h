#ifndef NAP_HASHES_RECORD_H
#define NAP_HASHES_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "facts.h"
#include "lib/digest.h"
#include "lib/slice.h"

/* A file, and its digest. No gaps: it is compared as bytes. */
struct hashes_entry {
	struct facts facts;
	uint8_t digest[DIGEST_BYTES];
};

/* What is kept of it. */
struct hashes_record {
	struct hashes_entry entry;
	uint16_t day; /* it was in use then, in days since the epoch */
};

#define HASHES_RECORD_NO_DAY 0

/* As it stands in a file. */
#define HASHES_RECORD_BYTES 96

void hashes_record_put(
    const struct hashes_record *record, uint8_t bytes[HASHES_RECORD_BYTES]);

/*
 * Take the first sound record out of bytes, with all that stands before it.
 * False when there is none; bytes is then what another may begin with. One of
 * the first version has no day.
 */
bool hashes_record_take(struct slice *bytes, struct hashes_record *record);

#endif
