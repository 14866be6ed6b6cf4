#ifndef NAP_HTTP_FIELD_H
#define NAP_HTTP_FIELD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "slice.h"

/*
 * Field lines (RFC 9110 §5, RFC 9112 §2 and §5), for the http family alone.
 *
 * A line ends in CRLF or in LF alone, as RFC 9112 §2.2 allows; a CR anywhere
 * else is a control byte, and those are refused, so no line has two readings.
 */

/* A message head taken apart into lines, or as much of one as has come. */
struct http_field_head {
	struct slice start; /* the start line, without its terminator */
	bool has_start; /* that line is complete */
	struct slice fields; /* the field lines, with their terminators */
	size_t bytes; /* of the head, its empty line included; 0: incomplete */
};

/*
 * Find the start line and the end of the head at the front of in, which does
 * not begin with an empty line.
 */
void http_field_split(struct slice in, struct http_field_head *head);

struct http_field {
	struct slice name; /* a token */
	struct slice value; /* without outer blanks; ptr is never NULL */
};

/*
 * Take the next line off fields. Returns the bytes taken, 0 when none is left,
 * -1 when it is malformed: no name, a blank before the colon, a folded line, a
 * control byte.
 */
ssize_t http_field_next(struct slice *fields, struct http_field *field);

bool http_field_named(const struct http_field *field, const char *name);

/*
 * Take the next member off a comma-separated list (RFC 9110 §5.6.1): empty ones
 * are skipped, and a comma in a quoted string separates nothing. Returns false
 * when none is left.
 */
bool http_field_member(struct slice *list, struct slice *member);

/* How many bytes at the front of s are those of a token (RFC 9110 §5.6.2). */
size_t http_field_token_span(struct slice s);

/* Whether s is free of control bytes, tabs aside. */
bool http_field_is_text(struct slice s);

/* What the fields that both kinds of message have say of its framing. */
struct http_field_framing {
	bool has_length;
	bool length_repeated; /* several times the same */
	uint64_t length;
	bool chunked;
	bool close;
	bool keep_alive;
};

/*
 * Take what field says of the framing, if it says anything. 0, or -1 when it is
 * malformed, contradicts what came before, or names a coding other than
 * chunked.
 */
int http_field_take_framing(
    struct http_field_framing *framing, const struct http_field *field);

/*
 * Whether the framing of a whole HTTP/1.minor head has one reading only (RFC
 * 9112 §6.1): not Transfer-Encoding with Content-Length, nor in HTTP/1.0.
 */
bool http_field_framing_is_sound(
    const struct http_field_framing *framing, int minor);

/* RFC 9112 §9.3. */
bool http_field_persists(const struct http_field_framing *framing, int minor);

#endif
