#ifndef NAP_MIME_H
#define NAP_MIME_H

#include "lib/slice.h"

/*
 * The media type that the extension of path tells, as a Content-Type;
 * application/octet-stream when it tells none.
 */
const char *mime_type(struct slice path);

#endif
