#ifndef NAP_SWEEP_H
#define NAP_SWEEP_H

#include <stdint.h>

#include "seek.h"

/* Look through the names of the segment from from up to end, one by one. */
enum seek_end sweep_names(struct seek *s, uint32_t from, uint32_t end);

#endif
