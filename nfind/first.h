#ifndef NFIND_FIRST_H
#define NFIND_FIRST_H

#include <stdint.h>

struct row;
struct rows;

/*
 * The first of rows whose peer accepts a connection; NULL when none does.
 * Several are dialled at a time, each peer once and for a second at most, all
 * together for timeout_ms: it is the first of those that have accepted by the
 * time that all before it have failed. Peers with a name in place of an address
 * are left out, and of the rows of one peer the first one stays (merge_peers).
 */
const struct row *first(struct rows *rows, int64_t timeout_ms);

#endif
