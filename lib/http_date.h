#ifndef NAP_HTTP_DATE_H
#define NAP_HTTP_DATE_H

#include <stdint.h>
#include <time.h>

#include "slice.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL. */
#define HTTP_DATE_TEXT 30

/* RFC 9110 §5.6.7, independent of the locale; returns text. */
const char *http_date_text(time_t when, char text[HTTP_DATE_TEXT]);

/*
 * All three forms of RFC 9110 §5.6.7; a two-digit year that would lie more than
 * 50 years after now is of the century before. 0, or -1 with EINVAL.
 */
int http_date_parse(struct slice text, time_t now, time_t *when);

#endif
