#ifndef NFIND_MERGE_H
#define NFIND_MERGE_H

#include <stddef.h>

struct rows;

/*
 * Make one list, best first, of the answers of count indexes: by class, then by
 * the length and the bytes of the basename, then by the bytes of the path; what
 * is equal in all of these stays in the order of its index, and the indexes
 * take turns. A single list keeps its order. A class that is unknown comes
 * first: exact answers have none.
 *
 * Of the rows with the same locator the first one stays, and learns what the
 * others knew of size, time and digest.
 *
 * Moves the rows out of lists, which are empty afterwards, into merged, which
 * begins empty. 0, or -1 with ENOMEM and the rows wherever they are then.
 */
int merge(struct rows *lists, size_t count, struct rows *merged);

/* Keep the first row of each peer, as it is. */
void merge_peers(struct rows *rows);

#endif
