#ifndef NAP_TITLE_H
#define NAP_TITLE_H

#include <stdbool.h>

#include "lib/slice.h"
#include "lib/utf8.h"
#include "segment.h"

/* A path, folded, and what ranking asks of it: naputils(7), What FIND finds. */
struct title {
	struct slice text; /* all of it */
	struct slice base; /* its basename */
	struct slice stem; /* the basename without the extension */
	struct slice ext;
	bool has_ext;
};

/* An extension is no longer than this, or it is none. */
#define TITLE_EXT_MAX 16

/* Room for a folded path. */
#define TITLE_ROOM (NAMES_PATH_MAX * UTF8_FOLD_GROWTH)

/* The title points into room, which need not be cleared. */
struct title title_read(struct slice path, char room[TITLE_ROOM]);

/* What stands behind the last slash of a path, folded or not. */
struct slice title_basename(struct slice path);

#endif
