#ifndef NAP_NGET_EMIT_H
#define NAP_NGET_EMIT_H

#include "lib/slice.h"

/* Write all of data to a descriptor, waiting for it. 0, or -1 with errno. */
int emit(int fd, struct slice data);

#endif
