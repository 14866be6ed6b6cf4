#ifndef NFIND_ROW_H
#define NFIND_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/digest.h"
#include "lib/slice.h"

/* One hit: a file of one peer. The slices point into text. */
struct row {
	struct slice at; /* host:port, an IPv6 address in brackets */
	struct slice host; /* of it, without brackets */
	struct slice path; /* decoded, and valid (path_valid) */
	uint16_t port;
	unsigned rank; /* <class>, 0 when unknown */
	uint64_t size; /* or PROTO_NO_SIZE */
	int64_t mtime; /* or PROTO_NO_TIME */
	struct digest digest;
	size_t place; /* merge.c's */
	char text[];
};

/*
 * A row of FIND or HASH (naputils(7), THE INDEX, Requests), every field of it
 * checked. NULL with EINVAL (it makes no sense) or ENOMEM. To be freed with
 * free.
 */
struct row *row_parse(struct slice line);

/*
 * What a line of SEARCH's answer says of the file path: "ip:port", cut at the
 * last colon, IPv4-mapped addresses being IPv4. Unless it is NULL, index takes
 * the place of a loopback address, port aside. NULL with EINVAL or ENOMEM.
 */
struct row *row_parse_peer(
    struct slice line, struct slice path, const struct addr *index);

/* Rows that the list owns. A zeroed struct is an empty list. */
struct rows {
	struct row **list;
	size_t count;
	size_t size; /* what list has room for */
};

/* Append row and own it. 0, or -1 with ENOMEM; row is then freed. */
int rows_add(struct rows *rows, struct row *row);

/* Turn the order round. */
void rows_reverse(struct rows *rows);

/* Keep the first count rows at most. */
void rows_cut(struct rows *rows, size_t count);

/* The list is empty and may be used again. */
void rows_free(struct rows *rows);

#endif
