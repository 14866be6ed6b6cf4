#ifndef NAP_SEED_H
#define NAP_SEED_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/slice.h"

struct site;
struct transfer;

/*
 * Look for the seed's "GET <name>" (naputils(7), PEERS, The seed's form) at the
 * front of in, which is where a connection begins: a line that is no HTTP
 * request line. eof: no more will come, so a last line needs no LF. Returns the
 * bytes to consume and the name, raw; 0 when HTTP is to look at it, or more is
 * needed.
 */
ssize_t seed_parse(struct slice in, bool eof, struct slice *name);

/*
 * Begin to send the file name. 0 (an empty file has no transfer), or -1 with
 * errno: EBUSY when no slot is free, anything else when there is no such file.
 */
int seed_open(
    const struct site *site, struct slice name, struct transfer *transfer);

#endif
