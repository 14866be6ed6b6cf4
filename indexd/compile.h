#ifndef NAP_COMPILE_H
#define NAP_COMPILE_H

#include "reading.h"
#include "run.h"

/*
 * Make the lists of a run: its lexicon and its grams, from what was read of
 * its names. 0, or -1 with ENOMEM; what was made is the run's to free.
 */
int compile_run(struct run *run, const struct reading *reading);

#endif
