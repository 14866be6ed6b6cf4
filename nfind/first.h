#ifndef NFIND_FIRST_H
#define NFIND_FIRST_H

struct row;
struct rows;

/*
 * The first of rows whose peer accepts a connection, tried in order, each peer
 * once and for a second at most; NULL when none does.
 */
const struct row *first(const struct rows *rows);

#endif
