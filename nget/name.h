#ifndef NAP_NGET_NAME_H
#define NAP_NGET_NAME_H

#include <stdbool.h>

#include "lib/slice.h"

/* What is beside NAME while it arrives. */
#define NAME_PART ".part"
#define NAME_FROM ".part.from"
#define NAME_FROM_NEW ".part.from~"

/* The longest NAME. */
#define NAME_BYTES 255

/* What of NAME the names beside it begin with, so that they fit as well. */
#define NAME_STEM_BYTES (NAME_BYTES - sizeof NAME_FROM_NEW + 1)

/*
 * Whether a file may be saved under base, the decoded basename of a locator,
 * or, when chosen, what the user said with -o. Returns NULL, or a constant text
 * that goes on "the name ...".
 */
const char *name_refusal(struct slice base, bool chosen);

/*
 * NAME itself when it is short enough, else its beginning and a hash of all of
 * it. name is one that name_refusal has nothing against.
 */
void name_stem(const char *name, char stem[NAME_STEM_BYTES + 1]);

#endif
