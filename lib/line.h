#ifndef NAP_LINE_H
#define NAP_LINE_H

#include <sys/types.h>

#include "slice.h"

/* The longest line, without its terminator. */
#define LINE_MAX_BYTES 16384

/*
 * Point line at the first complete line of in, without its LF and one CR before
 * it. Returns the bytes to consume, terminator included; 0 when no line is
 * complete yet; -1 with EMSGSIZE when it is longer than LINE_MAX_BYTES, EINVAL
 * when it holds a NUL. line is valid as long as in.
 */
ssize_t line_next(struct slice in, struct slice *line);

/*
 * The same at the end of the stream, where a last line without LF counts; a CR
 * at its end is dropped too. 0 means that nothing is left.
 */
ssize_t line_last(struct slice in, struct slice *line);

#endif
